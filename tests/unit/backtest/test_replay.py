"""A replay decides as the screener does, and comes out the same on any number of processes."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NoReturn

import msgspec
import orjson
import pytest
from msgspec import structs

from tests.fakes.in_process import EvidenceInProcess
from tests.unit.backtest.weeks import SECRET, bench, default, exam, messages, records, ruleset
from tidewaiter.backtest import shard
from tidewaiter.backtest.bench import Bench, Period, bench_of
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.report import Question, reported
from tidewaiter.backtest.shard import Account
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.features import USUAL
from tidewaiter.domain.history import History
from tidewaiter.resources import policy_directory
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided, Deciding
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.habits import FixedHabits
from tidewaiter.screener.in_force import Switch, Wanted
from tidewaiter.screener.work import ScreeningWork, Watcher
from tidewaiter.simulate.message import Message
from tidewaiter.stream.outcome import Outcome, Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire import hold_orders
from tidewaiter.wire.history import encode
from tidewaiter.wire.hold_order import HoldOrder
from tidewaiter.wire.topics import HOLD_ORDERS, RESCREENS

WEEK = records(messages())


def account(of: Bench, history: Sequence[Record] = WEEK, processes: int = 1) -> Account:
    keys = keys_of(history)
    return replayed(history, of, keys, processes, lambda _: None)


@cache
def of_the_week() -> Account:
    """What the ruleset shipped makes of the week."""
    return account(bench())


def in_json(found: Account, *rulesets: Ruleset) -> bytes:
    return msgspec.json.encode(reported(found, rulesets, len(WEEK), Question()))


@dataclass
class Heard(Watcher):
    """What the screener's work tells its watcher and the stream: the decisions, and the orders in force."""

    decisions: list[Decision] = field(default_factory=list)
    ordered: dict[str, set[str]] = field(default_factory=dict)

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None:
        self.decisions.append(decision)

    def answered(self, outcome: Outcome) -> list[Record]:
        """Note the codes of an order for the inspection; what the lane is to be read for."""
        for outgoing in outcome.outgoing:
            if outgoing.topic == HOLD_ORDERS:
                order = hold_orders.decode(outgoing.value or b"")
                assert isinstance(order, HoldOrder)
                if order.status == "OPEN":
                    self.ordered.setdefault(order.key, set()).update(hold.code for hold in order.holds)
        lane = (one for one in outcome.outgoing if one.topic == RESCREENS)
        return [Record(RESCREENS, 0, 0, one.key, one.value, one.headers, 0) for one in lane]


class StoppedClock:
    def now_ms(self) -> int:
        return 0

    def monotonic(self) -> float:
        return 0.0


def never(wanted: Wanted) -> NoReturn:
    raise AssertionError(f"asked to load {wanted}")


def failed(wanted: Wanted, error: BaseException) -> NoReturn:
    raise error


def screened(history: Sequence[Record]) -> Heard:
    """What the screener itself says of a history, a record a batch, and of what goes through its lane."""
    of, heard = bench(), Heard()
    in_force = msgspec.structs.replace(
        of.in_force(0, FixedHabits(USUAL)), wanted=Wanted(1, "", 0, "in process")
    )
    with ThreadPoolExecutor(1) as executor:
        source = EvidenceInProcess(of.listed, in_force.wanted)
        switch = Switch(in_force, never, executor, failed)
        work = ScreeningWork(source, switch, ControlDraw(SECRET), StoppedClock(), heard)
        for record in history:
            unread = [record]
            while unread:
                outcomes = work.process((unread.pop(),), 0.0)
                assert not isinstance(outcomes, Unavailable)
                unread += heard.answered(outcomes[0])
    return heard


def test_replay_finds_and_holds_what_the_screener_does() -> None:
    heard = screened(WEEK)
    tally = of_the_week().tallies[0]
    assert tally.decisions == len(heard.decisions) == len(WEEK)
    found = Counter(finding.rule_id for decision in heard.decisions for finding in decision.findings)
    assert tally.fired == found
    assert len(found) > 15
    assert {key: set(one.codes) for key, one in tally.held.items()} == heard.ordered
    assert len(heard.ordered) > 40


def test_replay_comes_out_the_same_on_any_number_of_processes() -> None:
    of = bench(default(), ruleset(contact_parties_hold=5))
    found = {in_json(account(of, processes=count), *_rulesets(of)) for count in (1, 2, 3)}
    assert len(found) == 1


def _misplaced() -> list[Record]:
    """The history with every third record under another parcel's key."""
    keys = [record.key for record in WEEK]
    return [
        structs.replace(record, key=key) if number % 3 == 0 else record
        for number, (record, key) in enumerate(zip(WEEK, (*keys[7:], *keys[:7]), strict=True))
    ]


