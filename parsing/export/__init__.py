"""Records written as table, CSV, NDJSON or Parquet, as they come and in bounded memory."""
