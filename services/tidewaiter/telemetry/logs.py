"""Log lines as JSON on stderr: one for a change of state, none for a parcel."""

import logging
import re
import sys
from math import inf

import structlog

from tidewaiter.telemetry.clients import CLIENT_LOGGER

_SELDOM_SECONDS = 60.0
_MOST_LINES = 1_000


class Seldom(logging.Filter):
    """The same line, but for its numbers, once a minute at most.

    While a broker is away librdkafka repeats itself 40 times a second, and aiokafka 90 times: 45 MB an hour.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        line = re.sub(r"\d+", "", record.getMessage())
        # Of a clock that was set back nothing is kept from being told.
        if 0 <= record.created - self._told_at.get(line, -inf) < _SELDOM_SECONDS:
            return False
        if len(self._told_at) >= _MOST_LINES:
            self._told_at.clear()
        self._told_at[line] = record.created
        return True


def configure_logs() -> None:
    """Set up logging for a process. Idempotent. librdkafka's own lines come through the logging module."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
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
    lines.addFilter(Seldom())
    logging.basicConfig(level=logging.WARNING, handlers=[lines], force=True)
    logging.getLogger(CLIENT_LOGGER).setLevel(logging.WARNING)
