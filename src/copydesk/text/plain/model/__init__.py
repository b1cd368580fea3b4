"""The line model: tree ensembles, scorecards and the story's span."""
