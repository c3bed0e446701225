"""A record read: whose parcel it is about and what it says, or why that cannot be known."""

from datetime import UTC, datetime

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.screener.case import Case
from tidewaiter.stream.record import Record
from tidewaiter.wire import actions, events
from tidewaiter.wire.headers import DEGRADED_DECISION, LANE_KEY, cause_in, place_name
from tidewaiter.wire.identity import named_by_key
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import OFFICER_ACTIONS, RESCREENS


def read(record: Record) -> Case:
    """The case that a record opens. Never raises, whatever the bytes are."""
    headers = dict(record.headers)
    source, key = record.topic, record.key
    if source == RESCREENS:
        source = cause_in(record.headers).partition("/")[0]
        key = headers.get(LANE_KEY, key)
    case = _action(record, key) if source == OFFICER_ACTIONS else _event(record, key)
    case.headers, case.is_of_officers = headers, source == OFFICER_ACTIONS
    if record.topic == RESCREENS:
        case.degraded_id = _text(headers.get(DEGRADED_DECISION))
    return case


def source_of(record: Record) -> str:
    """Where a record was first read, as topic/partition/offset; of one in the lane, where it came from."""
    if record.topic == RESCREENS:
        return cause_in(record.headers)
    return place_name(*record.place)


def _text(header: bytes | None) -> str:
    return (header or b"").decode(errors="replace")


def _event(record: Record, key: bytes | None) -> Case:
    decoded = events.decode(record.value or b"")
    if isinstance(decoded, Malformed):
        return _unread(record, decoded)
    problem = events.key_problem(key, decoded.event)
    return _unread(record, problem) if problem else Case(record, decoded.event, decoded.digest)


def _action(record: Record, key: bytes | None) -> Case:
    action = actions.decode(record.value or b"")
    if isinstance(action, Malformed):
        return _unread(record, action)
    problem = actions.key_problem(key, action)
    return _unread(record, problem) if problem else Case(record, action, f"action:{action.action_id}")


def _unread(record: Record, malformed: Malformed) -> Case:
    """A case that ends as a dead letter; where its parcel is known, with a message that says no more."""
    named = named_by_key(malformed, record.key)
    digest = events.digest_of(record.value or b"")
    if not named.names_a_parcel:
        return Case(record, None, digest, named)
    bare = _bare(record, named, digest)
    if record.key == f"{named.carrier}|{named.hawb}".encode() and not record.is_displaced:
        return Case(record, bare, digest, named)
    # Nothing is remembered of it here, so a repetition gets a decision of its own.
    return Case(record, bare, f"{digest}@{source_of(record)}", named, is_foreign=True)


def _bare(record: Record, malformed: Malformed, digest: str) -> ParcelEvent:
    return ParcelEvent(
        event_id=malformed.event_id or f"unread-{digest}",
        event_type="SCAN",
        event_time=datetime.fromtimestamp(max(record.timestamp_ms, 0) / 1000, UTC),
        schema_version="1.0",
        source_carrier=malformed.carrier,
        message_seq=malformed.message_seq or 0,
        hawb=malformed.hawb,
    )
