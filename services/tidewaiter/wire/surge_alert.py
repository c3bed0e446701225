"""`surge-alerts`: who departs far from its habit, for the inspection and for analysts; it names nobody."""

from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

import orjson
from msgspec import Struct

from tidewaiter.domain.surge import Subject, SurgeAlert, SurgeKind, SurgeMeasure
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.instant import DUMP_OPTIONS, from_ms
from tidewaiter.wire.malformed import Malformed

_VERSION: Final = "1.0"
_EPOCH: Final = date(1970, 1, 1)
_OF_THE_HOUR: Final = "-hour"
_HOUR_MS: Final = 3_600_000
_DAY_MS: Final = 86_400_000
_DIGITS: Final = 4


class PublicSurge(Struct, frozen=True):
    """One measure, over the window from ``since`` to the alert's ``at``."""

    measure: SurgeMeasure
    since: datetime
    seen: float
    usual: float
    times: float


class PublicSurgeAlert(Struct, frozen=True, kw_only=True):
    """An alert as `surge-alerts.v1` publishes it; see ``domain.surge``."""

    alert_id: str
    schema_version: str
    subject: Subject
    kind: SurgeKind
    entity: str
    day: date
    at: datetime
    days_known: int
    surges: tuple[PublicSurge, ...]
    examples: tuple[str, ...]


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


def decode(value: bytes) -> PublicSurgeAlert | Malformed:
    """The alert that a record says, checked against the published schema."""
    return _contract().read(value)


def _since_ms(at_ms: int, measure: SurgeMeasure) -> int:
    """An hour before, or the day's beginning: no window reaches over midnight."""
    midnight = at_ms // _DAY_MS * _DAY_MS
    return max(at_ms - _HOUR_MS, midnight) if measure.endswith(_OF_THE_HOUR) else midnight


@cache
def _contract() -> Contract[PublicSurgeAlert]:
    return Contract("surge-alerts.v1", PublicSurgeAlert)
