"""The facts that rules may ask about a parcel: one table of name, type, meaning, source and value."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from tidewaiter.rules.catalogue import Catalogue, attribute
from tidewaiter.rules.facts.declared import DECLARED
from tidewaiter.rules.facts.goods import GOODS
from tidewaiter.rules.facts.habits import HABITS, MEASURED
from tidewaiter.rules.facts.item import ITEM
from tidewaiter.rules.facts.looked_up import LOOKED_UP
from tidewaiter.rules.facts.row import Subject
from tidewaiter.rules.facts.windows import WINDOWS

ROWS: Final = (*DECLARED, *GOODS, *MEASURED, *WINDOWS, *HABITS, *LOOKED_UP)
CATALOGUE: Final = Catalogue((row.fact for row in ROWS), (ITEM,))

# The facts of an ordinary parcel, on which no rule fires: what a rule's own cases start from.
ORDINARY: Final[Mapping[str, object]] = MappingProxyType({row.fact.name: row.ordinary for row in ROWS})

_VALUES: Final[Mapping[str, Callable[[Subject], object]]] = {
    attribute(row.fact.name): row.value for row in ROWS
}


Wanted = tuple[tuple[str, Callable[[Subject], object]], ...]


class ParcelFacts:
    """The facts of one parcel as attributes, each worked out when a rule first reads it, then kept.

    Those ``wanted`` are worked out at once: an attribute that is missing costs
    0.5 us before it is even looked up.
    """

    _subject: Subject

    def __init__(self, subject: Subject, wanted: Wanted = ()) -> None:
        known = self.__dict__
        known["_subject"] = subject
        for name, value in wanted:
            known[name] = value(subject)

    def __getattr__(self, name: str) -> object:
        # Only reached for what is not in __dict__ yet: a second reading costs a plain attribute access.
        try:
            value = _VALUES[name]
        except KeyError:
            raise AttributeError(name) from None
        found = value(self._subject)
        self.__dict__[name] = found
        return found

    @property
    def asked(self) -> Wanted:
        """The facts that have been read so far: what another parcel may want from the beginning."""
        return tuple((name, _VALUES[name]) for name in self.__dict__ if name in _VALUES)
