"""What is wrong with a declaration in itself: malformed, contradictory or placeholder data."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import Version
from tidewaiter.domain.party import ROLES, Party
from tidewaiter.matching import addresses, identifiers
from tidewaiter.matching.names_words import name_of
from tidewaiter.matching.postcodes import us_states_of_zip
from tidewaiter.matching.text import folded, words

# No name is made of these alone: "Unknown receiver", "Valued customer", "same as above", "test 2".
_FILLERS: Final = (
    "tbd tba tbc none null undefined unknown unspecified undisclosed anonymous noname test testing dummy "
    "consignee shipper customer receiver recipient sender addressee buyer user resident occupant person "
    "individual name address data not known available given provided specified stated applicable same as "
    "above per invoice label attached mr mrs the end current private valued "
    "unbekannt empfanger inconnu destinataire desconocido destinatario neizvestno neizvestnyi poluchatel"
)
_FILLER_SIGNS: Final = "未知 不详 不詳 无名 無名 佚名 收件人 收货人 收貨人 发件人 客户 名無し 미상"
_PLACEHOLDER_WORDS = frozenset(_FILLERS.split())
# Read as words they are names of people: "Wei Zhi".
_PLACEHOLDER_SIGNS = frozenset(_FILLER_SIGNS.split())
_PLACEHOLDER_NAMES = frozenset(
    {"na", "no name", "to be advised", "to be announced", "to be confirmed", "to be determined"}
    | {"see attached", "see invoice", "see label"}
)
_PLACEHOLDER_BEGINNINGS = _PLACEHOLDER_WORDS | {name.partition(" ")[0] for name in _PLACEHOLDER_NAMES}
# A carrier's agent is never the ultimate consignee that 19 CFR 128.21 asks for.
_FORWARDER_NAME = re.compile(
    r"\b(?:freight (?:services?|solutions|logistics)|(?:freight )?forward(?:ers?|ing)|reship(?:pers?|ping))\b"
)
_ENTRY_TYPE = re.compile(r"[0-9]{2}")
_DIGITS = frozenset("0123456789")
_STATE_CODE = 2  # letters, which every state's name is read as
# Post is entered by the 7th of the month after, ships take weeks; a year too early is a slip in January.
_LONGEST_SINCE_ARRIVAL = timedelta(days=180)


def malformed(event: ParcelEvent, decided_at: datetime | None = None) -> tuple[str, ...]:
    """The identifiers that fail their format or check digit, and an arrival long before its message, each as
    "field: what is wrong". A message is no later than it is decided, whatever the carrier's clock says.
    """
    told_at = event.event_time if decided_at is None else min(event.event_time, decided_at)
    found = _arrival_problems(event, told_at)
    if event.mawb and (problem := _mawb_problem(event.mawb)):
        found.append(f"mawb: {problem}")
    if event.s10 and (problem := identifiers.s10_problem(event.s10)):
        found.append(f"s10: {problem}")
    if event.entry_type and not _ENTRY_TYPE.fullmatch(event.entry_type):
        found.append(f"entry_type: found {event.entry_type!r}, expected two digits, as 11")
    for item in event.items:
        if item.hts10 and (problem := _hts_problem(item.hts10)):
            found.append(f"items[{item.line}].hts10: {problem}")
    if event.consignee is not None:
        found += zip_problems(event.consignee)
    return tuple(found)


def _arrival_problems(event: ParcelEvent, told_at: datetime) -> list[str]:
    """A year written for the last one would have the parcel judged by the law of then."""
    moment, day = event.arrival_time or event.eta, event.flight_date
    if moment is not None:
        if told_at - moment > _LONGEST_SINCE_ARRIVAL:
            name = "arrival_time" if event.arrival_time else "eta"
            return [f"{name}: found {moment:%Y-%m-%d}, long before the message of {told_at:%Y-%m-%d}"]
    elif day is not None and told_at.date() - day > _LONGEST_SINCE_ARRIVAL:
        return [f"flight_date: found {day}, long before the message of {told_at:%Y-%m-%d}"]
    return []


# A flight's parcels share a master waybill, and goods their tariff numbers.
_mawb_problem = lru_cache(maxsize=16_384)(identifiers.mawb_problem)
_hts_problem = lru_cache(maxsize=16_384)(identifiers.hts_problem)


def zip_problems(consignee: Party) -> tuple[str, ...]:
    """A US ZIP code that is no ZIP code, or that lies in another state than the address says."""
    if consignee.country != "US" or not consignee.postal:
        return ()
    problem = _zip_problem(consignee.postal, consignee.region)
    return (f"consignee.postal: {problem}",) if problem else ()


@lru_cache(maxsize=8_192)
def _zip_problem(postal: str, region: str) -> str:
    states = us_states_of_zip(postal)
    state = addresses.normal_region(region.replace(".", ""), "US")
    if not states:
        return f"found {postal!r}, expected a US ZIP code"
    # "New York City" and "Calif." are no other state, and "XX" is none.
    if len(state) == _STATE_CODE and state.upper() not in states:
        return f"{postal} lies in {'/'.join(sorted(states))}, not in {region}"
    return ""


def placeholders(event: ParcelEvent) -> tuple[str, ...]:
    """The party fields that say nothing: TBD, zeros for a phone, one party in both roles, a forwarder."""
    found: list[str] = []
    for role in ROLES:
        party = getattr(event, role)
        if party is not None:
            if party.name and is_placeholder_name(party.name):
                found.append(f"{role}.name: found {party.name!r}, expected a name")
            if party.phone and _is_one_digit(party.phone):
                found.append(f"{role}.phone: found {party.phone!r}, expected a number")
            if party.addr_lines and all(map(_is_no_address, party.addr_lines)):
                found.append(f"{role}.addr_lines: found {party.addr_lines[0]!r}, expected an address")
    shipper, consignee = event.shipper, event.consignee
    if shipper and consignee and _is_same(shipper, consignee):
        found.append("consignee: the same as the shipper")
    if consignee and is_forwarder_name(consignee.name):
        found.append(f"consignee.name: found {consignee.name!r}, expected who receives the goods in the end")
    return tuple(found)


def _is_one_digit(phone: str) -> bool:
    """Whether a number has one digit over and over, or none: the last two signs nearly always tell."""
    if phone[-1] in _DIGITS and phone[-2:-1] in _DIGITS and phone[-1] != phone[-2]:
        return False
    return len(_DIGITS.intersection(phone)) <= 1


def _is_no_address(line: str) -> bool:
    """Whether a line of an address is a filler word; a number alone may be a house's."""
    return not any(map(str.isdigit, line)) and is_placeholder_name(line)


