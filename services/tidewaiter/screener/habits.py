"""What a worker knows of habits: the tables that insight wrote, read beside the stream, asked in memory."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.features import (
    KINDS,
    NO_HABITS,
    UNKNOWN_HABITS,
    USUAL,
    FeatureKind,
    Features,
    Habits,
    Table,
)
from tidewaiter.matching.habits import PartyKeys, heading, party_keys, text_key

_RowT = TypeVar("_RowT")


class ParcelHabits(Protocol):
    """What is known of the habits of a parcel's entities."""

    def of(self, event: ParcelEvent, keys: PartyKeys | None = None) -> Habits:
        """``keys`` are those of the event's parties, where somebody has read them already."""
        ...


class KindTokens(Protocol):
    """Tokens of the keys that features are kept under, by kind and key."""

    def of_kind(self, kind: str) -> Mapping[str, str]: ...


class HabitSource(Protocol):
    """Where each batch takes what it knows of habits from, once, when it begins."""

    @property
    def latest(self) -> ParcelHabits: ...


class FixedHabits:
    """The same habits for every parcel: both a source and what it gives."""

    def __init__(self, habits: Habits) -> None:
        self._habits = habits

    @property
    def latest(self) -> "FixedHabits":
        return self

    def of(self, event: ParcelEvent, keys: PartyKeys | None = None) -> Habits:  # noqa: ARG002
        """See ``ParcelHabits``."""
        return self._habits


NOBODY_LEARNS = FixedHabits(NO_HABITS)


class KnownHabits:
    """The tables of one moment, asked in memory: of a kind without rows nothing is worked out."""

    def __init__(self, features: Features, tokens: KindTokens) -> None:
        self._unknown = frozenset(KINDS).difference(features.written_ms())
        self._usual = Habits(unknown=self._unknown) if self._unknown else USUAL
        self._shippers, self._shipper_tokens = _rows(features.shipper), tokens.of_kind("shipper")
        self._texts, self._text_tokens = _rows(features.text), tokens.of_kind("text")
        self._addresses, self._address_tokens = _rows(features.address), tokens.of_kind("address")
        self._goods = _rows(features.goods)
        self._is_empty = not (self._shippers or self._texts or self._addresses or self._goods)

    def of(self, event: ParcelEvent, keys: PartyKeys | None = None) -> Habits:
        """See ``ParcelHabits``."""
        if self._is_empty:
            return self._usual
        name, door, _ = keys or party_keys(event)
        shipper = self._shippers.get(self._shipper_tokens[name]) if name and self._shippers else None
        address = self._addresses.get(self._address_tokens[door]) if door and self._addresses else None
        words = text_key(event) if self._texts else ""
        text = self._texts.get(self._text_tokens[words]) if words else None
        goods = self._goods.get(heading(event)) if self._goods else None
        if shipper or text or address or goods:
            return Habits(shipper, text, address, goods, self._unknown)
        return self._usual


def _rows(table: Table[_RowT] | None) -> Mapping[str, _RowT]:
    return table.rows if table is not None else {}


class LearnedHabits:
    """The tables as they were last read, for any batch to take. One thread refreshes, any may take."""

    def __init__(self, read: Callable[[], Features], tokens: KindTokens, age_most: timedelta) -> None:
        self._read, self._tokens, self._age_most = read, tokens, age_most
        self._features = Features()
        self._latest: ParcelHabits = FixedHabits(UNKNOWN_HABITS)

    @property
    def latest(self) -> ParcelHabits:
        """What was read last, less the kinds that were too old when ``age`` was called last."""
        return self._latest

    def refresh(self) -> None:
        """Read the tables. Raises what reading raises; those read before then stay, and age."""
        self._features = self._read()

    def age(self, now: datetime) -> Mapping[FeatureKind, timedelta]:
        """Take up what was read, let go of the kinds that are too old, and say how old each is."""
        features, now_ms = self._features, round(now.timestamp() * 1000)
        fresh = features.fresh(now_ms, round(self._age_most.total_seconds() * 1000))
        self._latest = KnownHabits(fresh, self._tokens) if features.is_begun else NOBODY_LEARNS
        written = features.written_ms()
        return {kind: timedelta(milliseconds=now_ms - at) for kind, at in written.items()}
