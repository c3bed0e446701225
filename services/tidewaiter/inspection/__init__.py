"""Looking into the stream afterwards: what was decided and why, what was set aside, whether it all adds up."""
