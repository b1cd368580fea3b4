"""The numbers that row rules judge."""
