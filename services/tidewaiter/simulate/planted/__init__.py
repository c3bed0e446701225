"""The cases that are planted in the traffic: what screening must find, and what it must leave alone."""
