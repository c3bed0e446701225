"""Facts that were looked up: watchlist hits, listed identifiers, windows, and what did not answer."""

from collections.abc import Callable
from typing import Final

from tidewaiter.domain.evidence import PartyHit, Source, WindowTotals
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.rules.catalogue import DOUBLE, INT, STRING, UNKNOWN, CelType, Fact, list_of
from tidewaiter.rules.facts.row import Row, Subject

# OFAC programmes under which narcotics traffickers are listed (domain.md, W01).
DRUG_PROGRAMS: Final = frozenset(("SDNTK", "SDNT", "ILLICIT-DRUGS-EO14059"))
# Lists of other law, which have rules of their own.
_FORCED_LABOR: Final = "dhs-uflpa"


def _known(source: Source, value: Callable[[Subject], object]) -> Callable[[Subject], object]:
    """The value, or UNKNOWN while its source is unavailable."""
    return lambda subject: UNKNOWN if source in subject.evidence.unavailable else value(subject)


def _hits(subject: Subject, accept: Callable[[PartyHit], bool]) -> int:
    return sum(1 for found in subject.evidence.hits if accept(found))


def is_drug_listed(programs: tuple[str, ...]) -> bool:
    return not DRUG_PROGRAMS.isdisjoint(programs)


def _identified(*kinds: IdentifierKind, local: bool = False) -> Callable[[Subject], object]:
    """How many listed identifiers of these kinds the parties carry; no kind means any."""

    def count(subject: Subject) -> object:
        return sum(
            1
            for found in subject.evidence.identifiers
            if found.is_local == local and (not kinds or found.kind in kinds)
        )

    return _known("identifiers", count)


def _window(value: Callable[[WindowTotals], object]) -> Callable[[Subject], object]:
    def of(subject: Subject) -> object:
        windows = subject.evidence.windows
        return UNKNOWN if windows is None else value(windows)

    return of


def _hit_row(name: str, meaning: str, accept: Callable[[PartyHit], bool]) -> Row:
    fact = Fact(name, INT, meaning, "watchlists: names", may_be_unknown=True)
    return Row(fact, 0, _known("names", lambda s: _hits(s, accept)))


def _identifier_row(name: str, meaning: str, value: Callable[[Subject], object]) -> Row:
    return Row(Fact(name, INT, meaning, "watchlists: identifiers", may_be_unknown=True), 0, value)


def _window_row(
    name: str, type_: CelType, meaning: str, ordinary: object, value: Callable[[WindowTotals], object]
) -> Row:
    unit = "USD" if type_ is DOUBLE else ""
    return Row(Fact(name, type_, meaning, "windows", unit, may_be_unknown=True), ordinary, _window(value))


LOOKED_UP: Final = (
    _hit_row(
        "hits.narcotics",
        "entries of a drug programme matched by name and corroborated",
        lambda f: f.hit.holds and is_drug_listed(f.hit.programs) and f.hit.list != _FORCED_LABOR,
    ),
    _hit_row(
        "hits.other",
        "entries of other programmes and lists matched by name and corroborated",
        lambda f: f.hit.holds and not is_drug_listed(f.hit.programs) and f.hit.list != _FORCED_LABOR,
    ),
    _hit_row("hits.weak", "entries matched by name alone", lambda f: not f.hit.holds),
    _hit_row(
        "hits.forced_labor",
        "entries of the UFLPA list matched by name",
        lambda f: f.hit.list == _FORCED_LABOR and f.hit.score >= 0.9,
    ),
    _identifier_row("listed.addresses", "listed addresses that a party has", _identified("address")),
    _identifier_row(
        "listed.contacts",
        "listed phones, e-mails, websites, tax ids, accounts and IPs that a party has",
        _identified("phone", "email", "website", "tax_id", "account", "ip"),
    ),
    _identifier_row("listed.local", "officers' own entries that a party carries", _identified(local=True)),
    _window_row(
        "windows.person_day_usd",
        DOUBLE,
        "value of one person's parcels on the day of entry, this one included",
        48.0,
        lambda w: w.person_day_cents / 100,
    ),
    _window_row(
        "windows.person_day_parcels", INT, "number of those parcels", 1, lambda w: w.person_day_parcels
    ),
    _window_row(
        "windows.address_names_7d",
        INT,
        "different consignees at this address in 7 days",
        1,
        lambda w: w.address_names_7d,
    ),
    _window_row(
        "windows.address_names_30d",
        INT,
        "different consignees at this address in 30 days",
        1,
        lambda w: w.address_names_30d,
    ),
    _window_row(
        "windows.contact_parties_30d",
        INT,
        "different consignees with this phone or e-mail in 30 days",
        1,
        lambda w: w.contact_parties_30d,
    ),
    _window_row(
        "windows.press_parts_30d",
        INT,
        "parcels with press parts to this person in 30 days",
        0,
        lambda w: w.person_press_parts_30d,
    ),
    _window_row(
        "windows.pair_parcels_3d",
        INT,
        "parcels from this shipper to this consignee in 3 days",
        1,
        lambda w: w.pair_parcels_3d,
    ),
    _window_row(
        "windows.account_names_30d",
        INT,
        "different shippers on this account, phone or IP in 30 days",
        1,
        lambda w: w.account_names_30d,
    ),
    _window_row(
        "windows.positive_exams_90d",
        INT,
        "parcels of these parties with a positive exam in 90 days",
        0,
        lambda w: w.person_positive_exams_90d,
    ),
    Row(
        Fact(
            "control.draw", DOUBLE, "unpredictable number of the parcel in 0..1", "keyed hash of the parcel"
        ),
        1.0,
        lambda s: s.evidence.control_draw,
    ),
    Row(
        Fact("evidence.unavailable", list_of(STRING), "sources that did not answer", "screener"),
        (),
        lambda s: tuple(sorted(s.evidence.unavailable)),
    ),
    Row(
        Fact("evidence.stale_lists", list_of(STRING), "lists older than their allowed age", "screener"),
        (),
        lambda s: s.evidence.stale_lists,
    ),
)
