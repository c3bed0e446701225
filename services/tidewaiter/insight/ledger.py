"""The days of one partition's entities, in a table that survives: written, read back, expired."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, MutableMapping
from typing import Final

import msgspec
from msgspec import Struct, structs

from tidewaiter.insight.day import DAYS_KEPT, Day
from tidewaiter.insight.keys import Entity, parsed
from tidewaiter.insight.sighting import DAY_MS, Kind
from tidewaiter.insight.watch import Watch
from tidewaiter.matching.recall_cache import RecallCache

Table = MutableMapping[bytes, bytes]

_DAYS_REMEMBERED: Final = max(DAYS_KEPT.values())
_SPAN_KEY: Final = b"span|"
# With every bundle: what expires over a day is gone within the first hours of the next.
_EXPIRED_AT_ONCE: Final = 200
# Days that grow with nearly every bundle stay open: reading 64 to 256 members takes 20 to 80 us, and 2,048
# such days are 180 MB at most. Those with fewer members are soon read, and are not seen again as often.
_OPEN_MOST: Final = 2_048
_MEMBERS_OF_OPEN: Final = 4


class Span(Struct, frozen=True, array_like=True):
    """Event times of the first and the latest sighting of a partition, and how many entities it saw by day.

    Earlier releases wrote, and read, no more than the times.
    """

    since_ms: int
    latest_ms: int
    seen: dict[int, int] = {}


_encode_span = msgspec.msgpack.Encoder().encode
_decode_span = msgspec.msgpack.Decoder(Span).decode


class Ledger:
    """The whole state of a partition is in ``table``; ``keys`` are those of it that are this partition's.

    ``number`` only keeps apart the spans of several partitions in one table.
    """

    def __init__(self, table: Table, number: int = 0, keys: Iterable[bytes] = ()) -> None:
        self._table = table
        self._span_key = span_key(number)
        self._stored = table.get(self._span_key)
        self._span = _decode_span(self._stored) if self._stored is not None else None
        self._watch = Watch(self._span.seen if self._span else {})
        self._open: RecallCache[bytes, Day] = RecallCache(_OPEN_MOST)
        self._by_expiry: dict[int, list[bytes]] = defaultdict(list)
        self._take_over(key for key in keys if key != self._span_key)

    def _take_over(self, keys: Iterable[bytes]) -> None:
        """What is kept is counted anew: earlier releases did not, and one that was killed may not have."""
        entities: Counter[int] = Counter()
        for key in keys:
            entity, day = parsed(key)
            self._expect(key, entity, day)
            entities[day] += 1
        for day, count in entities.items():
            self._watch.restore(day, count)

    @property
    def as_of_ms(self) -> int:
        """Event time of the latest sighting; 0 before the first."""
        return self._span.latest_ms if self._span else 0

    @property
    def today(self) -> int:
        """Its day: days since 1970 in UTC."""
        return self.as_of_ms // DAY_MS

    @property
    def days_watched(self) -> int:
        """For how many days this partition has watched: nobody can be told to be older than that."""
        return self._watch.days(self.today)

    @property
    def size(self) -> int:
        """How many days of entities there are."""
        return sum(map(len, self._by_expiry.values()))

    def move_on(self, times_ms: list[int]) -> bool:
        """Widen the span by the times of sightings. True when another day has begun.

        Times that are too old to be remembered are left out: each day in it is looked up for every entity.
        """
        before = self.today
        latest = max([*times_ms, self.as_of_ms])
        oldest = (latest // DAY_MS - _DAYS_REMEMBERED) * DAY_MS
        watched = [at for at in times_ms if at >= oldest]
        if self._span and self._span.latest_ms >= oldest:
            watched.append(self._span.since_ms)
        self._span = Span(min(watched), latest)
        return self.today != before

    def finish(self) -> None:
        """End a bundle: write what is known of the partition as a whole, and forget some that is too old."""
        if self._span:
            written = _encode_span(structs.replace(self._span, seen=self._watch.seen(self.today)))
            if written != self._stored:
                self._stored = self._table[self._span_key] = written
        self._expire()

    def is_kept(self, entity: Entity, day: int) -> bool:
        """Whether a day is recent enough to be remembered."""
        return day >= self.today - DAYS_KEPT[entity.kind]

    def opened(self, entity: Entity, number: int) -> Day:
        """A day of an entity, to be counted on; a new one knows when the entity was first seen."""
        known = self.day(entity, number)
        if known is not None:
            return known
        return Day(entity.kind, min([day.first for day in self.before(entity, number)], default=number))

    def keep(self, entity: Entity, number: int, day: Day) -> bool:
        """Store a day if it has changed; whether it has."""
        if not day.is_changed:
            return False
        key = entity.key(number)
        if key not in self._table:
            self._expect(key, entity, number)
            self._watch.count(number)
        self._table[key] = day.packed()
        if len(day.parcels.members) >= _MEMBERS_OF_OPEN:
            self._open.put(key, day)
        return True

    def day(self, entity: Entity, number: int) -> Day | None:
        """What is known of an entity's day."""
        key = entity.key(number)
        stored = self._table.get(key)
        return self._read(entity.kind, key, stored) if stored is not None else None

    def before(self, entity: Entity, number: int) -> Iterator[Day]:
        """The days before that one on which the entity was seen, as far as remembered; the latest first."""
        return self.days(entity, number - 1, DAYS_KEPT[entity.kind])

    def days(self, entity: Entity, last: int, count: int) -> Iterator[Day]:
        """Those of ``count`` days up to ``last`` on which the entity was seen, the latest first.

        None is older than the first sighting: most entities are new, and each day that is looked up in vain
        costs 0.8 us.
        """
        oldest = self._span.since_ms // DAY_MS if self._span else last
        get, prefix = self._table.get, entity.key_prefix
        for number in range(last, max(last - count, oldest - 1), -1):
            key = b"%b%d" % (prefix, number)
            stored = get(key)
            if stored is not None:
                yield self._read(entity.kind, key, stored)

    def _read(self, kind: Kind, key: bytes, stored: bytes) -> Day:
        """A day as it is stored; the table has the word, not what is open."""
        day = self._open.get(key)
        return day if day is not None and day.stored is stored else Day.read(kind, stored)

    def _expire(self) -> None:
        left = _EXPIRED_AT_ONCE
        while left and self._by_expiry and (day := min(self._by_expiry)) < self.today:
            keys = self._by_expiry[day]
            for _ in range(min(left, len(keys))):
                del self._table[keys.pop()]
                left -= 1
            if not keys:
                del self._by_expiry[day]

    def _expect(self, key: bytes, entity: Entity, number: int) -> None:
        """Remember when a day is to be forgotten."""
        self._by_expiry[number + DAYS_KEPT[entity.kind]].append(key)

    def stored(self) -> Iterator[tuple[Entity, int, bytes]]:
        """Every day that is remembered, with its stored bytes."""
        for keys in self._by_expiry.values():
            for key in keys:
                yield *parsed(key), self._table[key]


def partition_of(key: bytes, count: int) -> int:
    """Which of ``count`` partitions a key of the table belongs to."""
    if key.startswith(_SPAN_KEY):
        return int(key.removeprefix(_SPAN_KEY))
    return parsed(key)[0].partition(count)


def span_key(number: int) -> bytes:
    """Where a partition's span is stored."""
    return _SPAN_KEY + str(number).encode()
