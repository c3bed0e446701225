"""A replay decides as the screener does, and comes out the same on any number of processes."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NoReturn

import msgspec
import orjson
from msgspec import structs

from tests.unit.backtest.weeks import SECRET, bench, default, messages, records, ruleset
from tidewaiter.backtest.bench import Bench, Period, bench_of
from tidewaiter.backtest.evidence import EvidenceInProcess
from tidewaiter.backtest.histories import counted_keys
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.report import Question, reported
from tidewaiter.backtest.shard import Account
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.features import USUAL
from tidewaiter.resources import policy_directory
from tidewaiter.rules.bundle import Bundle
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.habits import FixedHabits
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.simulate.message import Message
from tidewaiter.stream.outcome import Outcome, Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire import hold_orders
from tidewaiter.wire.hold_order import HoldOrder
from tidewaiter.wire.topics import HOLD_ORDERS

WEEK = records(messages())


def account(of: Bench, history: Sequence[Record] = WEEK, processes: int = 1) -> Account:
    keys = counted_keys(record.key for record in history)
    return replayed(history, of, keys, processes, lambda _: None)


def in_json(found: Account, *rulesets: Ruleset) -> bytes:
    return msgspec.json.encode(reported(found, rulesets, len(WEEK), Question()))


@dataclass
class Heard:
    """What the screener's work tells its watcher and the stream: the decisions, and the orders in force."""

    decisions: list[Decision] = field(default_factory=list)
    ordered: dict[str, set[str]] = field(default_factory=dict)

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None:
        self.decisions.append(decision)

    def answered(self, outcome: Outcome) -> None:
        """Note the codes of an order for the inspection."""
        for outgoing in outcome.outgoing:
            if outgoing.topic == HOLD_ORDERS:
                order = hold_orders.decode(outgoing.value or b"")
                assert isinstance(order, HoldOrder)
                if order.status == "OPEN":
                    self.ordered.setdefault(order.key, set()).update(hold.code for hold in order.holds)

    def for_inspection(self, case: Case, one: Decided) -> None: ...
    def gathered(self, seconds: float) -> None: ...
    def degraded(self, reason: str | None) -> None: ...
    def switched(self, in_force: InForce) -> None: ...
    def refused(self, stage: str) -> None: ...
    def forget(self) -> None: ...


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
    """What the screener itself says of a history, a record a batch."""
    of, heard = bench(), Heard()
    in_force = msgspec.structs.replace(
        of.in_force(0, FixedHabits(USUAL)), wanted=Wanted(1, "", 0, "in process")
    )
    with ThreadPoolExecutor(1) as executor:
        source = EvidenceInProcess(of.listed, in_force.wanted)
        switch = Switch(in_force, never, executor, failed)
        work = ScreeningWork(source, switch, ControlDraw(SECRET), StoppedClock(), heard)
        for record in history:
            outcomes = work.process((record,), 0.0)
            assert not isinstance(outcomes, Unavailable)
            heard.answered(outcomes[0])
    return heard


def test_replay_finds_and_holds_what_the_screener_does() -> None:
    heard = screened(WEEK)
    tally = account(bench()).tallies[0]
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


def test_records_under_other_parcels_keys_come_out_the_same_on_any_number_of_processes() -> None:
    keys = [record.key for record in WEEK]
    moved = [
        structs.replace(record, key=key) if number % 3 == 0 else record
        for number, (record, key) in enumerate(zip(WEEK, (*keys[7:], *keys[:7]), strict=True))
    ]
    found = {in_json(account(bench(), moved, count), default()) for count in (1, 2, 3)}
    assert len(found) == 1


def test_rulesets_are_decided_side_by_side_as_each_alone() -> None:
    looser = ruleset(contact_parties_hold=5, many_names_week_hold=9)
    both = account(bench(looser, default())).tallies
    assert both == [account(bench(looser)).tallies[0], account(bench(default())).tallies[0]]
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
    assert account(of).tallies == [account(bench(other)).tallies[0], account(bench(default())).tallies[0]]


def test_every_parcel_is_counted_once_whatever_its_messages() -> None:
    tally = account(bench()).tallies[0]
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
    assert account(period, WEEK + second) == account(bench(), WEEK)


def _a_day_later(message: Message) -> Message:
    """The same goods for the same people again, under another waybill, a day later."""
    carrier, _, hawb = message.key.decode().partition("|")
    event = {**orjson.loads(message.value), "hawb": f"{hawb}9"}
    at = message.at + timedelta(days=1)
    event |= {"event_time": at.isoformat(), "event_id": f"{event['event_id']}-again"}
    return Message(
        f"{carrier}|{hawb}9".encode(), orjson.dumps(event), at, event["event_id"], message.event_type
    )


def _rulesets(of: Bench) -> list[Ruleset]:
    return [rules.ruleset for rules in of.rulesets]


def test_a_replay_adds_up_the_day_of_whom_the_policy_names() -> None:
    text = (policy_directory() / "us-low-value.yaml").read_text(encoding="utf-8")
    policy = Policy.of(text.replace("person_day_key: consignee", "person_day_key: buyer"), "policy.yaml")
    assert [one.person for one in bench_of((default(), default()), (), policy, b"s").rulesets] == [
        "buyer"
    ] * 2
