"""What the stream carried, kept as Parquet files by day: for replays, reports and questions of later on."""
