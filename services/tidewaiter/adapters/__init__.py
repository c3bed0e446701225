"""The technologies behind the ports, one to a file: Kafka, Redis, the clock, Parquet."""
