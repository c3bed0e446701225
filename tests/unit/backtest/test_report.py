"""What the report and its page say of a replay."""

import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from io import StringIO
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest
from msgspec import structs
from rich.console import Console

from tests.unit.backtest.weeks import bench, default, messages, records, ruleset
from tidewaiter.backtest.cost import ALL_RULES, costs
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.page import page
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.report import ALL_PORTS, Question, Report, Series, reported
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.tally import Excerpt, Held, Tally
from tidewaiter.backtest.truth import Label, precision_by_exams, precision_by_labels
from tidewaiter.cli.backtest_views import show
from tidewaiter.domain.finding import Finding

WEEK = records(messages())
DAY = datetime(2026, 11, 23, tzinfo=UTC).date()
LOOSER = ruleset(contact_parties_hold=5)


@pytest.fixture(scope="module")
def replay() -> Account:
    keys = keys_of(WEEK)
    return replayed(WEEK, bench(LOOSER, default()), keys, 1, lambda _: None)


@pytest.fixture(scope="module")
def report(replay: Account) -> Report:
    asked = Question(capacity={ALL_PORTS: 10, "4196": 1_000_000})
    return reported(replay, (LOOSER, default()), len(WEEK), asked)


def held(key: str, **changes: object) -> Held:
    excerpt = Excerpt("shirts", "20", "CN", "CN", "OH US", "EXPRESS", 1)
    one = Held(key, DAY, "4196", "FX", ("ADR-MANY",), ("A03",), (("A03", "Many names", "n = 5"),), excerpt)
    return structs.replace(one, **changes)


def test_report_counts_each_held_parcel_once_a_day_port_and_carrier(report: Report) -> None:
    side = report.candidate
    assert side.total == sum(one.total for one in side.by_port) == sum(one.total for one in side.by_carrier)
    assert sum(report.parcels) == len({record.key for record in WEEK})
    assert len(side.held) == len(report.days) == len(report.parcels)


def test_report_names_the_parcels_that_flip_and_no_others(report: Report, replay: Account) -> None:
    candidate, against = (set(tally.held) for tally in replay.tallies)
    assert {one.key for one in report.new} == candidate - against
    assert {one.key for one in report.gone} == against - candidate
    assert report.new
    assert {rule for one in report.new for rule in one.rules} == {"A03"}


def test_report_says_on_which_days_more_is_held_than_can_be_examined(report: Report) -> None:
    assert [(over.port, over.held, over.capacity) for over in report.over] == [
        (ALL_PORTS, report.candidate.held[0], 10)
    ]


def test_report_without_another_ruleset_has_no_flips(replay: Account) -> None:
    alone = Account(replay.tallies[:1], replay.examined)
    report = reported(alone, (LOOSER,), len(WEEK), Question())
    assert (report.against, report.flips) == (None, ())


def test_precision_by_labels_counts_a_crowd_as_due_once() -> None:
    tally = Tally(held={key: held(key) for key in ("FX|1", "FX|2", "FX|9")})
    labels = {
        f"FX|{n}": Label("FX", str(n), "crowd", expected_codes=("ADR-MANY",), must_hold=True, group="g")
        for n in (1, 2, 3)
    }
    labels["FX|4"] = Label("FX", "4", "other", expected_codes=("NAR-CAS",), must_hold=True)
    found = precision_by_labels(tally, labels)
    assert (found.known_held, found.right, found.due, found.found) == (3, 2, 2, 1)
    assert (found.precision, found.recall) == (2 / 3, 0.5)


def test_precision_by_examinations_knows_examined_parcels_alone() -> None:
    tally = Tally(held={key: held(key) for key in ("FX|1", "FX|2", "FX|3")})
    account = Account([tally], {"FX|1": "SEIZED", "FX|2": "NEGATIVE", "FX|8": "DETAINED"})
    found = precision_by_exams(tally, account)
    assert (found.known_held, found.right, found.due, found.found) == (2, 1, 2, 1)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_page_is_whole_and_needs_nothing_beside_itself(report: Report) -> None:
    text = page(report)
    tags = _Tags()
    tags.feed(text)
    assert tags.open == []
    assert {"svg", "details", "table"} <= set(tags.tags)
    assert not {"script", "link", "img", "iframe"} & set(tags.tags)
    assert re.findall(r"https?://|url\(|@import", text) == []


def test_page_shows_what_carriers_wrote_as_text(report: Report) -> None:
    excerpt = Excerpt("<script>alert(1)</script>", "20", "CN", "CN", "OH US", "EXPRESS", 1)
    bad = held("FX|<b>", excerpt=excerpt, port='"><i>')
    text = page(structs.replace(report, examples=(("A03", (bad,)),)))
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "<i>" not in text


def test_names_that_have_no_room_are_counted_in_page_and_terminal(report: Report) -> None:
    ports = tuple(Series(f"{port}", (25 - port,)) for port in range(23))
    side = structs.replace(report.candidate, by_port=ports)
    many = structs.replace(report, candidate=side, against=None)
    console = Console(file=StringIO(), record=True)
    show(console, many)
    assert "and 3 more" in page(many)
    assert "and 13 more" in console.export_text()


def test_page_of_an_empty_history_is_made_all_the_same() -> None:
    empty = reported(Account([Tally()]), (default(),), 0, Question())
    assert "no day" in page(empty)


def test_report_of_the_same_history_is_the_same_bytes(replay: Account, report: Report) -> None:
    again = reported(replay, (LOOSER, default()), len(WEEK), Question(capacity=report.capacity))
    assert (msgspec.json.encode(again), page(again)) == (msgspec.json.encode(report), page(report))


def test_costs_name_every_rule_once_and_all_of_them_together() -> None:
    found = costs(WEEK[:60], bench())
    names = [cost.rule for cost in found]
    assert names[0] == ALL_RULES
    assert sorted(names[1:]) == sorted(one.rule.id for one in default().rules)


def test_parcel_held_by_a_later_message_has_the_day_of_the_first_hold_and_the_codes_of_both() -> None:
    later = held("FX|1", day=DAY + timedelta(days=1), codes=("NAR-CAS",), rules=("N02",))
    joined = held("FX|1").joined(later)
    assert (joined.day, joined.codes, joined.rules) == (DAY, ("ADR-MANY", "NAR-CAS"), ("A03", "N02"))


def test_what_a_rule_in_shadow_would_hold_is_counted_apart() -> None:
    tally, shadow = Tally(), Finding("A03", "", "", mode="shadow")
    findings = (shadow, structs.replace(shadow, holds=True), Finding("N01", "", "", holds=True))
    decision = SimpleNamespace(findings=findings, holds=())
    decided: Any = SimpleNamespace(parcel=SimpleNamespace(status="OPEN", key=""), decision=decision, order="")
    tally.add(decided, DAY, is_first=True)
    assert (tally.fired, tally.shadow) == ({"A03": 2, "N01": 1}, {"A03": 1})
