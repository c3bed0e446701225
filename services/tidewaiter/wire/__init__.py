"""Bytes to domain and back, one module a message; the only place that parses or dumps JSON on the stream."""
