"""What rules may ask: the facts by name, with type, meaning and source."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from msgspec import Struct

from tidewaiter.rules.cel.types import CelType


def attribute(name: str) -> str:
    """The attribute that holds a fact in what compiled rules read, the facts of one parcel:
    ``consignee.country`` is ``facts.consignee__country``.
    """
    return name.replace(".", "__")


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a rule may ask about a parcel.

    ``name`` is dotted. The value has the Python type of ``type``: bool, int, float (double), str,
    None (null), tuple (list), dict (map), ``Timestamp`` and ``Duration`` of ``rules.cel.values``.
    ``may_be_unknown`` facts have the value UNKNOWN while their source is unavailable; the others never.
    In ``has(name)`` a value counts as given unless it is None, false, zero or empty, as in proto3.
    """

    name: str
    type: CelType
    meaning: str
    source: str
    unit: str = ""
    may_be_unknown: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record; always known."""

    name: str
    type: CelType
    meaning: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """A type with named fields, of which facts may be lists; its values have the fields as attributes.

    ``ordinary`` is a value of an ordinary parcel, from which a rule's own cases start.
    """

    name: str
    fields: tuple[Field, ...]
    ordinary: Struct

    @property
    def type(self) -> CelType:
        return CelType(self.name)

    @property
    def types(self) -> Mapping[str, CelType]:
        return {field.name: field.type for field in self.fields}


class Catalogue(Mapping[str, Fact]):
    """The facts by dotted name, in the order of the table; ``records`` are the record types by name."""

    def __init__(self, facts: Iterable[Fact], records: Iterable[Record] = ()) -> None:
        self._facts = {fact.name: fact for fact in facts}
        self.records: Mapping[str, Record] = {record.name: record for record in records}

    def __getitem__(self, name: str) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    @cached_property
    def types(self) -> Mapping[str, CelType]:
        """The type of each fact, as the checker wants it."""
        return {name: fact.type for name, fact in self._facts.items()}

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The names of the facts that may be UNKNOWN."""
        return frozenset(name for name, fact in self._facts.items() if fact.may_be_unknown)
