"""The embedded stack: a broker and a Redis from wheels, on loopback, for trying out and for tests."""
