"""When a source runs: intervals, cron and RRULE in a time zone. Pure functions of time."""
