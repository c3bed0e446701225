"""The deployable that decides: events in, one decision each out."""
