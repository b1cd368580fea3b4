"""Written dates and times of day, in many languages and calendars."""
