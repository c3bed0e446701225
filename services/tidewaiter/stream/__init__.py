"""Kafka's semantics without Kafka and without parcels: batches, outcomes, offsets, limits, drain."""
