"""What operators see: the metric catalogue, log lines for changes of state, and health probes."""
