"""The line model: forests, scorecards and the story's span."""
