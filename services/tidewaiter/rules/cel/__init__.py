"""The Common Expression Language (cel.dev), checked against declared types and compiled to Python functions."""
