"""Insight on the stream: records become sightings for whoever keeps an entity, sightings become alerts.

A record is read by one worker, which sorts what it says by the partition that keeps each entity; that
partition's worker counts it. Both steps may be repeated after a crash, since counting is idempotent.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Protocol

import msgspec
from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.keys import Entity
from tidewaiter.insight.ledger import Ledger, Table, partition_of
from tidewaiter.insight.reading import declared, held
from tidewaiter.insight.shard import Shard
from tidewaiter.insight.sighting import Sighting, Tokens, sightings
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import HOLD_ORDERS

# 0.1 kB each: far below what the topic takes.
_SIGHTINGS_A_BUNDLE: Final = 2_000

Bundles = Mapping[int, Sequence[bytes]]
"""Bundles of sightings by the partition that they are for."""

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[Sighting, ...]).decode


class BundleUnreadable(Exception):
    """A bundle that no worker of this release wrote; nothing of it was counted."""


class Observer(Protocol):
    """What is shown of the work."""

    def sighted(self, seen: Mapping[str, int]) -> None:
        """So many sightings by kind were counted."""

    def alerted(self, alert: SurgeAlert) -> None:
        """An alert was raised."""


class Told(Struct, frozen=True):
    """What counting a bundle leads to: alerts, and bundles for other partitions."""

    alerts: tuple[SurgeAlert, ...]
    passed_on: Bundles


class Desk:
    """One worker's work: reads any record, and counts for the partitions that it was given to keep."""

    def __init__(self, tokens: Tokens, partitions: int, observer: Observer) -> None:
        self._tokens = tokens
        self._partitions = partitions
        self._observer = observer
        self._shards: dict[int, Shard] = {}

    @property
    def shards(self) -> Mapping[int, Shard]:
        """The shards by partition, of those partitions that are kept here and have anything."""
        return self._shards

    @property
    def partitions(self) -> int:
        """How many partitions there are in all."""
        return self._partitions

    def sort(self, records: Iterable[Record]) -> Bundles:
        """What the records say, for the partitions that are to count it. What cannot be read says nothing."""
        return self._bundled(sighting for record in records for sighting in self._sightings(record))

    def count(self, partition: int, bundle: bytes, table: Table) -> Told:
        """Count a bundle for a partition, whose state is in ``table``. Raises BundleUnreadable."""
        seen = _read(bundle)
        shard = self._shards.get(partition)
        if shard is None:
            shard = self._shards[partition] = Shard(Ledger(table, partition))
        counted = shard.count(seen)
        self._observe(seen, counted.alerts)
        return Told(counted.alerts, self._bundled(counted.passed_on))

    def keep(self, partitions: Collection[int], table: Table) -> tuple[bytes, ...]:
        """From now on keep these partitions and no others, with what the table has of them.

        Gives the keys of the table that are of other partitions.
        """
        keys: dict[int, list[bytes]] = {partition: [] for partition in partitions}
        foreign: list[bytes] = []
        for key in table:
            partition = partition_of(key, self._partitions)
            keys.get(partition, foreign).append(key)
        self._shards = {
            partition: Shard(Ledger(table, partition, found)) for partition, found in keys.items()
        }
        return tuple(foreign)

    def _sightings(self, record: Record) -> Iterator[Sighting]:
        is_order = record.topic == HOLD_ORDERS
        event: ParcelEvent | None = held(record) if is_order else declared(record)
        return sightings(event, self._tokens, held=is_order) if event is not None else iter(())

    def _bundled(self, seen: Iterable[Sighting]) -> Bundles:
        by_partition: dict[int, list[Sighting]] = defaultdict(list)
        for sighting in seen:
            entity = Entity(sighting.kind, sighting.entity)
            by_partition[entity.partition(self._partitions)].append(sighting)
        return {
            partition: [
                _encode(found[at : at + _SIGHTINGS_A_BUNDLE])
                for at in range(0, len(found), _SIGHTINGS_A_BUNDLE)
            ]
            for partition, found in by_partition.items()
        }

    def _observe(self, seen: Sequence[Sighting], alerts: Iterable[SurgeAlert]) -> None:
        by_kind: dict[str, int] = defaultdict(int)
        for sighting in seen:
            by_kind[sighting.kind] += 1
        self._observer.sighted(by_kind)
        for alert in alerts:
            self._observer.alerted(alert)


def _read(bundle: bytes) -> tuple[Sighting, ...]:
    try:
        return _decode(bundle)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BundleUnreadable(str(error)) from error
