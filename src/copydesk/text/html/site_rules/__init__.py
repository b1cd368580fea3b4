"""Rules that a user wrote for one site."""
