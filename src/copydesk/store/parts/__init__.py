"""Parts: the Parquet files that stages hand to each other."""
