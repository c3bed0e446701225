"""The blobs that the functions of `functions/evidence` take and give, a chunk of lookups at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from tidewaiter.adapters.list_entries import listings
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Answer, Contribution, Kept, Listing, Lookup, Standing
from tidewaiter.domain.watchlist import IDENTIFIER_KINDS
from tidewaiter.domain.window import WINDOWS

CENTS_MOST: Final = 10**12  # keeps sums within 64 bits, whatever a carrier declares
SEQ_MOST: Final = 2**53  # Lua's numbers are doubles
DIGEST_SIGNS: Final = 16
_MEMBER_SIGNS: Final = 10  # 60 bits: enough among the members of one entity, and half the bytes
_EFFECTS: Final = {"count": 0, "withdraw": 1, "look": 2, "restore": 3}
_STANDINGS: Final[tuple[Standing, ...]] = ("new", "repeat", "late")
_MEASURES: Final = {"totals": 1, "distinct": 2}
_WINDOWS: Final = [(_MEASURES[window.measure], window.spans) for window in WINDOWS]

# An address that is asked for on the lists and in a window is hashed once: 0.8 us a text.
_ENTITY_KINDS: Final[Mapping[str, str]] = {
    "person_day": "person",
    "person_press_parts": "person",
    "person_positive_exams": "person",
    "person_gifts": "person",
    "address_names": "address",
    "contact_parties": "contact",
    "pair_parcels": "pair",
    "pair_values": "pair",
    "account_names": "account",
}

_Place = tuple[int, int]
_Found = Mapping[_Place, tuple[Listing, ...]]

_encode = msgspec.msgpack.Encoder().encode


class Terms(Struct, frozen=True, array_like=True):
    """What is the same for every lookup of a call, as `functions/evidence` describes it."""

    small_limit: int
    record_days: int
    generation: str
    worker: str
    answered: int
    new_epoch: str
    epoch: str


class Versions(Struct, frozen=True, array_like=True):
    """What Redis names as current; empty when it names nothing."""

    generation: str
    rules_version: str
    local_version: str
    confirmed: str
    has_identifiers: bool


_Windows = tuple[tuple[int, ...], ...]


class _Head(Struct, frozen=True, array_like=True):
    versions: Versions
    epoch: str
    hits: tuple[int | str, ...]
    calls: int


class Reply(Struct, frozen=True):
    """What ``gather`` answered, to so many calls of the worker by now. ``hits`` is flat: kind, place, listed,
    local; the rest is a lookup each.
    """

    versions: Versions
    epoch: str
    hits: tuple[int | str, ...]
    calls: int
    windows: tuple[tuple[int, _Windows], ...]
    histories: list[bytes | None]


_decode_head = msgspec.msgpack.Decoder(_Head).decode
_decode_windows = msgspec.msgpack.Decoder(tuple[tuple[int, _Windows], ...]).decode


class Questions:
    """A chunk of lookups on its way: what is asked, and how the reply's parts find back to them."""

    def __init__(self, lookups: Sequence[Lookup], tokens: Tokens) -> None:
        self._lookups = lookups
        self._tokens = tokens
        self._members = tokens.of_kind("member")
        self._entities = {
            window.name: (number, tokens.of_kind(_ENTITY_KINDS[window.name]))
            for number, window in enumerate(WINDOWS)
        }

    def request(self, terms: Terms) -> bytes:
        """The argument of the function ``gather``."""
        return _encode((terms, _WINDOWS, self._rows(), self._identifiers()))

    def answers(self, reply: Reply, now: datetime) -> list[Answer]:
        """An answer a lookup, in their order. Raises msgspec.ValidationError for a broken list entry."""
        found = self._found(reply.hits, now) if reply.hits else {}
        rows = zip(self._lookups, reply.windows, reply.histories, strict=True)
        return [
            Answer(history, windows, _identified(row, lookup, found), _STANDINGS[standing])
            for row, (lookup, (standing, windows), history) in enumerate(rows)
        ]

    def _rows(self) -> list[tuple[str, int, str, int, list[int | str]]]:
        parcels = self._tokens.of_kind("parcel")
        return [
            (
                parcels[lookup.parcel],
                min(lookup.seq, SEQ_MOST),
                lookup.digest[:DIGEST_SIGNS],
                _EFFECTS[lookup.effect],
                self._contributions(lookup.contributions),
            )
            for lookup in self._lookups
        ]

    def _contributions(self, contributions: Sequence[Contribution]) -> list[int | str]:
        flat: list[int | str] = []
        for each in contributions:
            number, entities = self._entities[each.window]
            member = each.member
            flat += (
                number,
                entities[each.entity],
                each.day,
                min(max(each.amount, 0), CENTS_MOST),
                self._members[member][:_MEMBER_SIGNS] if member else "",
                1 if each.counted else 0,
            )
        return flat

    def _identifiers(self) -> list[tuple[str, list[str]]]:
        """The tokens to be looked up, by kind; each kind's in the order of the lookups.

        Of kinds that nobody asks for, too: whether they are there is told with every answer.
        """
        asked: dict[str, list[str]] = {kind: [] for kind in IDENTIFIER_KINDS}
        of_kind = self._tokens.of_kind
        for lookup in self._lookups:
            for kind, text in lookup.identifiers:
                asked[kind].append(of_kind(kind)[text])
        return list(asked.items())

    def _places(self) -> list[list[_Place]]:
        """Where each of `_identifiers` stands, for the few batches that have hits."""
        places: dict[str, list[_Place]] = {kind: [] for kind in IDENTIFIER_KINDS}
        for row, lookup in enumerate(self._lookups):
            for column, (kind, _) in enumerate(lookup.identifiers):
                places[kind].append((row, column))
        return list(places.values())

    def _found(self, hits: Sequence[int | str], now: datetime) -> _Found:
        places, found = self._places(), {}
        for kind, number, listed, local in zip(hits[::4], hits[1::4], hits[2::4], hits[3::4], strict=True):
            found[places[int(kind)][int(number)]] = listings(str(listed), str(local), now)
        return found


def histories_request(histories: Sequence[Kept], tokens: Tokens) -> list[int | str | bytes]:
    """The histories as arguments of the functions that keep them; "" stands for no former one."""
    parcels = tokens.of_kind("parcel")
    flat: list[int | str | bytes] = []
    for parcel, history, is_inspected, former in histories:
        flat += (parcels[parcel], int(is_inspected), history, former or b"")
    return flat


def reply(raw: object) -> Reply:
    """What ``gather`` answered. Raises msgspec.DecodeError for anything else."""
    head, windows, *histories = msgspec.convert(raw, list[bytes | None])
    versions, epoch, hits, calls = msgspec.structs.astuple(_decode_head(head or b""))
    return Reply(versions, epoch, hits, calls, _decode_windows(windows or b""), histories)


def number(text: str) -> int:
    """What a key counts; 0 for none. Raises msgspec.ValidationError for what is no number."""
    return msgspec.convert(text or 0, int, strict=False)


def _identified(row: int, lookup: Lookup, found: _Found) -> tuple[tuple[Listing, ...], ...]:
    if not found:
        return ((),) * len(lookup.identifiers)
    return tuple(found.get((row, column), ()) for column in range(len(lookup.identifiers)))
