"""Samples that come out the same in whatever order, and however often, their members are seen.

A sample keeps the members with the smallest hashes ("bottom-k", Cohen & Kaplan 2007). Below ``size`` members
it is the whole, and counts exactly; beyond, its members are a uniform sample of the distinct ones, and their
number is estimated from the largest hash kept, with a standard error of 1 / sqrt(size - 2).
"""

from bisect import bisect_left
from struct import Struct as Layout
from typing import ClassVar, Final

HASH_SPAN: Final = 1 << 32

Values = tuple[int, ...]


class Sample:
    """Up to ``size`` members by hash (32 bits), each with the values that its layout has room for.

    What is seen again is merged value by value, so that order and repetition do not matter.
    """

    layout: ClassVar[Layout]

    def __init__(self, size: int, packed: bytes = b"") -> None:
        self._size = size
        self.members: dict[int, Values] = {found[0]: found[1:] for found in self.layout.iter_unpack(packed)}
        # In their order, and a row of ``_packed`` each: to pack 64 members anew takes 15 us, to put one in 1.
        self._hashes = list(self.members)
        self._packed = bytearray(packed)

    def add(self, hashed: int, values: Values) -> bool:
        """Take a member in. False when that changes nothing: it is known so, or too large a hash to keep."""
        known = self.members.get(hashed)
        if known is not None:
            merged = self.merged(known, values)
            if merged != known:
                self._write(bisect_left(self._hashes, hashed), hashed, merged)
            return merged != known
        if self._is_full:
            if hashed > self._hashes[-1]:
                return False
            self._drop_last()
        self._insert(hashed, values)
        return True

    @property
    def _is_full(self) -> bool:
        return len(self._hashes) >= self._size

    def _drop_last(self) -> None:
        del self.members[self._hashes.pop()]
        del self._packed[-self.layout.size :]

    def _insert(self, hashed: int, values: Values) -> None:
        at = bisect_left(self._hashes, hashed)
        self._hashes.insert(at, hashed)
        place = at * self.layout.size
        self._packed[place:place] = bytes(self.layout.size)
        self._write(at, hashed, values)

    def _write(self, at: int, hashed: int, values: Values) -> None:
        self.members[hashed] = values
        self.layout.pack_into(self._packed, at * self.layout.size, hashed, *values)

    @property
    def count(self) -> int:
        """How many distinct members were seen: exact below ``size``, else estimated."""
        if not self._is_full:
            return len(self.members)
        return round((self._size - 1) * HASH_SPAN / (self._hashes[-1] + 1))

    @property
    def weight(self) -> float:
        """How many distinct members each of those kept stands for; 1 for an exact sample."""
        return self.count / len(self.members) if self.members else 0.0

    def packed(self) -> bytes:
        """The members as bytes, in the order of their hashes: equal samples have equal bytes."""
        return bytes(self._packed)

    @staticmethod
    def merged(one: Values, other: Values) -> Values:
        """The values of a member that was seen twice; commutative, associative, idempotent."""
        raise NotImplementedError


class Parcels(Sample):
    """Parcels with minute of the day, US cents a kilogram, grams a unit (0: not declared), held (0 or 1)."""

    layout = Layout("<IHIIB")

    @staticmethod
    def merged(one: Values, other: Values) -> Values:
        return min(one[0], other[0]), max(one[1], other[1]), max(one[2], other[2]), one[3] | other[3]


class Parties(Sample):
    """Parties with the day (since 1970) on which each was first seen anywhere."""

    layout = Layout("<IH")

    @staticmethod
    def merged(one: Values, other: Values) -> Values:
        return (min(one[0], other[0]),)
