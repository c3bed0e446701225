"""Whom the lists know a party as, officers' own entries and remembered exceptions included."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from msgspec import convert

from tests.unit.screener.desk import LISTED, LISTED_PARTY, NOW, KnownParties
from tidewaiter.domain.generation import KnownDifferent, LocalEntry, entry_digest
from tidewaiter.domain.party import Party
from tidewaiter.matching.identity import person_keys
from tidewaiter.matching.names_beside import names_beside
from tidewaiter.screener.names import ListedNames

PARTY = convert(LISTED_PARTY, Party)


def names(
    local: tuple[LocalEntry, ...] = (),
    known: Mapping[str, KnownDifferent] | None = None,
    now: datetime = NOW,
) -> ListedNames:
    return ListedNames((LISTED,), local, KnownParties(known or {}), lambda: now)


def hot(name: str, until: str | None = None) -> LocalEntry:
    return LocalEntry("name", name, "hot-1", name, "seen at the dock", "officer-7", "2026-11-24", until)


def different(digest: str = "", until: str | None = None) -> dict[str, KnownDifferent]:
    exception = KnownDifferent(
        "ofac-sdn", "36216", digest or entry_digest(LISTED), "born elsewhere", "officer-7", "2026", until
    )
    return dict.fromkeys(person_keys(PARTY), exception)


def test_a_listed_party_holds() -> None:
    (hit,) = names().hits(PARTY)
    assert (hit.entry_id, hit.holds, hit.excepted) == ("36216", True, "")


def test_an_exception_is_shown_and_does_not_hold() -> None:
    (hit,) = names(known=different()).hits(PARTY)
    assert (hit.holds, hit.excepted) == (False, "born elsewhere")


def test_an_exception_ends_when_the_entry_changes() -> None:
    (hit,) = names(known=different(digest="0" * 16)).hits(PARTY)
    assert hit.holds


def test_an_exception_ends_when_its_time_is_over() -> None:
    (hit,) = names(known=different(until="2026-11-24T11:59:59+00:00")).hits(PARTY)
    assert hit.holds


def test_an_officers_name_holds_without_corroboration() -> None:
    (hit,) = names(local=(hot("Quirinus Vandersteen"),)).hits(Party(name="VANDERSTEEN Quirinus"))
    assert (hit.list, hit.entry_id, hit.holds) == ("local", "hot-1", True)


@pytest.mark.parametrize(
    ("entered", "shipped"),
    [
        ("Zhang San Feng", "张三丰"),
        ("张三丰", "ZHANG SANFENG"),
        ("Sergey Ivanov", "Сергей Иванов"),
        ("Ouyang Na Na", "Ouyang Nana"),
        ("Nexora", "Nexora B.V."),
        ("Nexora B.V.", "NEXORA"),
        ("Velmora Trading LLC", "Velmora Trading Co., Ltd"),
        ("Ines Harbor", "Mrs. Inés HARBOR"),
        ("Frank Pier a/k/a Ines Harbor", "Harbor, Ines"),
        ("Ines Harbor", "Ines Harbor dba Velmora Trading"),
    ],
)
def test_an_officers_name_holds_in_any_of_the_ways_it_is_written(entered: str, shipped: str) -> None:
    known = names(local=(hot(entered),))
    party = Party(name=shipped)
    asked = (party, *(Party(name=name) for name in names_beside(party)))
    assert any(hit.holds for each in asked for hit in known.hits(each))


@pytest.mark.parametrize(
    ("entered", "shipped"),
    [("Zara Khan", "Sara Khan"), ("John A. Smith", "John B. Smith"), ("Ines Harbor", "Ines Barbor")],
)
def test_an_officers_name_does_not_hold_another(entered: str, shipped: str) -> None:
    assert not any(hit.holds for hit in names(local=(hot(entered),)).hits(Party(name=shipped)))


def test_half_of_an_officers_name_does_not_hold() -> None:
    hits = names(local=(hot("Quirinus Vandersteen"),)).hits(Party(name="Peter Vandersteen"))
    assert not any(hit.holds for hit in hits)


def test_an_officers_name_ends_when_its_time_is_over() -> None:
    ended = hot("Quirinus Vandersteen", until="2026-11-24T11:00:00+00:00")
    assert names(local=(ended,)).hits(Party(name="Quirinus Vandersteen")) == ()
    lasting = hot("Quirinus Vandersteen", until="2026-11-24T13:00:00+00:00")
    assert names(local=(lasting,)).hits(Party(name="Quirinus Vandersteen")) != ()
