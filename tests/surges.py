"""Surge alerts as whoever reads the topic does, by the published schema."""

from datetime import date, datetime

from msgspec import Struct

from tidewaiter.domain.surge import Subject, SurgeKind, SurgeMeasure
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.malformed import Malformed


class PublicSurge(Struct, frozen=True):
    """One measure, over the window from ``since`` to the alert's ``at``."""

    measure: SurgeMeasure
    since: datetime
    seen: float
    usual: float
    times: float


class PublicSurgeAlert(Struct, frozen=True, kw_only=True):
    """An alert as `surge-alerts.v1` publishes it."""

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


def told_surge(value: bytes | None) -> PublicSurgeAlert:
    """The alert that a record says."""
    found = Contract("surge-alerts.v1", PublicSurgeAlert).read(value or b"")
    assert not isinstance(found, Malformed), found.reason
    return found
