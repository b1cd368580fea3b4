"""The DuckDB file: connections, migrations, keys, free space, the read copy."""
