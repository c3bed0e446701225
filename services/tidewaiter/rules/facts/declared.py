"""Facts that the declaration itself gives: parties, route, value, weights, and what is wrong with it."""

from calendar import IllegalMonthError, monthrange
from datetime import date
from functools import lru_cache
from typing import Final

import phonenumbers

from tidewaiter.domain.party import Party
from tidewaiter.matching import emails, ips, phones
from tidewaiter.rules import declaration
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.cel.types import BOOL, DOUBLE, INT, STRING, CelType, list_of, map_of
from tidewaiter.rules.elements import missing
from tidewaiter.rules.facts.row import Row, Subject

_EVENT = "parcel-events"
_STRINGS = list_of(STRING)


def _row(name: str, type_: CelType, meaning: str, ordinary: object, value: object, unit: str = "") -> Row:
    return Row(Fact(name, type_, meaning, _EVENT, unit), ordinary, value)  # type: ignore[arg-type]


def _number(value: object) -> float:
    return float(value) if value is not None else 0.0  # type: ignore[arg-type]


def _account_age_days(subject: Subject) -> int:
    """Days since the shipper's account was opened, at entry; -1 when the date was not given."""
    account = subject.shipper.account
    opened = _last_day_of(account.established) if account else None
    # An account said to be opened tomorrow is a new one, not one of unknown age.
    return max((subject.parcel.entry_date - opened).days, 0) if opened else -1


@lru_cache(maxsize=16_384)
def _last_day_of(text: str) -> date | None:
    """The day, or the last one of the month or year that the text gives: of two ages the younger counts."""
    year, month, day = (*text.split("-"), "", "")[:3]
    try:
        if day or not year:
            return date.fromisoformat(text) if text else None
        last = int(month or 12)
        return date(int(year), last, monthrange(int(year), last)[1])
    except (ValueError, OverflowError, IllegalMonthError):
        return None


def _phone_country(party: Party) -> str:
    numbers = phones.all_in(party.phone, party.country) if party.phone else ()
    return _region(numbers[0]) if numbers else ""


@lru_cache(maxsize=8_192)
def _region(number: str) -> str:
    """The country or territory of an E.164 number; "" for none.

    Country codes of one country answer by themselves; parsing the others costs 40 us.
    """
    if not number:
        return ""
    for digits in (2, 3, 1):
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(number[1 : 1 + digits]))
        if regions and len(regions) == 1:
            return str(regions[0])
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


@lru_cache(maxsize=16_384)
def _is_masked(ip: str) -> bool:
    return not ips.is_public(ip)


def _email_domain(party: Party) -> str:
    mailboxes = emails.all_in(party.email) if party.email else ()
    return mailboxes[0].rpartition("@")[2] if mailboxes else ""


def _value_per_kg(subject: Subject) -> float:
    weight = _number(subject.event.gross_weight_kg)
    return _number(subject.value_usd) / weight if weight > 0 else 0.0


