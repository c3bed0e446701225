"""A row of the facts table, and what its values are worked out from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Final, Protocol

from msgspec import structs

from tidewaiter.domain.event import MOST_MAKERS, Item, ParcelEvent
from tidewaiter.domain.evidence import Evidence
from tidewaiter.domain.parcel import Parcel
from tidewaiter.domain.party import Party, Role
from tidewaiter.matching import addresses
from tidewaiter.matching.addresses import ParsedAddress
from tidewaiter.rules import declaration
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.facts.descriptions import terms_alone
from tidewaiter.rules.goods_text import cas_numbers, goods_text
from tidewaiter.rules.readings import searchable
from tidewaiter.rules.wordlists import WordLists

NOBODY: Final = Party()
_FDA: Final = "FDA"


class Law(Protocol):
    """What the facts need of a policy's ruling."""

    @property
    def threshold_usd(self) -> Decimal | None: ...
    @property
    def claim_admitted(self) -> bool: ...
    @property
    def gift_limit_usd(self) -> Decimal | None: ...
    @property
    def entry_type_admitted(self) -> bool: ...
    @property
    def excluded(self) -> tuple[str, ...]: ...
    @property
    def mandatory(self) -> tuple[str, ...]: ...
    @property
    def advised(self) -> tuple[str, ...]: ...
    @property
    def agencies(self) -> tuple[str, ...]: ...
    @property
    def rows(self) -> tuple[str, ...]: ...


class Subject:
    """A parcel with all that was gathered about it, and what more than one fact is made from."""

    def __init__(self, parcel: Parcel, evidence: Evidence, law: Law, terms: WordLists) -> None:
        self.parcel = parcel
        self.event: ParcelEvent = parcel.event
        self.evidence = evidence
        self.law = law
        self._word_lists = terms
        self.shipper: Party = parcel.event.shipper or NOBODY
        self.consignee: Party = parcel.event.consignee or NOBODY
        self._told = goods_text(parcel.event)
        self.goods = searchable(self._told)
        self.law_date: date = parcel.law_date

    def is_of(self, parcel: Parcel, evidence: Evidence, law: Law) -> bool:
        """Whether all facts would be the same of these: holds and what was answered before are no facts."""
        known = self.parcel
        return (
            parcel.event is self.event
            and law is self.law
            and parcel.trigger == known.trigger
            and parcel.status == known.status
            and parcel.versions == known.versions
            and parcel.actions == known.actions
            and evidence == self.evidence
        )

    @cached_property
    def terms(self) -> Mapping[str, tuple[str, ...]]:
        """The listed terms in the goods' text; numbers written onto a word ("CAS437-38-7") are read, too."""
        return self._terms_in(self.goods, self.cas_numbers)

    @property
    def terms_unserved(self) -> Mapping[str, tuple[str, ...]]:
        """The listed terms in the lines that the FDA's data do not go with, and in the description of the
        whole where they go with none."""
        items = tuple([item for item in self.event.items if not _is_served(item)])
        whole = self.event.description_raw if len(items) == len(self.event.items) else ""
        told = searchable(goods_text(structs.replace(self.event, items=items, description_raw=whole)))
        return self._terms_in(told, cas_numbers(told))

    def _terms_in(self, text: str, numbers: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
        told = "\n".join((text, *numbers)) if numbers else text
        return self._word_lists.found(told, self.law_date)

    @property
    def terms_alone(self) -> Mapping[str, tuple[str, ...]]:
        """The listed terms that a description says nothing beside."""
        return terms_alone(self.event, self._word_lists, self.law_date)

    @cached_property
    def cas_numbers(self) -> tuple[str, ...]:
        return cas_numbers(self.goods)

    @cached_property
    def place(self) -> ParsedAddress:
        """The consignee's address in its parts."""
        return addresses.parsed(self.consignee.address)

    @property
    def has_door(self) -> bool:
        """Whether the consignee's address names a house or a box in a town, not only a town."""
        place = self.place
        return bool((place.po_box or (place.number and place.street)) and (place.postal or place.city))

    def party(self, role: Role) -> Party:
        """The party in a role; nobody where it was not named."""
        return getattr(self.event, role) or NOBODY

    @cached_property
    def shipper_terms(self) -> Mapping[str, tuple[str, ...]]:
        """The listed terms in the shipper's name and the domain of its e-mail address."""
        named = f"{self.shipper.name}\n{self.shipper.email.rpartition('@')[2]}"
        return self._word_lists.found(searchable(named), None)

    @cached_property
    def maker_terms(self) -> Mapping[str, tuple[str, ...]]:
        """The listed terms in the names of the makers: goods are told there, too, where nobody reads."""
        return self._word_lists.found(searchable("\n".join(self.event.makers())), self.law_date)

    @property
    def unread(self) -> tuple[str, ...]:
        """The texts that are too long to be searched to their end, and makers who are too many to be looked
        up: nobody can say what they hide."""
        makers = self.event.makers()
        texts = (("goods", self._told), ("makers", "\n".join(makers)), ("shipper", self.shipper.name))
        cut = [
            f"{name}: of {len(text)} characters the first {len(read)} are searched"
            for name, text in texts
            if (read := searchable(text)) is not text and read != text
        ]
        if len(makers) > MOST_MAKERS:
            cut.append(f"makers: of {len(makers)} the first {MOST_MAKERS} are looked up")
        return tuple(cut)

    @property
    def conflicts(self) -> tuple[str, ...]:
        return declaration.conflicts(self.parcel.versions)

    @property
    def value_usd(self) -> Decimal | None:
        """The value in US dollars, where it was given in them."""
        return self.event.in_usd


def _is_served(item: Item) -> bool:
    return any(row.data_present and row.agency.upper() == _FDA for row in item.pga)


@dataclass(frozen=True, slots=True)
class Row:
    """A fact, its value on an ordinary parcel, and how it is worked out."""

    fact: Fact
    ordinary: object
    value: Callable[[Subject], object]
