"""The lists of whom parcels are screened against: read, verified, numbered and switched at once."""
