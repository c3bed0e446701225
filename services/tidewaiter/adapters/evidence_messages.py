"""The blobs that the functions of `evidence.lua` take and give, a chunk of lookups at a time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from msgspec import Struct

from tidewaiter.adapters.list_entries import listings
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Answer, Contribution, Listing, Lookup, Standing
from tidewaiter.domain.window import WINDOW_NUMBERS, WINDOWS

CENTS_MOST: Final = 10**12  # keeps sums within 64 bits, whatever a carrier declares
SEQ_MOST: Final = 2**53  # Lua's numbers are doubles
DIGEST_SIGNS: Final = 16
_MEMBER_SIGNS: Final = 11  # 66 bits: enough among the members of one entity, and half the bytes
_EFFECTS: Final = {"count": 0, "withdraw": 1, "look": 2}
_STANDINGS: Final[tuple[Standing, ...]] = ("new", "repeat", "late")
_MEASURES: Final = {"totals": 1, "distinct": 2}
_WINDOWS: Final = [(_MEASURES[window.measure], window.spans) for window in WINDOWS]

_Place = tuple[int, int]
_Found = Mapping[_Place, tuple[Listing, ...]]

_encode = msgspec.msgpack.Encoder().encode


class Terms(Struct, frozen=True, array_like=True):
    """What is the same for every lookup of a call, as `evidence.lua` describes it."""

    small_limit: int
    record_days: int
    generation: str
    worker: str
    answered: int
    new_epoch: str


class Versions(Struct, frozen=True, array_like=True):
    """What Redis names as current; empty when it names nothing."""

    generation: str
    rules_version: str
    local_version: str
    has_identifiers: bool


class Reply(Struct, frozen=True, array_like=True):
    """The function's answer without the histories. ``hits`` is flat: kind, place, listed, local."""

    versions: Versions
    epoch: str
    answers: tuple[tuple[int, tuple[tuple[int, ...], ...]], ...]
    hits: tuple[int | str, ...]


_decode_reply = msgspec.msgpack.Decoder(Reply).decode


class Questions:
    """A chunk of lookups on its way: what is asked, and how the reply's parts find back to them."""

    def __init__(self, lookups: Sequence[Lookup], tokens: Tokens) -> None:
        self._lookups = lookups
        self._tokens = tokens
        self._kinds: dict[str, tuple[list[str], list[_Place]]] = {}
        for row, lookup in enumerate(lookups):
            for column, (kind, text) in enumerate(lookup.identifiers):
                asked, places = self._kinds.get(kind) or self._kinds.setdefault(kind, ([], []))
                asked.append(tokens.of_kind(kind)[text])
                places.append((row, column))

    def request(self, terms: Terms) -> bytes:
        """The argument of the function ``gather``."""
        identifiers = [(kind, tokens) for kind, (tokens, _) in self._kinds.items()]
        return _encode((terms, _WINDOWS, self._rows(), identifiers))

    def answers(self, reply: Reply, histories: Sequence[bytes | None], now: datetime) -> list[Answer]:
        """An answer a lookup, in their order. Raises msgspec.ValidationError for a broken list entry."""
        found = self._found(reply.hits, now)
        rows = zip(self._lookups, reply.answers, histories, strict=True)
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
                _contributions(lookup.contributions, self._tokens),
            )
            for lookup in self._lookups
        ]

    def _found(self, hits: Sequence[int | str], now: datetime) -> _Found:
        places = [places for _, places in self._kinds.values()]
        found = {}
        for kind, number, listed, local in zip(hits[::4], hits[1::4], hits[2::4], hits[3::4], strict=True):
            found[places[int(kind)][int(number)]] = listings(str(listed), str(local), now)
        return found


def histories_request(
    histories: Sequence[tuple[str, bytes]], tokens: Tokens, days: int
) -> list[int | str | bytes]:
    """The arguments of the function ``remember``."""
    parcels = tokens.of_kind("parcel")
    flat: list[int | str | bytes] = [days]
    for parcel, history in histories:
        flat += (parcels[parcel], history)
    return flat


def reply(blob: bytes) -> Reply:
    """What ``gather`` answered. Raises msgspec.DecodeError for anything else."""
    return _decode_reply(blob)


def _contributions(contributions: Sequence[Contribution], tokens: Tokens) -> list[int | str]:
    flat: list[int | str] = []
    members = tokens.of_kind("member")
    for each in contributions:
        entity = tokens.of_kind(each.window)[each.entity]
        member = members[each.member][:_MEMBER_SIGNS] if each.member else ""
        amount = min(each.amount, CENTS_MOST)
        flat += (WINDOW_NUMBERS[each.window], entity, each.day, amount, member, int(each.counted))
    return flat


def _identified(row: int, lookup: Lookup, found: _Found) -> tuple[tuple[Listing, ...], ...]:
    if not found:
        return ((),) * len(lookup.identifiers)
    return tuple(found.get((row, column), ()) for column in range(len(lookup.identifiers)))