def test_records_under_other_parcels_keys_come_out_the_same_on_any_number_of_processes() -> None:
    found = {in_json(account(bench(), _misplaced(), count), default()) for count in (1, 2, 3)}
    assert len(found) == 1


def test_records_under_other_parcels_keys_go_through_the_lane_as_in_the_screener() -> None:
    heard, tally = screened(_misplaced()), account(bench(), _misplaced()).tallies[0]
    assert tally.decisions == len(heard.decisions) > len(WEEK)
    assert tally.fired == Counter(one.rule_id for decision in heard.decisions for one in decision.findings)
    assert {key: set(one.codes) for key, one in tally.held.items()} == heard.ordered


SCAN: Final[dict[str, Any]] = {"event_type": "SCAN", "scanned_weight_kg": "0.5"}


class Story:
    """One parcel's messages on one day after the other, beginning with a declaration in order."""

    def __init__(self) -> None:
        self.message = next(one for one in messages() if one.label is None and one.event_type == "CREATE")

    def told(self, day: int, key: bytes | None = None, **said: object) -> Record:
        """The declaration again with what is said otherwise; under its own key, unless another is given."""
        at = self._at(day)
        event = {**orjson.loads(self.message.value), "event_time": at.isoformat(), "message_seq": day, **said}
        value, stamp = orjson.dumps({**event, "event_id": f"event-{day}"}), round(at.timestamp() * 1000)
        return Record("parcel-events", 0, day, key or self.message.key, value, (), stamp)

    def removed(self, day: int, decision_id: str) -> Record:
        """An officer's removal of every hold that a decision showed."""
        action = orjson.loads(exam(self.message, day)) | {"action_type": "HOLD_REMOVED", "hold_code": "ALL"}
        action |= {"action_time": self._at(day).isoformat(), "decision_id": decision_id}
        return Record("officer-actions", 0, day, self.message.key, orjson.dumps(action), (), 0)

    def held_from(self, day: int, history: Sequence[Record]) -> list[tuple[str, ...]]:
        """The codes of the parcel's holds, if it is held from that day on."""
        first = (self.message.at + timedelta(days=day)).date()
        found = account(structs.replace(bench(), period=Period(first)), history)
        return [one.codes for one in found.tallies[0].held.values()]

    def _at(self, day: int) -> datetime:
        return self.message.at + timedelta(days=day)


def test_what_came_under_another_parcels_key_holds_its_parcel_from_then_on() -> None:
    story = Story()
    before = (story.told(0), story.told(1, key=b"FX|1", **SCAN))
    assert story.held_from(2, (*before, story.told(2, **SCAN))) == [("DOC-IDFMT",)]
    assert story.held_from(2, (*before, story.told(2))) == []


def test_a_message_dated_decades_ahead_is_of_the_day_of_its_record() -> None:
    story = Story()
    vague = story.told(1, description_raw="Gifts", items=[{"line": 1, "description": "Gifts"}])
    value = (vague.value or b"").replace(b"2026-11-", b"2099-11-")
    (held,) = account(bench(), (structs.replace(vague, value=value),)).tallies[0].held.values()
    assert held.day == (story.message.at + timedelta(days=1)).date()


