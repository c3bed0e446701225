"""What is wrong with a declaration in itself: absent, malformed, contradictory or placeholder data."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import Version
from tidewaiter.domain.party import Party
from tidewaiter.matching import addresses, identifiers
from tidewaiter.matching.names_words import name_of
from tidewaiter.matching.postcodes import us_states_of_zip
from tidewaiter.matching.text import folded, words

_PLACEHOLDER_NAMES = frozenset(
    {"tbd", "tba", "na", "n a", "none", "null", "unknown", "test", "consignee", "shipper", "customer", "name"}
    | {"to be advised", "to be determined", "same as above", "same as shipper", "same as consignee"}
    | {"receiver", "recipient", "sender", "addressee", "not available", "not known", "no name", "anonymous"}
)
# A carrier's agent is never the ultimate consignee that 19 CFR 128.21 asks for.
_FORWARDER_NAME = re.compile(
    r"\b(?:freight (?:services?|solutions|logistics)|(?:freight )?forward(?:ers?|ing)|reship(?:pers?|ping))\b"
)
_DIGITS = re.compile(r"\d")


def missing(event: ParcelEvent, mandatory: Sequence[str]) -> tuple[str, ...]:
    """The mandatory elements that were not given, in the order of the law's list.

    An element is a dotted path of the event; "a|b" is satisfied by either, "items.x" by all items alike,
    "<party>.address" by street lines with a city or postal code.
    """
    return tuple(path for path in mandatory if not _is_given(event, path))


def _is_given(event: ParcelEvent, element: str) -> bool:
    return any(_has(event, path) for path in element.split("|"))


def _has(event: ParcelEvent, path: str) -> bool:
    head, _, rest = path.partition(".")
    if head == "items":
        return bool(event.items) and all(_value(item, rest) for item in event.items)
    return bool(_value(event, path))


def _value(holder: object, path: str) -> object:
    """The value at a dotted path; an address by its lines and city."""
    for name in path.split(".") if path else ():
        if name == "address" and isinstance(holder, Party):
            return holder.addr_lines and (holder.city or holder.postal)
        holder = getattr(holder, name, None)
    return holder


def malformed(event: ParcelEvent) -> tuple[str, ...]:
    """The identifiers that fail their format or check digit, each as "field: what is wrong"."""
    return tuple(_malformed(event))


def _malformed(event: ParcelEvent) -> Iterator[str]:
    checks = [("mawb", event.mawb, identifiers.mawb_problem), ("s10", event.s10, identifiers.s10_problem)]
    checks += [(f"items[{item.line}].hts10", item.hts10, identifiers.hts_problem) for item in event.items]
    for field, value, problem_of in checks:
        problem = problem_of(value) if value else None
        if problem:
            yield f"{field}: {problem}"
    if event.consignee is not None:
        yield from zip_problems("consignee", event.consignee)


def zip_problems(role: str, party: Party) -> Iterator[str]:
    """A US ZIP code that is no ZIP code, or that lies in another state than the address says."""
    if party.country != "US" or not party.postal:
        return
    states = us_states_of_zip(party.postal)
    region = addresses.normal_region(party.region, "US").upper()
    if not states:
        yield f"{role}.postal: found {party.postal!r}, expected a US ZIP code"
    elif region and region not in states:
        yield f"{role}.postal: {party.postal} lies in {'/'.join(sorted(states))}, not in {party.region}"


def placeholders(event: ParcelEvent) -> tuple[str, ...]:
    """The party fields that say nothing: TBD, zeros for a phone, one party in both roles, a forwarder."""
    found = [text for role, party in event.parties() for text in _party_placeholders(role, party)]
    shipper, consignee = event.shipper, event.consignee
    if shipper and consignee and _is_same(shipper, consignee):
        found.append("consignee: the same as the shipper")
    if consignee and is_forwarder_name(consignee.name):
        found.append(f"consignee.name: found {consignee.name!r}, expected who receives the goods in the end")
    return tuple(found)


def _party_placeholders(role: str, party: Party) -> Iterator[str]:
    if party.name and is_placeholder_name(party.name):
        yield f"{role}.name: found {party.name!r}, expected a name"
    digits = _DIGITS.findall(party.phone)
    if party.phone and len(set(digits)) <= 1:
        yield f"{role}.phone: found {party.phone!r}, expected a number"


@lru_cache(maxsize=65_536)
def is_placeholder_name(name: str) -> bool:
    """Whether a name is none: a filler word, no letter at all, or one letter over and over."""
    plain = " ".join(words(name))
    letters = plain.replace(" ", "")
    return plain in _PLACEHOLDER_NAMES or len(set(letters)) <= 1 or not any(map(str.isalpha, letters))


@lru_cache(maxsize=65_536)
def is_forwarder_name(name: str) -> bool:
    return _FORWARDER_NAME.search(folded(name)) is not None


@lru_cache(maxsize=65_536)
def is_company(name: str) -> bool:
    """Whether a name says that it is a company's, by a legal form in it ("Ltd", "GmbH", "有限公司")."""
    return name_of(name).is_company


def _is_same(shipper: Party, consignee: Party) -> bool:
    return bool(shipper.name and shipper.addr_lines) and (
        folded(shipper.name) == folded(consignee.name) and shipper.addr_lines == consignee.addr_lines
    )


def conflicts(versions: Sequence[Version]) -> tuple[str, ...]:
    """How a parcel's declarations contradict each other: "value lowered", "description", "consignee",
    and "resent" where one sequence number came with two contents.

    Asked of all versions together, so that the order in which they came cannot matter.
    """
    declared = [version for version in versions if version.event_type in ("CREATE", "UPDATE")]
    if len(declared) < 2:
        return ()
    return tuple(dict.fromkeys(_conflicts(declared)))


def _conflicts(declared: Sequence[Version]) -> Iterator[str]:
    last = declared[-1]
    for earlier in declared[:-1]:
        if earlier.seq == last.seq:
            yield "resent"
        if _is_less(last.value_cents, earlier.value_cents):
            yield "value lowered"
        if folded(earlier.description) != folded(last.description):
            yield "description"
        if folded(earlier.consignee) != folded(last.consignee):
            yield "consignee"


def _is_less(value: int | None, than: int | None) -> bool:
    return value is not None and than is not None and value < than


def goods_text(event: ParcelEvent) -> str:
    """All text about the goods as one, each part on a line of its own."""
    parts: Iterable[str] = (
        event.description_raw,
        *(text for item in event.items for text in (item.description, item.sku_url, *item.cas)),
    )
    return "\n".join(dict.fromkeys(part for part in parts if part))
