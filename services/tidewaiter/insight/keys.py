"""Under which key an entity's day is stored, and which partition keeps an entity."""

from typing import NamedTuple
from zlib import crc32

from tidewaiter.insight.sighting import KINDS, Kind

_SIGNS = {kind: kind[0] for kind in KINDS}
_KINDS = {kind[0]: kind for kind in KINDS}


class Entity(NamedTuple):
    """Whoever or whatever has habits."""

    kind: Kind
    name: str

    @property
    def text(self) -> str:
        """``kind|name``, as alerts are keyed by it."""
        return f"{self.kind}|{self.name}"

    def partition(self, count: int) -> int:
        """Which of ``count`` partitions keeps this entity, with everything that is known of it."""
        return crc32(self.text.encode()) % count

    @property
    def key_prefix(self) -> bytes:
        """What the keys of all its days begin with; the day's number follows."""
        return f"{_SIGNS[self.kind]}|{self.name}|".encode()

    def key(self, day: int) -> bytes:
        """Where a day of it is stored."""
        return f"{_SIGNS[self.kind]}|{self.name}|{day}".encode()


def parsed(key: bytes) -> tuple[Entity, int]:
    """The entity and the day that a key was made of."""
    sign, _, rest = key.decode().partition("|")
    name, _, day = rest.rpartition("|")
    return Entity(_KINDS[sign], name), int(day)
