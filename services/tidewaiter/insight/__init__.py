"""What the stream as a whole shows: surges of shippers, lanes, addresses and texts, and habits of goods."""
