"""The Common Expression Language (cel.dev), checked against declared types, compiled to Python functions."""
