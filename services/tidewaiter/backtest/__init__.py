"""History decided once more: what a ruleset would have held, and what of it was worth it."""
