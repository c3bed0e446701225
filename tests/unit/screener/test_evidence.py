"""From answers to evidence: nothing that was found is lost, nothing is made up."""

from typing import Any

import pytest
from msgspec import structs

from tests.unit.screener.desk import LISTED
from tidewaiter.domain.hit import Hit
from tidewaiter.domain.lookup import Answer, Contribution, Listing, Lookup
from tidewaiter.domain.party import Party, Role
from tidewaiter.rules.ordinary import ordinary_event
from tidewaiter.screener.evidence import ControlDraw, Lists, blind_evidence, evidence_of, party_hits
from tidewaiter.screener.questions import Question

LISTS = Lists(5, {"ofac-sdn": "abc"}, ("un-sc",))
HIT = Hit(0.97, "ofac-sdn", "36216", LISTED.name, LISTED.name)


class Everybody:
    """A name screen that finds whoever is named so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def hits(self, party: Party) -> tuple[Hit, ...]:
        return (HIT,) if party.name == self._name else ()


@pytest.mark.parametrize("windows", [((4800, 1), (9600, 2)), ((9600, 2), (4800, 1))])
def test_the_greatest_of_a_persons_windows_counts(windows: tuple[tuple[int, int], ...]) -> None:
    contributions = tuple(Contribution("person_day", key, 1) for key in ("door", "phone"))
    question = Question(Lookup("FX|1", 1, "d", contributions=contributions))
    totals = evidence_of(question, Answer(windows=windows), (), LISTS, 0.5).windows
    assert totals is not None
    assert (totals.person_day_cents, totals.person_day_parcels) == (9600, 2)


def test_what_is_counted_and_not_asked_for_tells_nothing() -> None:
    asked = Contribution("person_day", "door", 1)
    contributions = (asked, structs.replace(asked, entity="initial", asked=False))
    question = Question(Lookup("FX|1", 1, "d", contributions=contributions))
    totals = evidence_of(question, Answer(windows=((4800, 1), (9600, 2))), (), LISTS, 0.5).windows
    assert totals is not None
    assert (totals.person_day_cents, totals.person_day_parcels) == (4800, 1)


def test_both_spans_of_a_window_are_read() -> None:
    question = Question(Lookup("FX|1", 1, "d", contributions=(Contribution("address_names", "door", 1),)))
    windows = evidence_of(question, Answer(windows=((7, 30),)), (), LISTS, 0.5).windows
    assert windows is not None
    assert (windows.address_names_7d, windows.address_names_30d) == (7, 30)


def test_a_listed_identifier_keeps_its_role_and_its_entry() -> None:
    question = Question(
        Lookup("FX|1", 1, "d", identifiers=(("phone", "+1"), ("email", "a@b.c"))), ("shipper", "notify")
    )
    listing = Listing("ofac-sdn", "7", "SOMEBODY", ("SDNTK",))
    (found,) = evidence_of(question, Answer(identifiers=((), (listing,))), (), LISTS, 0.5).identifiers
    assert (found.role, found.kind, found.entry_id, found.programs) == ("notify", "email", "7", ("SDNTK",))


def test_evidence_names_the_lists_in_force_and_the_stale_ones() -> None:
    evidence = evidence_of(Question(Lookup("FX|1", 1, "d")), Answer(), (), LISTS, 0.5)
    assert (evidence.generation, evidence.list_versions) == (5, {"ofac-sdn": "abc"})
    assert (evidence.stale_lists, evidence.unavailable) == (("un-sc",), frozenset())


def test_blind_evidence_says_what_is_not_known() -> None:
    evidence = blind_evidence((), LISTS, 0.5)
    assert evidence.unavailable == {"identifiers", "windows", "history"}
    assert evidence.windows is None


def test_every_named_party_is_screened_in_its_role() -> None:
    event = ordinary_event({"notify": {"name": "Radomir"}, "buyer": {"name": "Radomir"}})
    assert {found.role for found in party_hits(event, Everybody("Radomir"))} == {"buyer", "notify"}


@pytest.mark.parametrize("role", ["shipper", "buyer"])
def test_the_holder_of_a_partys_account_is_screened_in_its_role(role: Role) -> None:
    event = ordinary_event({role: {"name": "Sunny Day Toys", "account": {"holder": "Radomir"}}})
    found = party_hits(event, Everybody("Radomir"))
    assert [(one.role, one.name) for one in found] == [(role, "Radomir")]


def test_a_party_that_holds_its_account_itself_is_screened_once() -> None:
    event = ordinary_event({"shipper": {"name": "Radomir", "account": {"holder": "Radomir"}}})
    assert len(party_hits(event, Everybody("Radomir"))) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Dana Whitfield c/o Radomir"},
        {"name": "Sunny Day Toys, Attn.: Radomir"},
        {"addr_lines": ["C/O Radomir", "1180 Neil Ave"]},
        {"addr_lines": ["1180 Neil Ave", "Attention: Radomir"]},
    ],
)
def test_whom_a_party_is_in_care_of_is_screened_in_its_role(changes: dict[str, Any]) -> None:
    found = party_hits(ordinary_event({"consignee": changes}), Everybody("Radomir"))
    assert [(one.role, one.name) for one in found] == [("consignee", "Radomir")]


def test_makers_are_screened_once_each_as_sellers() -> None:
    items = [{"manufacturer": "Radomir"}, {"manufacturer": "Radomir"}, {"manufacturer": ""}]
    found = party_hits(ordinary_event({"items": items}), Everybody("Radomir"))
    assert [one.role for one in found] == ["seller"]


def test_the_draw_of_a_parcel_is_its_own_and_needs_the_secret() -> None:
    draw = ControlDraw(b"one secret")
    assert draw.of("FX|1") == ControlDraw(b"one secret").of("FX|1")
    assert draw.of("FX|1") != draw.of("FX|2")
    assert draw.of("FX|1") != ControlDraw(b"another secret").of("FX|1")


def test_the_draw_takes_about_the_share_that_it_is_asked_for() -> None:
    draw = ControlDraw(b"one secret")
    share = sum(draw.of(f"FX|{number}") < 0.1 for number in range(20_000)) / 20_000
    assert 0.09 < share < 0.11
