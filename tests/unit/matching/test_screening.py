"""Screening a party: a hit holds by name and corroboration together, never by one of them."""

import pytest

from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryName, Identifier, NameKind
from tidewaiter.matching.corroboration import Subject
from tidewaiter.matching.index import NameIndex
from tidewaiter.matching.screening import HOLD_SCORE, hits

NAME = "Darya Yastrebova"


def listed(kind: NameKind = "primary") -> Entry:
    return Entry(
        "test",
        "17",
        "person",
        (EntryName("Unlike Thisone"), EntryName(NAME, kind)),
        addresses=(Address(("14 Kestrel Street",), "Omaha", "NE", "68102", "US"),),
        identifiers=(Identifier("phone", "+1 402 555 0142"),),
        programs=("SDNTK",),
        birth_dates=("1961-05-17",),
        countries=("US",),
    )


def index(kind: NameKind = "primary") -> NameIndex:
    return NameIndex.build([listed(kind)])


@pytest.mark.parametrize(
    ("subject", "holds"),
    [
        pytest.param(Subject(), False, id="name alone"),
        pytest.param(Subject(country="US"), False, id="country"),
        pytest.param(Subject(birth_date="1961"), False, id="year of birth"),
        pytest.param(Subject(birth_date="1961-05-17"), True, id="date of birth"),
        pytest.param(Subject(phone="402-555-0142", country="US"), True, id="phone"),
        pytest.param(Subject(Address(("14 Kestrel St",), "Omaha", "NE", "68102", "US")), True, id="address"),
        pytest.param(
            Subject(phone="402-555-0142", country="US", birth_date="1987-02-01"), False, id="contradicted"
        ),
    ],
)
def test_a_hit_holds_when_name_and_corroboration_suffice(subject: Subject, holds: bool) -> None:
    (hit,) = hits(index(), NAME, "person", subject)
    assert hit.holds is holds


def test_a_hit_carries_the_entry_the_alias_and_the_words() -> None:
    (hit,) = hits(index(), "Yastrebova, Darya", "person", Subject(phone="402-555-0142", country="US"))
    assert (hit.list, hit.entry_id, hit.entry_name, hit.alias) == ("test", "17", "Unlike Thisone", NAME)
    assert hit.programs == ("SDNTK",)
    assert set(hit.corroborated) == {"country", "phone"}
    assert {token.entry for token in hit.tokens} == {"darya", "yastrebova"}


def test_a_weak_alias_holds_only_when_it_agrees_wholly() -> None:
    subject = Subject(birth_date="1961-05-17")
    (whole,) = hits(index("weak_alias"), NAME, "person", subject)
    (partly,) = hits(index("weak_alias"), "Daria Jastrebova", "person", subject)
    assert (whole.holds, partly.holds) == (True, False)


def test_a_name_that_matches_nothing_has_no_hits_whatever_else_agrees() -> None:
    assert hits(index(), "Omar Nashashibi", "person", Subject(phone="402-555-0142", country="US")) == ()


@pytest.mark.parametrize(
    ("line", "holds"),
    [("14 Kestrel St", True), ("14 Kestrel Street, Suite 3", True), ("14 Kestral Street", False)],
)
def test_a_doubtful_name_holds_at_the_very_door_alone(line: str, holds: bool) -> None:
    firm = Entry(
        "test",
        "18",
        "organization",
        (EntryName("Kontur LLC"),),
        addresses=(Address(("14 Kestrel Street",), "Omaha", "NE", "68102", "US"),),
    )
    subject = Subject(Address((line,), "Omaha", "NE", "68102", "US"))
    (hit,) = hits(NameIndex.build([firm]), "Konutr LLC", "organization", subject)
    assert hit.score < HOLD_SCORE
    assert hit.corroborated == ("address", "country")
    assert hit.holds is holds
