"""What is wrong with a declaration in itself: malformed, contradictory or placeholder data."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.history import Version
from tidewaiter.domain.party import ROLES, Party
from tidewaiter.matching import addresses, countries, identifiers
from tidewaiter.matching.names_words import name_of
from tidewaiter.matching.postcodes import us_states_of_zip
from tidewaiter.matching.text import folded, words

# No name is made of these alone: "Unknown receiver", "Valued customer", "same as above", "test 2".
_FILLERS: Final = (
    "tbd tba tbc none null undefined unknown unspecified undisclosed anonymous anon noname test testing "
    "dummy consignee shipper customer receiver recipient sender addressee buyer seller vendor user resident "
    "occupant person individual name address data not known available given provided specified stated "
    "applicable same as above per invoice attached mr mrs ms miss herr frau the end current private valued "
    "unbekannt empfanger inconnu destinataire desconocido destinatario neizvestno neizvestnyi poluchatel"
)
_FILLER_SIGNS: Final = (
    "未知 不详 不詳 无名 無名 佚名 收件人 收货人 收貨人 发件人 客户 先生 小姐 女士 名無し 미상"
)
_PLACEHOLDER_WORDS = frozenset(_FILLERS.split())
_WORDS_OR_NUMBERS = _PLACEHOLDER_WORDS | {""}
# Read as words they are names of people: "Wei Zhi", and Omar, of which Arabic writes no vowels, is "mr".
_OWN_SCRIPT: Final = re.compile(
    "[\u0590-\u07ff\u1100-\u11ff\u3041-\u3096\u30a1-\u30fa\u3400-\u9fff\uac00-\ud7af]"
)
_PLACEHOLDER_SIGNS = frozenset(_FILLER_SIGNS.split())
_PLACEHOLDER_NAMES = frozenset(
    {"na", "no name", "to be advised", "to be announced", "to be confirmed", "to be determined"}
    | {"see attached", "see invoice", "see label", "per label", "as per label", "same as label"}
    | {"john doe", "jane doe", "max mustermann", "erika mustermann", "fulano de tal"}
    | {"to whom it may concern", "owner", "amazon customer", "walk in", "walk in customer"}
    | {"company", "the company", "company llc", "company inc", "llc", "inc", "ltd", "co ltd"}
)
# "Asdf", "qwerty" and "xxx yyy" were typed to fill a field.
_TYPED: Final = re.compile(r"(?:asd[fghjkl]*|qwe[rtyuiop]*|zxc[vbnm]*)+|([a-z])\1{2,}")
_FIRST_KEYS: Final = ("asd", "qwe", "zxc")
# "Nana" is a name, and "N/A, N/A" is none.
_NOT_APPLICABLE: Final = re.compile(r"(?:n ?[/\\] ?a\W*)+", re.IGNORECASE)
_COUNT: Final = "0123456789"
_PLACEHOLDER_BEGINNINGS = _PLACEHOLDER_WORDS | {name.partition(" ")[0] for name in _PLACEHOLDER_NAMES}
# A carrier's agent is never the ultimate consignee that 19 CFR 128.21 asks for.
_FORWARDER_NAME = re.compile(
    r"\b(?:freight (?:services?|solutions|logistics)|(?:freight )?forward(?:ers?|ing)|reship(?:pers?|ping))\b"
)
_ENTRY_TYPE = re.compile(r"[0-9]{2}")
_NO_DIGIT: Final = re.compile("[^0-9]")
_DIGITS_IN_A_ROW: Final = "01234567890 9876543210 12345678900"
# The shortest numbers of small countries have five.
_FEWEST_DIGITS: Final = 5
# What goods of a customs union, and of Northern Ireland, are said to be of.
_UNIONS = frozenset(("EU", "XI"))
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
    found += _country_problems(event)
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


def _country_problems(event: ParcelEvent) -> Iterator[str]:
    """Where a door has a country that is none, or another one, no list knows it, and nobody's day has it."""
    told = [(f"{role}.country", party.country) for role, party in event.parties()]
    told += [(f"items[{item.line}].origin_country", item.origin_country) for item in event.items]
    for name, code in (("export_country", event.export_country), *told):
        if code and not _is_country(code):
            yield f"{name}: found {code!r}, expected a country of ISO 3166-1"


