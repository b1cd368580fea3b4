"""The only code that knows DuckDB, Parquet and the WARC archive."""
