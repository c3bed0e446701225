"""Records that nobody can read, one of each kind that carriers have been known to send."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, NamedTuple

import orjson

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.clock import Clock
from tidewaiter.simulate.declaration import Desk, Slot
from tidewaiter.simulate.message import message
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.traffic import DEFAULT_START

_OVERSIZED_BYTES: Final = 2 * 1024 * 1024
# Positions of their own, so that no carrier's number is also that of a parcel of the traffic.
_FIRST_POSITION: Final = 900_000_000

Stage = Literal["size", "json", "schema", "version", "key"]


class Rubbish(NamedTuple):
    """A broken record. ``why`` names the kind, ``stage`` where reading must fail; ``names_parcel`` says
    whether carrier and number can still be read, so that the parcel has to be held."""

    key: bytes
    value: bytes
    why: str
    stage: Stage
    names_parcel: bool


class Kind(NamedTuple):
    """How a sound record becomes a broken one."""

    why: str
    stage: Stage
    names_parcel: bool
    broken: Callable[[bytes, Fields], bytes]


def _with(**changes: object) -> Callable[[bytes, Fields], bytes]:
    return lambda _, event: orjson.dumps(event | changes)


def _without(name: str) -> Callable[[bytes, Fields], bytes]:
    return lambda _, event: orjson.dumps({field: value for field, value in event.items() if field != name})


def _twice(value: bytes, _: Fields) -> bytes:
    """A second, clean consignee after the first: who reads only the last one never sees the first."""
    return value[:-1] + b',"consignee":{"name":"Jane Clean","country":"US"}}'


def _oversized(value: bytes, _: Fields) -> bytes:
    return value[:-1] + b',"image_refs":["' + b"x" * _OVERSIZED_BYTES + b'"]}'


KINDS: Final = (
    Kind("json-cut-off", "json", False, lambda value, _: value[: len(value) // 2]),
    Kind("json-not-utf8", "json", False, lambda value, _: value.replace(b'"shipper"', b'"ship\xff\xfeer"')),
    Kind("json-trailing-comma", "json", False, lambda value, _: value[:-1] + b",}"),
    Kind("value-empty", "json", False, lambda _, __: b""),
    Kind("value-is-a-list", "json", False, lambda value, _: b"[" + value + b"]"),
    Kind("duplicate-json-key", "json", True, _twice),
    Kind("record-of-2-megabytes", "size", False, _oversized),
    Kind("hawb-missing", "schema", False, _without("hawb")),
    Kind("event-id-missing", "schema", True, _without("event_id")),
    Kind("items-missing", "schema", True, _without("items")),
    Kind("hawb-is-a-number", "schema", False, _with(hawb=123_456_789)),
    Kind("message-seq-is-a-text", "schema", True, _with(message_seq="first")),
    Kind("declared-value-is-a-float", "schema", True, _with(declared_value=12.5)),
    Kind("event-type-unknown", "schema", True, _with(event_type="DELETE")),
    Kind("event-time-without-zone", "schema", True, _with(event_time="yesterday")),
    Kind("version-of-the-future", "version", True, _with(schema_version="2.0")),
    Kind("key-of-another-parcel", "key", True, lambda value, _: value),
)
_OTHER_KEYS: Final[Mapping[str, bytes]] = {"key-of-another-parcel": b"FDX|770000000000"}


def rubbish(seed: int, copies: int = 1) -> Iterator[Rubbish]:
    """Each kind ``copies`` times, with sound declarations of that seed around the breakage; deterministic."""
    desk, clock, chance = Desk(seed), Clock(DEFAULT_START), Chance(seed)
    for copy in range(copies):
        for number, kind in enumerate(KINDS):
            position = chance.below(1_000)
            slot = Slot(_FIRST_POSITION + copy * len(KINDS) + number, clock.at(position), seed)
            sound = message(slot.at, "CREATE", 1, desk.ordinary(slot))
            value = kind.broken(sound.value, orjson.loads(sound.value))
            key = _OTHER_KEYS.get(kind.why, sound.key)
            yield Rubbish(key, value, kind.why, kind.stage, kind.names_parcel)
