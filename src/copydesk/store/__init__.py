"""The only code that knows DuckDB, the part format and the WARC archive."""
