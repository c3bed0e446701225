"""Stand-ins for the outside world, with its semantics, in memory."""
