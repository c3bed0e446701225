"""Facts that were looked up: watchlist hits, listed identifiers, and what did not answer."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final

from tidewaiter.domain.evidence import IdentifierHit, PartyHit, Source
from tidewaiter.matching.names import similarity
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.cel.types import DOUBLE, INT, STRING, list_of
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.facts.row import Row, Subject

# OFAC programmes under which narcotics traffickers are listed (domain.md, W01).
DRUG_PROGRAMS: Final = frozenset(("SDNTK", "SDNT", "ILLICIT-DRUGS-EO14059"))
# Lists that have rules of their own: other law, and what officers enter.
_FORCED_LABOR: Final = "uflpa"
_LOCAL: Final = "local"
# Lists of whom nothing may be exported to: the denied, the entity, the military end-user and the unverified
# list of BIS, and the debarred of the State Department. Goods that come from them are lawful (domain.md 5).
EXPORT_CONTROL: Final = frozenset(("bis-dpl", "csl-dpl", "csl-el", "csl-meu", "csl-uvl", "csl-dtc"))
_OWN_RULES: Final = frozenset((_FORCED_LABOR, _LOCAL)) | EXPORT_CONTROL
# The UFLPA list is names alone, with nothing to corroborate them by: they must be as good as equal. The score
# of equal names grows with what they tell: "Ninestar Corporation" and itself have 0.903, without the form
# 0.872, which is 0.966 of it; with "Xinjiang" left out of a long one there remain 0.932.
_EQUAL: Final = 0.95
_OF_EQUAL: Final = 0.96
_MAKERS: Final = frozenset(("shipper", "seller"))


def _is_strong(found: PartyHit) -> bool:
    return found.hit.holds and found.hit.list not in _OWN_RULES


def _is_weak(found: PartyHit) -> bool:
    """Neither strong nor set aside: of an excepted hit an officer knows that the party is another one."""
    hit = found.hit
    return not hit.holds and not hit.excepted and hit.list not in (_FORCED_LABOR, *EXPORT_CONTROL)


def _stops_imports(found: IdentifierHit) -> bool:
    return not found.is_local and found.list not in EXPORT_CONTROL


@lru_cache(maxsize=4096)
def _equal(alias: str) -> float:
    """The score from which a name is this one, but for its company form perhaps."""
    return min(_EQUAL, _OF_EQUAL * similarity(alias, alias, "organization"))


def _is_drug_listed(found: PartyHit) -> bool:
    return not DRUG_PROGRAMS.isdisjoint(found.hit.programs)


HITS: Final[Mapping[str, Callable[[PartyHit], bool]]] = {
    "hits.narcotics": lambda f: _is_strong(f) and _is_drug_listed(f),
    "hits.other": lambda f: _is_strong(f) and not _is_drug_listed(f),
    "hits.weak": _is_weak,
    "hits.forced_labor": lambda f: (
        f.hit.list == _FORCED_LABOR
        and f.role in _MAKERS
        and f.hit.score >= _equal(f.hit.alias)
        and not f.hit.excepted
    ),
    "hits.export": lambda f: f.hit.list in EXPORT_CONTROL and not f.hit.excepted,
    "hits.local": lambda f: f.hit.list == _LOCAL and f.hit.holds,
}
"""Which name hits a fact counts."""

LISTED: Final[Mapping[str, Callable[[IdentifierHit], bool]]] = {
    "listed.addresses": lambda f: _stops_imports(f) and f.kind == "address",
    "listed.contacts": lambda f: _stops_imports(f) and f.kind != "address",
    "listed.export": lambda f: f.list in EXPORT_CONTROL,
    "listed.local": lambda f: f.is_local,
}
"""Which listed identifiers a fact counts."""


def hits_behind(fact: str, subject: Subject) -> tuple[PartyHit, ...]:
    """The name hits that made the fact what it is; () for another fact."""
    accept = HITS.get(fact)
    return tuple(filter(accept, subject.evidence.hits)) if accept else ()


def listed_behind(fact: str, subject: Subject) -> tuple[IdentifierHit, ...]:
    """The listed identifiers that made the fact what it is; () for another fact."""
    accept = LISTED.get(fact)
    return tuple(filter(accept, subject.evidence.identifiers)) if accept else ()


def _known(source: Source, value: Callable[[Subject], object]) -> Callable[[Subject], object]:
    """The value, or UNKNOWN while its source is unavailable."""
    return lambda subject: UNKNOWN if source in subject.evidence.unavailable else value(subject)


def _hit_row(name: str, meaning: str) -> Row:
    def count(subject: Subject) -> int:
        return len(hits_behind(name, subject)) if subject.evidence.hits else 0

    fact = Fact(name, INT, meaning, "watchlists: names", may_be_unknown=True)
    return Row(fact, 0, _known("names", count))


def _listed_row(name: str, meaning: str) -> Row:
    def count(subject: Subject) -> int:
        return len(listed_behind(name, subject)) if subject.evidence.identifiers else 0

    fact = Fact(name, INT, meaning, "watchlists: identifiers", may_be_unknown=True)
    return Row(fact, 0, _known("identifiers", count))


def _unavailable(subject: Subject) -> tuple[str, ...]:
    """Windows that nobody filled in did not answer, whatever the gathering side says of them."""
    evidence = subject.evidence
    if not evidence.unavailable and evidence.windows is not None:
        return ()
    return tuple(sorted(evidence.unavailable | ({"windows"} if evidence.windows is None else set())))


LOOKED_UP: Final = (
    _hit_row("hits.narcotics", "entries of a drug programme matched by name and corroborated"),
    _hit_row("hits.other", "entries of other programmes and lists matched by name and corroborated"),
    _hit_row("hits.weak", "entries matched by name alone"),
    _hit_row("hits.forced_labor", "entries of the UFLPA list that shipper, seller or maker equals by name"),
    _hit_row("hits.export", "entries of export-control lists matched by name"),
    _hit_row("hits.local", "officers' own entries matched by name"),
    _listed_row("listed.addresses", "listed addresses that a party has"),
    _listed_row(
        "listed.contacts", "listed phones, e-mails, websites, tax ids, accounts and IPs that a party has"
    ),
    _listed_row("listed.export", "identifiers of entries of export-control lists that a party has"),
    _listed_row("listed.local", "officers' own entries that a party carries an identifier of"),
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
        _unavailable,
    ),
    Row(
        Fact("evidence.stale_lists", list_of(STRING), "lists older than their allowed age", "screener"),
        (),
        lambda s: s.evidence.stale_lists,
    ),
)
