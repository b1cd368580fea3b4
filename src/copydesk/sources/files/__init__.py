"""Files as a source: find them, detect their type, read archives, read a capture's bytes again."""
