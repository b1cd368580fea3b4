"""Files as a source: find them, tell what they are, open them, read their bytes again."""