DECLARED: Final = (
    _row("parcel.status", STRING, "DECLARED, CANCELLED or UNDECLARED", "DECLARED", lambda s: s.parcel.status),
    _row("parcel.carrier", STRING, "carrier that sent the events", "FX", lambda s: s.event.source_carrier),
    _row(
        "parcel.channel", STRING, "EXPRESS, AIR, POST, TRUCK or OCEAN", "EXPRESS", lambda s: s.event.channel
    ),
    _row("parcel.entry_type", STRING, "ACE entry type", "11", lambda s: s.event.entry_type),
    _row("parcel.claim", STRING, "SEC321, GIFT, INFORMAL, FORMAL, NONE", "INFORMAL", lambda s: s.event.claim),
    _row("parcel.origin", STRING, "country shipped from, ISO alpha-2", "CN", lambda s: s.parcel.origin),
    _row(
        "parcel.export_country", STRING, "last country before the US", "CN", lambda s: s.event.export_country
    ),
    _row("parcel.port", STRING, "first US port, Schedule D", "2095", lambda s: s.event.first_us_port),
    _row(
        "parcel.is_bought_by_consignee",
        BOOL,
        "a buyer is named, and it is the consignee",
        False,
        lambda s: declaration.is_bought_by_consignee(s.event),
    ),
    _row("parcel.value_usd", DOUBLE, "declared value", 48.0, lambda s: _number(s.value_usd), "USD"),
    _row(
        "parcel.is_round_value",
        BOOL,
        "the declared value is whole tens of US dollars",
        False,
        lambda s: bool(s.value_usd) and s.value_usd % 10 == 0,
    ),
    _row(
        "parcel.value_per_kg",
        DOUBLE,
        "declared value by gross weight; 0 without weight",
        60.0,
        _value_per_kg,
        "USD/kg",
    ),
    _row("parcel.pieces", INT, "pieces declared", 1, lambda s: s.event.pieces or 0),
    _row(
        "parcel.gross_weight_kg",
        DOUBLE,
        "gross weight declared",
        0.8,
        lambda s: _number(s.event.gross_weight_kg),
        "kg",
    ),
    _row(
        "parcel.scanned_weight_kg",
        DOUBLE,
        "weight on the carrier's scale; 0 before the scan",
        0.0,
        lambda s: _number(s.event.scanned_weight_kg),
        "kg",
    ),
    _row(
        "parcel.missing",
        _STRINGS,
        "mandatory elements not given, by the law of the entry date",
        (),
        lambda s: missing(s.event, s.law.mandatory),
    ),
    _row(
        "parcel.missing_advised",
        _STRINGS,
        "elements not given that the law of the entry date asks for without enforcing it",
        (),
        lambda s: missing(s.event, s.law.advised),
    ),
    _row(
        "parcel.malformed",
        _STRINGS,
        "identifiers that fail format or check digit, an arrival long before its message, with the reason",
        (),
        lambda s: declaration.malformed(s.event, s.parcel.trigger.decided_at),
    ),
    _row(
        "parcel.placeholders",
        _STRINGS,
        "party fields filled with words or zeros that say nothing",
        (),
        lambda s: declaration.placeholders(s.event),
    ),
    _row(
        "parcel.conflicts",
        _STRINGS,
        "how declarations of this parcel contradict: value lowered, description, consignee, entry, resent",
        (),
        lambda s: s.conflicts,
    ),
    _row("shipper.name", STRING, "as declared", "Shenzhen Bright Trading Co Ltd", lambda s: s.shipper.name),
    _row(
        "shipper.is_company",
        BOOL,
        "the name is a company's",
        True,
        lambda s: declaration.is_company(s.shipper.name),
    ),
    _row("shipper.country", STRING, "ISO alpha-2", "CN", lambda s: s.shipper.country),
    _row(
        "shipper.email_domain",
        STRING,
        "domain of the e-mail address",
        "example.cn",
        lambda s: _email_domain(s.shipper),
    ),
    _row(
        "shipper.phone_country",
        STRING,
        "region of the phone number, ISO alpha-2",
        "CN",
        lambda s: _phone_country(s.shipper),
    ),
    _row(
        "shipper.terms",
        map_of(STRING, _STRINGS),
        "terms of each word list that its name or e-mail domain contains; every list has a key",
        {},
        lambda s: s.shipper_terms,
    ),
    _row(
        "shipper.has_masked_ip",
        BOOL,
        "the IP address is none of the public internet: private, reserved or unreadable",
        False,
        lambda s: bool(s.shipper.ip) and _is_masked(s.shipper.ip),
    ),
    _row(
        "shipper.ip",
        STRING,
        "IP address of the booking, as RFC 5952 writes it; empty when not given",
        "",
        lambda s: ips.normalised(s.shipper.ip),
    ),
    _row(
        "shipper.has_account",
        BOOL,
        "a carrier account stands behind the shipment",
        True,
        lambda s: bool(s.shipper.account and s.shipper.account.number),
    ),
    _row(
        "shipper.is_known_consignor",
        BOOL,
        "the carrier vouches for a verified known consignor",
        False,
        lambda s: bool(s.shipper.account and s.shipper.account.known_consignor),
    ),
    _row(
        "shipper.account_age_days",
        INT,
        "age of the account at entry; -1 when not given",
        900,
        _account_age_days,
        "days",
    ),
    _row(
        "shipper.account_type",
        STRING,
        "as the carrier codes it",
        "BUSINESS",
        lambda s: s.shipper.account.type if s.shipper.account else "",
    ),
    _row(
        "shipper.account_billing",
        STRING,
        "as the carrier codes it: CASH, CARD, INVOICE",
        "INVOICE",
        lambda s: s.shipper.account.billing if s.shipper.account else "",
    ),
    _row("consignee.name", STRING, "as declared", "Dana Whitfield", lambda s: s.consignee.name),
    _row("consignee.country", STRING, "ISO alpha-2", "US", lambda s: s.consignee.country),
    _row(
        "consignee.region",
        STRING,
        "state, USPS code",
        "OH",
        lambda s: s.place.region.upper(),
    ),
    _row(
        "consignee.zip3",
        STRING,
        "first three digits of the ZIP code",
        "432",
        lambda s: s.consignee.postal.strip()[:3],
    ),
    _row(
        "consignee.is_mail_center",
        BOOL,
        "the address is a commercial mail receiving agency",
        False,
        lambda s: s.place.is_mail_center,
    ),
    _row(
        "consignee.is_po_box",
        BOOL,
        "the address is a PO box",
        False,
        lambda s: s.place.is_po_box,
    ),
    _row(
        "consignee.has_door",
        BOOL,
        "the address names a door or a box, not only a place",
        True,
        lambda s: s.has_door,
    ),
    _row(
        "consignee.is_forwarder",
        BOOL,
        "the address is a freight forwarder's",
        False,
        lambda s: s.place.is_forwarder,
    ),
    _row(
        "consignee.is_company",
        BOOL,
        "the name is a company's",
        False,
        lambda s: declaration.is_company(s.consignee.name),
    ),
    _row(
        "law.threshold_usd",
        DOUBLE,
        "limit of one person's day for this entry; 0 when there is none",
        2500.0,
        lambda s: _number(s.law.threshold_usd),
        "USD",
    ),
    _row(
        "law.gift_limit_usd",
        DOUBLE,
        "most that a gift between persons may be worth; 0 when the law frees none",
        100.0,
        lambda s: _number(s.law.gift_limit_usd),
        "USD",
    ),
    _row(
        "law.claim_admitted",
        BOOL,
        "the section 321 claim is admitted on the entry date",
        False,
        lambda s: s.law.claim_admitted,
    ),
    _row(
        "law.agencies",
        _STRINGS,
        "agencies whose data the law of the entry date asks for whatever the value",
        ("FDA",),
        lambda s: s.law.agencies,
    ),
    _row(
        "law.entry_type_admitted",
        BOOL,
        "the entry type is admitted on the entry date; most are always",
        True,
        lambda s: s.law.entry_type_admitted,
    ),
    _row(
        "officer.manual_hold",
        BOOL,
        "an officer has ordered a hold that is in force",
        False,
        lambda s: bool(s.parcel.orders_in_force),
    ),
)
