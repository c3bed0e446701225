"""Every listed party that can be planted, in each disguise once: what the sample of a week cannot show."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.addresses import address_keys
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.index import NameIndex
from tidewaiter.matching.screening import hits
from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.planted.disguise import misspelt, transliterated, turned
from tidewaiter.simulate.planted.usable import Placed, Usable

Outcome = str
HELD, DOOR, UNSURE, MISSED = "held", "held for its address", "name found, nothing beside it", "not found"
_DISGUISES: Final[Mapping[str, Callable[[Placed, int], str]]] = {
    "listed-misspelt": lambda one, number: misspelt(one.entry.name, Chance(number)),
    "listed-reordered": lambda one, _: turned(one.entry.name),
    "listed-transliterated": lambda one, _: transliterated(one.entry.name, one.address.country),
}


def every_party(entries: Sequence[Entry]) -> str:
    """A section of docs/quality.md: parties by disguise and by what the matching makes of them."""
    index = NameIndex.build(entries)
    placed = Usable.of(entries).placed
    rows = [_row(name, list(_outcomes(index, placed, spell))) for name, spell in _DISGUISES.items()]
    doors = sum(bool(address_keys(one.address)) for one in placed)
    return f"""
## Every listed party once

The week plants 28 of a kind. Here each of the {len(placed):,} parties with a street abroad comes once in each
disguise, from its own address, to the matching alone. {doors:,} of the addresses name a door
({doors / len(placed):.1%}): the others are held for no other name.

| typology | parties | {HELD} | {DOOR} | {UNSURE} | {MISSED} | held in all |
|---|---|---|---|---|---|---|
{chr(10).join(rows)}
"""


def _outcomes(
    index: NameIndex, placed: Sequence[Placed], spell: Callable[[Placed, int], str]
) -> Iterator[Outcome]:
    for number, one in enumerate(placed):
        if name := spell(one, number):
            yield _outcome(index, one, name)


def _outcome(index: NameIndex, one: Placed, name: str) -> Outcome:
    subject = Subject(one.address, country=one.address.country)
    found = hits(index, name, "unknown", subject)
    if any(hit.holds for hit in found):
        return HELD
    if address_keys(one.address):
        return DOOR
    return UNSURE if any(hit.entry_id == one.entry.entry_id for hit in found) else MISSED


def _row(name: str, outcomes: Sequence[Outcome]) -> str:
    counted = Counter(outcomes)
    cells = [f"{counted[outcome]:,}" for outcome in (HELD, DOOR, UNSURE, MISSED)]
    share = (counted[HELD] + counted[DOOR]) / len(outcomes) if outcomes else 1.0
    return f"| {name} | {len(outcomes):,} | {' | '.join(cells)} | {share:.1%} |"
