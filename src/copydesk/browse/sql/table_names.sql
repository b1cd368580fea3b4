select schema_name || '.' || table_name as name from duckdb_tables() where not internal order by name
