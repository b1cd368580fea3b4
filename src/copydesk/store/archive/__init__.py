"""The WARC archive: append, read back, redact."""