@pytest.fixture
def outcomes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What each case of a replay is decided to, as it comes."""
    decided: list[str] = []
    answered = Deciding.answered

    def noted(deciding: Deciding, case: Case, before: History) -> Decided:
        decided.append((one := answered(deciding, case, before)).decision.outcome)
        return one

    monkeypatch.setattr(Deciding, "answered", noted)
    return decided


def test_a_removal_that_names_a_decision_nobody_knows_removes_what_is_open_now(outcomes: list[str]) -> None:
    story = Story()
    vague = story.told(1, description_raw="Gifts", items=[{"line": 1, "description": "Gifts"}])
    account(bench(), (vague, story.removed(2, "0" * 32), story.told(3, **SCAN)))
    assert outcomes == ["HOLD", "RELEASE", "RELEASE"]


def test_a_removal_that_names_a_decision_to_release_removes_nothing(outcomes: list[str]) -> None:
    story = Story()
    (released,) = screened((story.told(0),)).decisions
    vague = story.told(1, description_raw="Gifts", items=[{"line": 1, "description": "Gifts"}])
    account(bench(), (story.told(0), vague, story.removed(2, released.decision_id)))
    assert outcomes[1:] == ["RELEASE", "HOLD", "HOLD"]


@pytest.mark.parametrize(("shown_by", "after"), [(1, "HOLD"), (2, "RELEASE")])
def test_a_removal_removes_what_was_shown_by_the_decision_that_stands_for_that_of_then(
    shown_by: int, after: str, outcomes: list[str]
) -> None:
    story = Story()
    unreadable = [story.told(day, items=day) for day in (1, 2)]
    of = structs.replace(bench(), then={"0" * 32: (f"parcel-events/0/{shown_by}", False)})
    account(of, (story.told(0), *unreadable, story.removed(3, "0" * 32)))
    assert outcomes == ["RELEASE", "HOLD", "HOLD", after]


def test_what_is_kept_of_a_parcel_until_a_commit_does_not_grow_with_its_messages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kept: list[History] = []

    def noted(history: History) -> bytes:
        kept.append(history)
        return encode(history)

    monkeypatch.setattr(shard, "encode", noted)
    story = Story()
    account(bench(), [story.told(day, **SCAN) for day in range(5)])
    assert [history.unsettled for history in kept] == [None] * len(kept)
    assert kept


def test_rulesets_are_decided_side_by_side_as_each_alone() -> None:
    looser = ruleset(contact_parties_hold=5, many_names_week_hold=9)
    both = account(bench(looser, default())).tallies
    assert both == [account(bench(looser)).tallies[0], of_the_week().tallies[0]]
    assert both[0].held.keys() > both[1].held.keys()


def test_rulesets_with_other_word_lists_are_decided_on_evidence_of_their_own() -> None:
    bundle = default().bundle
    files = {**bundle.files, "wordlists/press_parts.yaml": bundle.files["wordlists/presses.yaml"]}
    files["wordlists/press_parts.yaml"] = files["wordlists/press_parts.yaml"].replace(
        "name: presses", "name: press_parts"
    )
    other = Ruleset.of(Bundle(files))
    of = bench(other, default())
    assert len(of.lanes()) == 2
    assert account(of).tallies == [account(bench(other)).tallies[0], of_the_week().tallies[0]]


def test_every_parcel_is_counted_once_whatever_its_messages() -> None:
    tally = of_the_week().tallies[0]
    assert tally.parcels.total() == len({record.key for record in WEEK}) < tally.decisions


def test_records_that_nobody_can_read_are_counted_and_do_not_stop_the_replay() -> None:
    rubbish = (Record("parcel-events", 0, 0, None, b"{", (), 0), Record("parcel-events", 0, 1, b"?", None))
    found = account(bench(), (*rubbish, *WEEK[:5]))
    assert (found.unreadable, found.tallies[0].decisions) == (2, 5)


def test_days_before_the_period_fill_windows_and_are_not_reported() -> None:
    first, second = records(messages()), records(map(_a_day_later, messages()))
    day = messages()[0].at.date() + timedelta(days=1)
    whole = account(bench(), first + second).tallies[0]
    later = account(msgspec.structs.replace(bench(), period=Period(day)), first + second).tallies[0]
    assert set(later.parcels) == {day}
    assert later.held == {key: one for key, one in whole.held.items() if one.day == day}
    assert later.held.keys() > account(bench(), second).tallies[0].held.keys()


def test_a_parcel_told_of_before_the_period_counts_on_the_first_day_on_which_it_is_decided() -> None:
    told = messages()[:3]
    again = [_a_day_later(one, "") for one in told]
    once_more = [_a_day_later(one, "") for one in again]
    first = told[0].at.date() + timedelta(days=1)
    history = [record for day in (told, again, once_more) for record in records(day)]
    (found,) = account(structs.replace(bench(), period=Period(first)), history).tallies
    assert found.parcels == {first: len({one.key for one in told})}


def test_examinations_before_the_period_are_no_truth_about_it() -> None:
    first, second = records(messages()), records(map(_a_day_later, messages()))
    day = messages()[0].at.date() + timedelta(days=1)
    later = account(structs.replace(bench(), period=Period(day)), first + second)
    assert later.examined == account(bench(), second).examined
    assert later.examined


def test_days_behind_the_period_are_left_out() -> None:
    day = messages()[0].at.date()
    second = records(map(_a_day_later, messages()))
    period = msgspec.structs.replace(bench(), period=Period(last=day))
    assert account(period, WEEK + second) == of_the_week()


def _a_day_later(message: Message, more: str = "9") -> Message:
    """The same goods for the same people again, under another waybill, a day later."""
    carrier, _, hawb = message.key.decode().partition("|")
    event = {**orjson.loads(message.value), "hawb": f"{hawb}{more}"}
    at = message.at + timedelta(days=1)
    event |= {"event_time": at.isoformat(), "event_id": f"{event['event_id']}-again"}
    return Message(
        f"{carrier}|{hawb}{more}".encode(), orjson.dumps(event), at, event["event_id"], message.event_type
    )


def _rulesets(of: Bench) -> list[Ruleset]:
    return [rules.ruleset for rules in of.rulesets]


def test_a_replay_adds_up_the_day_of_whom_the_policy_names() -> None:
    text = (policy_directory() / "us-low-value.yaml").read_text(encoding="utf-8")
    policy = Policy.of(text.replace("person_day_key: consignee", "person_day_key: buyer"), "policy.yaml")
    assert [one.person for one in bench_of((default(), default()), (), policy, b"s").rulesets] == [
        "buyer"
    ] * 2
