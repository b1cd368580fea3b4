select schema_name || '.' || table_name as name, estimated_size as rows from duckdb_tables() where not internal
