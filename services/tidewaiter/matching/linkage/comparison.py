"""How well two records agree, field by field, in a few levels."""

from collections.abc import Callable
from typing import Final

from rapidfuzz.distance import OSA, JaroWinkler

from tidewaiter.matching.linkage.records import PersonRecord

# Levels: 0 differs, 1 resembles, 2 nearly the same, 3 the same; None where a side is not given.
Level = int | None
SAME: Final = 3
FIELDS: Final = (
    "given",
    "surname",
    "number",
    "street",
    "extra",
    "city",
    "postal",
    "region",
    "phone",
    "email",
    "birth",
    "number_id",
)
_NEAR, _FAR = 0.9, 0.78


def compare(first: PersonRecord, second: PersonRecord) -> tuple[Level, ...]:
    """The level of each of ``FIELDS``. Given name and surname, and the two address lines, may have changed
    places.
    """
    names = _paired((first.given, first.surname), (second.given, second.surname))
    streets = _paired((first.street, first.extra), (second.street, second.extra))
    pairs = (
        names[0],
        names[1],
        (first.number, second.number),
        *streets,
        (first.city, second.city),
        (first.postal, second.postal),
        (first.region, second.region),
        (first.phone, second.phone),
        (first.email, second.email),
        (first.birth, second.birth),
        (first.number_id, second.number_id),
    )
    return tuple([_level(field, *pair) for field, pair in zip(FIELDS, pairs, strict=True)])


_Pair = tuple[str, str]


def _paired(first: _Pair, second: _Pair) -> tuple[_Pair, _Pair]:
    """The two fields of each side, crossed if they agree better so."""
    straight = ((first[0], second[0]), (first[1], second[1]))
    if first == second:
        return straight
    crossed = ((first[0], second[1]), (first[1], second[0]))
    return crossed if _agreement(crossed) > _agreement(straight) else straight


def _agreement(pairs: tuple[_Pair, _Pair]) -> float:
    return sum(JaroWinkler.similarity(one, other) for one, other in pairs if one and other)


def _level(field: str, one: str, other: str) -> Level:
    if not one or not other:
        return None
    if one == other:
        return SAME
    return _LEVELS.get(field, _spelling)(one, other)


def _spelling(one: str, other: str) -> int:
    likeness = JaroWinkler.similarity(one, other)
    return 2 if likeness >= _NEAR else 1 if likeness >= _FAR else 0


def _digits(one: str, other: str) -> int:
    """One digit wrong, missing, or changed places with its neighbour: nearly the same; two: resembles."""
    slips = OSA.distance(one, other)
    return 2 if slips == 1 else 1 if slips == 2 and min(len(one), len(other)) > 4 else 0


def _date(one: str, other: str) -> int:
    """Day and month in each other's place are nearly the same (year first or last, eight digits)."""
    if len(one) == len(other) == 8:
        swapped = (one[:4] + one[6:] + one[4:6], one[2:4] + one[:2] + one[4:])
        if other in swapped:
            return 2
    return _digits(one, other)


def _exact(_one: str, _other: str) -> int:
    return 0


_LEVELS: Final[dict[str, Callable[[str, str], int]]] = {
    "number": _digits,
    "postal": _digits,
    "region": _exact,
    "phone": _digits,
    "birth": _date,
    "number_id": _digits,
}
