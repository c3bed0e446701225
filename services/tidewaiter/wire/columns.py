"""Which fields of each topic's messages become columns of the archive, read from whatever bytes came."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import Any, Final, Literal

import orjson
from msgspec import Struct

from tidewaiter.wire.topics import (
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    OFFICER_ACTIONS,
    PARCEL_EVENTS,
    SHADOW_FINDINGS,
)

Kind = Literal["text", "whole", "flag", "time", "texts"]
Cell = str | int | bool | datetime | tuple[str, ...] | None

_FIRST_YEAR, _LAST_YEAR = 2000, 2100


class Column(Struct, frozen=True):
    """A column: its ``path`` through the message; of a list, ``texts`` takes the field of every element.

    Amounts stay the decimal strings that they are on the stream.
    """

    name: str
    path: tuple[str, ...]
    kind: Kind = "text"


def _columns(*named: str, **kinds: Kind) -> tuple[Column, ...]:
    """Columns named as their path with underscores; those with a kind other than text by keyword."""
    texts = [Column(name.replace(".", "_"), tuple(name.split("."))) for name in named]
    return (*texts, *(Column(name, tuple(name.split("__")), kind) for name, kind in kinds.items()))


_PARCEL: Final = ("source_carrier", "hawb")
_ANSWER: Final = (
    *_PARCEL,
    "decision_id",
    "event_id",
    "supersedes",
    "decision",
    "disposition",
    "public_reason",
)

COLUMNS: Final[Mapping[str, tuple[Column, ...]]] = MappingProxyType(
    {
        PARCEL_EVENTS: (
            *_columns(*_PARCEL, "event_id", "event_type", "mawb", "flight_no", "first_us_port", "channel"),
            *_columns("claim", "entry_type", "export_country", "shipper.country", "consignee.region"),
            *_columns("value_usd", "gross_weight_kg", message_seq="whole", event_time="time"),
            Column("hts10", ("items", "hts10"), "texts"),
        ),
        OFFICER_ACTIONS: (
            *_columns(*_PARCEL, "action_id", "action_type", "officer_id", "hold_code", "outcome"),
            *_columns("substance", "weight_kg", "decision_id"),
            Column("event_time", ("action_time",), "time"),
        ),
        DECISIONS: _columns(
            *_ANSWER, message_seq="whole", degraded="flag", latency_ms="whole", event_time="time"
        ),
        HOLD_ORDERS: (
            *_columns(*_ANSWER, "status", "score_band", "policy_version", "rules_version"),
            *_columns(message_seq="whole", degraded="flag", priority="whole", score="whole"),
            *_columns(event_time="time", sampled_control="flag", watchlist_generation="whole"),
            Column("hold_codes", ("holds", "code"), "texts"),
            Column("rule_ids", ("reasons", "rule_id"), "texts"),
        ),
        SHADOW_FINDINGS: (
            *_columns(*_PARCEL, "decision_id", "event_id", "supersedes", "decision", "disposition"),
            *_columns("rules_version", message_seq="whole", degraded="flag", event_time="time"),
            Column("rule_ids", ("findings", "rule_id"), "texts"),
        ),
        DEAD_LETTERS: (
            *_columns(*_PARCEL, "stage", "reason"),
            Column("cause_topic", ("topic",)),
            Column("cause_partition", ("partition",), "whole"),
            Column("cause_offset", ("offset",), "whole"),
        ),
    }
)
"""Topic → its columns. A topic that is not here is not archived."""


def cells(topic: str, value: bytes | None) -> dict[str, Cell]:
    """The cells of a message by column; None where it does not say, or says it in another type.

    Never raises: what the screener refused is archived, too.
    """
    message = _document(value)
    return {column.name: _cell(message, column) for column in COLUMNS[topic]}


def day_of(row: Mapping[str, Cell], timestamp_ms: int) -> date:
    """The day, in UTC, under which a message is filed: of its event, else of its record.

    A time that no parcel of ours can have counts for nothing, or a broken clock would make a folder a day.
    """
    event_time = row.get("event_time")
    if isinstance(event_time, datetime) and _FIRST_YEAR <= event_time.year < _LAST_YEAR:
        return event_time.date()
    return datetime.fromtimestamp(max(timestamp_ms, 0) / 1000, UTC).date()


def _document(value: bytes | None) -> dict[str, Any]:
    try:
        found = orjson.loads(value or b"")
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _cell(message: dict[str, Any], column: Column) -> Cell:
    if column.kind == "texts":
        return _texts(message.get(column.path[0]), column.path[1])
    found: Any = message
    for name in column.path:
        found = found.get(name) if isinstance(found, dict) else None
    return _typed(found, column.kind)


def _typed(found: object, kind: Kind) -> Cell:
    if kind == "flag":
        return found if isinstance(found, bool) else None
    if kind == "whole":
        return found if type(found) is int and abs(found) < 1 << 63 else None
    if not isinstance(found, str):
        return None
    return _time(found) if kind == "time" else found


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else None
    except (ValueError, OverflowError):
        return None


def _texts(found: object, field: str) -> tuple[str, ...]:
    elements = found if isinstance(found, list) else []
    values = (element.get(field) for element in elements if isinstance(element, dict))
    return tuple(value for value in values if isinstance(value, str))
