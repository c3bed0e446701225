"""Putting the features where the screener finds them: seldom, and only what has changed."""

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from tidewaiter.domain.features import FeatureKind, Row
from tidewaiter.insight.shard import Shard

# What has not changed is written every third time: by its age a screener knows that somebody keeps it.
_TURNS_A_HEARTBEAT: Final = 3


class Part(Struct, frozen=True):
    """The rows of one kind that one partition has, as of so much event time."""

    kind: FeatureKind
    partition: int
    rows: Mapping[str, Row]
    as_of_ms: int


class _Written(Struct, frozen=True):
    """What was written last, and when by a clock of its own."""

    rows: Mapping[str, Row]
    at_seconds: float


class Publication:
    """Knows what of the shards' features was written, and so what is to be, asked every so many seconds."""

    def __init__(self, every_seconds: float) -> None:
        self.heartbeat_seconds = _TURNS_A_HEARTBEAT * every_seconds
        self._written: dict[tuple[FeatureKind, int], _Written] = {}

    def due(self, shards: Mapping[int, Shard], now_seconds: float) -> Iterator[Part]:
        """The parts that have changed since they were written, or that were not written for long."""
        self._written = {place: known for place, known in self._written.items() if place[1] in shards}
        for partition, shard in shards.items():
            for kind, rows in shard.rows().items():
                known = self._written.get((kind, partition))
                if known is None or rows != known.rows or self._is_old(known, now_seconds):
                    yield Part(kind, partition, rows, shard.as_of_ms)

    def _is_old(self, known: _Written, now_seconds: float) -> bool:
        return now_seconds - known.at_seconds >= self.heartbeat_seconds

    def written(self, part: Part, now_seconds: float) -> None:
        """The part is where it is to be; what is never reported so is due again."""
        self._written[part.kind, part.partition] = _Written(part.rows, now_seconds)
