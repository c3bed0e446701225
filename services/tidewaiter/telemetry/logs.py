"""Log lines as JSON on stderr: one for a change of state, none for a parcel."""

import logging
import sys

import structlog

CLIENT_LOGGER = "tidewaiter.kafka"


def configure_logs(*, verbose: bool = False) -> None:
    """Set up logging for a process. Idempotent. librdkafka's own lines come through the logging module."""
    level = logging.DEBUG if verbose else logging.INFO
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    lines = logging.StreamHandler(sys.stderr)
    lines.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(),
            foreign_pre_chain=[
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
            ],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.getLogger(CLIENT_LOGGER).setLevel(logging.WARNING)


def silence_clients() -> None:
    """Keep librdkafka's hundreds of lines about a broker that is away from whoever runs a tool: the tool
    says it in one line itself."""
    logging.getLogger(CLIENT_LOGGER).setLevel(logging.CRITICAL + 1)
