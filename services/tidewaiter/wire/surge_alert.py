"""`surge-alerts`: who departs far from its habit, for the inspection and for analysts; it names nobody."""

from datetime import date, timedelta
from typing import Final

import orjson

from tidewaiter.domain.surge import SurgeAlert, SurgeMeasure
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms

_VERSION: Final = "1.0"
_EPOCH: Final = date(1970, 1, 1)
_OF_THE_HOUR: Final = "-hour"
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_DIGITS: Final = 4


def key_of(alert: SurgeAlert) -> str:
    """The record's key, ``kind|entity``: what is told of one entity stays in order."""
    return f"{alert.kind}|{alert.entity}"


def encode(alert: SurgeAlert) -> bytes:
    """The record's value; the same alert gives the same bytes."""
    return orjson.dumps(
        {
            "alert_id": alert.alert_id,
            "schema_version": _VERSION,
            "subject": alert.subject,
            "kind": alert.kind,
            "entity": alert.entity,
            "day": _EPOCH + timedelta(days=alert.day),
            "at": from_ms(alert.at_ms),
            "days_known": alert.days_known,
            "surges": [
                {
                    "measure": surge.measure,
                    "since": from_ms(_since_ms(alert.at_ms, surge.measure)),
                    "seen": round(surge.seen, _DIGITS),
                    "usual": round(surge.usual, _DIGITS),
                    "times": round(surge.times, _DIGITS),
                }
                for surge in alert.surges
            ],
            "examples": alert.examples,
        },
        option=DUMP_OPTIONS,
    )


def _since_ms(at_ms: int, measure: SurgeMeasure) -> int:
    """An hour before, or the day's beginning: no window reaches over midnight."""
    midnight = at_ms // _DAY_MS * _DAY_MS
    return max(at_ms - _HOUR_MS, midnight) if measure.endswith(_OF_THE_HOUR) else midnight
