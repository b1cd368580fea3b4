"""A run: its folder and lock, and how it ended."""