def is_placeholder_name(name: str) -> bool:
    """Whether a name is none: filler words alone, no letter at all, or one letter over and over."""
    if name.isascii():
        first = name.partition(" ")[0].lower()
        is_word = first.isalpha() and (first[0] != first[-1] or len(set(first)) > 1)
        if is_word and first not in _PLACEHOLDER_BEGINNINGS:
            return False
    found = words(name)
    letters = "".join(found)
    plain = letters if len(letters) == len(found) else " ".join(found)
    if len(set(letters)) <= 1 or plain in _PLACEHOLDER_NAMES or name.strip() in _PLACEHOLDER_SIGNS:
        return True
    return all(word.isdigit() or word in _PLACEHOLDER_WORDS for word in plain.split())


def is_forwarder_name(name: str) -> bool:
    """Whether a name says that it is a forwarder's: a cheap look first, since nearly no name does."""
    plain = folded(name)
    if "forward" not in plain and "freight" not in plain and "reship" not in plain:
        return False
    return _FORWARDER_NAME.search(plain) is not None


@lru_cache(maxsize=8_192)
def is_company(name: str) -> bool:
    """Whether a name says that it is a company's, by a legal form in it ("Ltd", "GmbH", "有限公司")."""
    return name_of(name).is_company


def is_bought_by_consignee(event: ParcelEvent) -> bool:
    """Whether a buyer is named, and it is who receives the goods, by the same words in whatever order."""
    buyer, consignee = event.buyer, event.consignee
    if buyer is None or consignee is None or not buyer.name:
        return False
    return buyer.name == consignee.name or sorted(words(buyer.name)) == sorted(words(consignee.name))


def _is_same(shipper: Party, consignee: Party) -> bool:
    """One party in both roles. A company may send to its own office elsewhere; a person has one name."""
    if not shipper.name or not _is_one_name(shipper.name, consignee.name):
        return False
    return shipper.addr_lines == consignee.addr_lines or not is_company(shipper.name)


def _is_one_name(name: str, other: str) -> bool:
    return name == other or (name[:1].lower() == other[:1].lower() and folded(name) == folded(other))


def conflicts(versions: Sequence[Version]) -> tuple[str, ...]:
    """How a parcel's declarations contradict each other: "value lowered", "description", "consignee",
    "entry" where it was entered by two Entry Types 86, and "resent" where one sequence number came with two
    contents.

    Asked of all versions together, so that the order in which they came cannot matter.
    """
    if len(versions) < 2:
        return ()
    declared = [version for version in versions if version.event_type in ("CREATE", "UPDATE")]
    if len(declared) < 2:
        return ()
    return tuple(dict.fromkeys(_conflicts(declared)))


def _conflicts(declared: Sequence[Version]) -> Iterator[str]:
    last = declared[-1]
    # The first of 64 long descriptions that is otherwise tells: to read all of them took a second.
    description, consignee = _Told(last.description), _Told(last.consignee)
    for earlier in declared[:-1]:
        if earlier.seq == last.seq:
            yield "resent"
        if earlier.currency == last.currency and _is_less(last.value_cents, earlier.value_cents):
            yield "value lowered"
        if description.was_otherwise(earlier.description):
            yield "description"
        if consignee.was_otherwise(earlier.consignee):
            yield "consignee"
        if earlier.low_value_entry and last.low_value_entry not in ("", earlier.low_value_entry):
            yield "entry"


class _Told:
    """A text that may have been another one before, however it was written."""

    def __init__(self, text: str) -> None:
        self._text, self._folded, self._was_otherwise = text, folded(text), False

    def was_otherwise(self, earlier: str) -> bool:
        """Whether this or one before was another text."""
        if not self._was_otherwise and earlier != self._text:
            self._was_otherwise = folded(earlier) != self._folded
        return self._was_otherwise


def _is_less(value: int | None, than: int | None) -> bool:
    return value is not None and than is not None and value < than
