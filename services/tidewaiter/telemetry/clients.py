"""What Kafka's clients say of themselves, which only services are to hear."""

import logging

CLIENT_LOGGER = "tidewaiter.kafka"


def silence_clients() -> None:
    """Keep librdkafka's hundreds of lines about a broker that is away from whoever runs a tool: the tool
    says it in one line itself."""
    logging.getLogger(CLIENT_LOGGER).setLevel(logging.CRITICAL + 1)
