"""What ``ruleset.yaml`` says: the name, the numbers and sets that rules refer to, and the bands of scores."""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import get_args

from tidewaiter.domain.hold import RemovableBy
from tidewaiter.rules.cel.types import DOUBLE, INT, STRING, CelType, list_of
from tidewaiter.rules.cel.values import INT_MAX, INT_MIN
from tidewaiter.rules.yamlfile import Entry, read

_LONGEST_NAME = 40  # of a band, as hold orders carry it (hold-orders.v1)


@dataclass(frozen=True, slots=True)
class Band:
    """The scores from ``start`` up to the next band; in a band that ``holds`` they stop the parcel."""

    name: str
    start: int
    holds: bool = False
    severity: int = 1
    removable_by: RemovableBy = "OFFICER"


@dataclass(frozen=True, slots=True)
class RulesetSettings:
    """``constants`` by the name under which rules refer to them: ``limits.NAME`` and ``sets.NAME``."""

    name: str
    title: str
    constants: Mapping[str, int | float | tuple[str, ...]]
    bands: tuple[Band, ...]

    @property
    def types(self) -> Mapping[str, CelType]:
        return {name: _type(value) for name, value in self.constants.items()}

    def band(self, score: int) -> Band:
        """The band that a score falls in."""
        return self.bands[max(bisect_right(self.bands, score, key=lambda band: band.start) - 1, 0)]


def _type(value: int | float | tuple[str, ...]) -> CelType:
    if isinstance(value, tuple):
        return list_of(STRING)
    return INT if isinstance(value, int) else DOUBLE


def read_settings(text: str, file: str) -> RulesetSettings:
    """The settings of a bundle. Raises RuleError."""
    fields = read(text, file).fields(("name", "title", "bands"), ("limits", "sets"))
    limits = fields["limits"].entries() if "limits" in fields else {}
    sets = fields["sets"].entries() if "sets" in fields else {}
    return RulesetSettings(
        name=fields["name"].text(),
        title=fields["title"].text(),
        constants={
            **{f"limits.{name}": _number(entry) for name, entry in limits.items()},
            **{f"sets.{name}": entry.texts() for name, entry in sets.items()},
        },
        bands=_bands(fields["bands"]),
    )


def _number(entry: Entry) -> int | float:
    """A number that expressions can reckon with: with NaN no comparison is ever true, and no rule fires."""
    found = entry.value()
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not isfinite(found):
        raise entry.expected("a number")
    if isinstance(found, int) and not INT_MIN <= found <= INT_MAX:
        raise entry.expected("a number of 64 bits")
    return found


def _bands(entry: Entry) -> tuple[Band, ...]:
    bands = tuple(map(_band, entry.items()))
    starts = [band.start for band in bands]
    if not starts or starts[0] != 0 or starts != sorted(set(starts)):
        raise entry.error(f"bands: found 'from' {starts}, expected rising numbers that begin with 0")
    holding = [band.holds for band in bands]
    if holding != sorted(holding):
        raise entry.error("bands: one that holds stands below one that does not: more may not hold less")
    return bands


def _band(entry: Entry) -> Band:
    fields = entry.fields(("name", "from"), ("holds", "severity", "removable_by"))
    name, start = fields["name"].text(_LONGEST_NAME), fields["from"].integer(0, 10_000)
    if "holds" not in fields:
        entry.fields(("name", "from"))  # how it holds would be said in vain
        return Band(name, start)
    if not fields["holds"].flag():
        return Band(name, start)
    entry.fields(("name", "from", "holds", "severity", "removable_by"))
    if start == 0:
        raise entry.error("from: a band that holds cannot begin with 0, where every parcel is")
    severity = fields["severity"].integer(1, 5)
    return Band(name, start, True, severity, fields["removable_by"].choice(get_args(RemovableBy)))
