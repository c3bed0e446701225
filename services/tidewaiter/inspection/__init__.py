"""Looking into the stream afterwards: what was decided and why, what was set aside, whether it adds up."""
