-- Parquet files are carriers of records, as JSON lines and CSV files are.
comment on column audit.captures.carrier is
    'How they lie in the file: file, gzip, zip, tar, warc, jsonl, csv, parquet, mhtml, eml.';
comment on column audit.captures.member is
    'Name of the member of an archive, of the field of a JSON line, of the column of a CSV or Parquet file.';
