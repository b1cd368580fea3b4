"""A DuckLake in the place of the DuckDB file: Parquet files, and a catalogue that many machines can use at once."""
