"""Chance that is the same on every machine: draws from a seed, and numbers scattered by their index.

Only ``Random.random()`` and integer or exact IEEE arithmetic are used: their results are fixed by their
specification, while ``choice`` or powers may change with a version of Python or of the C library.
"""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

_MASK: Final = (1 << 64) - 1
# 16 to the fourth power: how many ranks ``rank`` draws from.
RANKS: Final = 65_535


def scattered(number: int, salt: int) -> int:
    """64 well mixed bits for an index (splitmix64), so that a person or shipper is made from its number."""
    z = (number * 0x9E3779B97F4A7C15 + salt * 0xD1B54A32D192ED03 + 0x632BE59BD9B4E019) & _MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
    return z ^ (z >> 31)


def leaning(bits: int, size: int) -> int:
    """An index below ``size`` from 16 bits, low ones more often: as names are distributed."""
    low = bits & 0xFFFF
    return (low * low * size) >> 32


class Chance:
    """Draws in sequence from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def below(self, size: int) -> int:
        """A whole number from 0 to ``size`` - 1."""
        return int(self.random() * size)

    def between(self, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``, both included."""
        return least + int(self.random() * (most - least + 1))

    def often(self, share: float) -> bool:
        """True in that share of the draws."""
        return self.random() < share

    def pick(self, choices: Sequence[T]) -> T:
        """One of the choices, each as likely as the others."""
        return choices[int(self.random() * len(choices))]

    def rank(self) -> int:
        """A rank from 0 to ``RANKS`` - 1 by Zipf's law with exponent 3/4: the first has 1.3 % of all."""
        root = 1.0 + self.random() * 15.0
        return int(root * root * root * root) - 1