@lru_cache(maxsize=1024)
def _is_country(code: str) -> bool:
    return bool(countries.code(countries.iso(code))) or code in _UNIONS


# A flight's parcels share a master waybill, and goods their tariff numbers.
_mawb_problem = lru_cache(maxsize=16_384)(identifiers.mawb_problem)
_hts_problem = lru_cache(maxsize=16_384)(identifiers.hts_problem)


def zip_problems(consignee: Party) -> tuple[str, ...]:
    """A US ZIP code that is no ZIP code, or that lies in another state than the address says; and one that
    lies in its state, of a consignee who is said to be abroad."""
    if not consignee.postal:
        return ()
    if consignee.country == "US":
        problem = _zip_problem(consignee.postal, consignee.region)
        return (f"consignee.postal: {problem}",) if problem else ()
    if consignee.country and _is_in_the_us(consignee.postal, consignee.region, consignee.country):
        return (
            f"consignee.country: found {consignee.country!r}, and {consignee.postal} in {consignee.region}",
        )
    return ()


def _is_in_the_us(postal: str, region: str, country: str) -> bool:
    """Whether a ZIP code lies in its state, which is no country as Puerto Rico is one by ISO 3166-1."""
    states = us_states_of_zip(postal)
    return country not in states and addresses.normal_region(region.replace(".", ""), "US").upper() in states


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
            if party.phone and _is_no_number(party.phone):
                found.append(f"{role}.phone: found {party.phone!r}, expected a number")
            if party.addr_lines and all(map(is_no_place, party.addr_lines)):
                found.append(f"{role}.addr_lines: found {party.addr_lines[0]!r}, expected an address")
    shipper, consignee = event.shipper, event.consignee
    if shipper and consignee and _is_same(shipper, consignee):
        found.append("consignee: the same as the shipper")
    if consignee and is_forwarder_name(consignee.name):
        found.append(f"consignee.name: found {consignee.name!r}, expected who receives the goods in the end")
    return tuple(found)


def _is_no_number(phone: str) -> bool:
    """Whether a number has too few digits, one over and over, or all in a row ("1234567890")."""
    digits = _NO_DIGIT.sub("", phone)
    return len(digits) < _FEWEST_DIGITS or digits in _DIGITS_IN_A_ROW or digits == len(digits) * digits[0]


def is_no_place(text: str) -> bool:
    """Whether a place or a line of an address is a filler word; a number alone may be a house's."""
    return not any(map(str.isdigit, text)) and is_placeholder_name(text)


def is_placeholder_name(name: str) -> bool:
    """Whether a name is none: filler words alone, no letter at all, one letter over and over, or keys of one
    row."""
    if name.isascii():
        first = name.partition(" ")[0].lower()
        is_word = first.isalpha() and (first[0] != first[-1] or len(set(first)) > 1)
        if is_word and first not in _PLACEHOLDER_BEGINNINGS and not first.startswith(_FIRST_KEYS):
            return False
    elif _OWN_SCRIPT.search(name):
        return name.strip() in _PLACEHOLDER_SIGNS
    found = words(name)
    letters = "".join(found)
    plain = letters if len(letters) == len(found) else " ".join(found)
    if len(set(letters)) <= 1 or plain in _PLACEHOLDER_NAMES or _NOT_APPLICABLE.fullmatch(name.strip()):
        return True
    return all(map(_says_nothing, plain.split()))


def _says_nothing(word: str) -> bool:
    """Whether a word is a filler ("test1", too), a number, or typed to fill a field."""
    return word.rstrip(_COUNT) in _WORDS_OR_NUMBERS or _TYPED.fullmatch(word) is not None


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
