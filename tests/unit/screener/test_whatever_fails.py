"""Redis out, lists too old, commits aborted or in doubt, workers killed: no hold is lost, none forgotten."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.fakes.evidence import FakeEvidence
from tests.unit.screener.desk import (
    CARRIER,
    LISTING,
    NOW,
    NOW_MS,
    PHONE,
    WANTED,
    AtOnce,
    HandClock,
    Notes,
    event,
    follow_up,
    in_force,
    listed,
)
from tidewaiter.domain.action import OfficerAction
from tidewaiter.inspection.accounts import cause_of
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.loop import LoopSettings, Worker
from tidewaiter.stream.memory import Fault, MemoryBroker, MemoryLog
from tidewaiter.stream.observer import Silent
from tidewaiter.stream.pressure import Bounds
from tidewaiter.stream.record import Record
from tidewaiter.wire import actions
from tidewaiter.wire.topics import (
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    OFFICER_ACTIONS,
    PARCEL_EVENTS,
    RESCREENS,
)

READ = (PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS)
TOPICS = dict.fromkeys((*READ, DECISIONS, HOLD_ORDERS, DEAD_LETTERS), 2)
LANES = (Lane(RESCREENS, PARCEL_EVENTS), Lane(RESCREENS, OFFICER_ACTIONS))
HAWBS = ("770000000001", "770000000002", "770000000003")
FAULTS: tuple[Fault, ...] = ("abort", "reply lost", "request lost")
CLEAN = {**event()["shipper"], "phone": "+86 755 1111 2222"}
MESSAGES: Sequence[Callable[[int, str], Mapping[str, Any]]] = (
    lambda seq, hawb: event(seq, hawb=hawb, shipper=CLEAN),
    lambda seq, hawb: event(seq, "UPDATE", hawb=hawb, shipper=CLEAN, pieces=seq),
    lambda seq, hawb: event(seq, "UPDATE", hawb=hawb),  # with the listed phone
    lambda seq, hawb: listed(seq, hawb=hawb),
    lambda seq, hawb: follow_up(seq, "CANCEL", hawb=hawb),
    lambda seq, hawb: follow_up(seq, "ARRIVAL", hawb=hawb, arrival_time="2026-11-25T18:00:00Z"),
    lambda seq, hawb: follow_up(seq, "SCAN", hawb=hawb, scanned_weight_kg="0.8"),
    lambda seq, hawb: {**event(seq, hawb=hawb, shipper=CLEAN), "items": "none"},
)


class Port:
    """A broker, a Redis and one worker at a time."""

    def __init__(self) -> None:
        self.broker, self.source, self.clock = MemoryBroker(TOPICS), FakeEvidence(), HandClock()
        self.source.rules_version, self.source.listed[PHONE] = WANTED.rules_version, (LISTING,)
        self._loaded_at = NOW
        self._log: MemoryLog | None = None
        self.start(0)

    def start(self, _: int) -> None:
        """A worker that takes the place of the one before, which has ended without a word."""
        if self._log is not None and self._log in self._log.members:
            self._log.expire()
        self._log = log = MemoryLog(self.broker, "g", READ)
        first = self._load(WANTED._replace(confirmed=self.source.confirmed))
        switch = Switch(first, self._load, AtOnce(), lambda _wanted, _error: None)
        work = ScreeningWork(self.source, switch, ControlDraw(b"a secret"), self.clock, Notes())
        work.follow(log)
        self._worker = Worker(
            work, log, self._tick, Silent(), LoopSettings(LANES, Bounds(smallest=1, largest=3))
        )

    def message(self, number: int) -> None:
        seq, hawb = number % 7 + 1, HAWBS[number % 3]
        said = MESSAGES[number % len(MESSAGES)](seq, hawb)
        self.broker.publish(PARCEL_EVENTS, f"{CARRIER}|{hawb}".encode(), orjson.dumps(said))

    def order(self, number: int) -> None:
        """An officer's hold."""
        action = OfficerAction(
            action_id=f"a{number}",
            action_type="MANUAL_HOLD",
            action_time=NOW,
            schema_version="1.0",
            source_carrier=CARRIER,
            hawb=HAWBS[number % 3],
            officer_id="officer-7",
            reason="to be looked at",
        )
        self.broker.publish(OFFICER_ACTIONS, action.key.encode(), actions.encode(action))

    def turn(self, count: int) -> None:
        for _ in range(count):
            self._worker.turn()

    def fault(self, number: int) -> None:
        self.broker.faults.append(FAULTS[number % 3])

    def redis(self, number: int) -> None:
        self.source.reason = "Redis: no answer" if number % 2 else ""

    def lists(self, number: int) -> None:
        """They grow too old, or are confirmed."""
        if number % 2:
            self.clock.ms += 49 * 3_600_000
        else:
            self._loaded_at = NOW + timedelta(milliseconds=self.clock.ms - NOW_MS)
            self.source.confirmed += 1

    def heal(self) -> None:
        self.broker.faults.clear()
        self.redis(0)
        self.lists(0)
        self.turn(400)

    def _load(self, wanted: Wanted) -> InForce:
        return in_force(wanted, loaded_at=self._loaded_at)

    def _tick(self) -> float:
        self.clock.seconds += 0.05
        self.clock.ms += 50
        return self.clock.seconds


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("message"), st.integers(0, 167)),
        st.tuples(st.just("turn"), st.sampled_from((1, 3, 60))),
        st.tuples(st.sampled_from(("order", "fault", "redis", "lists", "start")), st.integers(0, 5)),
    ),
    max_size=40,
)
# Redis was out while a listed party's message came; then the list grew too old, and was confirmed.
PAST_THE_LANE = [
    *(("redis", 1), ("message", 3), ("turn", 60), ("lists", 1), ("redis", 0), ("message", 1), ("turn", 3)),
    *(("lists", 0), ("message", 25), ("turn", 1), ("message", 33), ("turn", 1)),
]


@settings(max_examples=80, deadline=None)
@given(STEPS)
@example(PAST_THE_LANE)
def test_whatever_fails_every_record_is_answered_and_no_hold_is_lost(steps: list[tuple[str, int]]) -> None:
    port = Port()
    for name, number in steps:
        getattr(port, name)(number)
    port.heal()
    decisions, orders = port.broker.records(DECISIONS), port.broker.records(HOLD_ORDERS)
    inputs = (*port.broker.records(PARCEL_EVENTS), *port.broker.records(OFFICER_ACTIONS))
    assert_each_is_answered_once(inputs, decisions)
    for key in {record.key for record in decisions}:
        told = [document(record) for record in decisions if record.key == key]
        ordered = {cause_of(one) + document(one)["decision_id"]: one for one in orders if one.key == key}
        answered = [(one, ordered.get(cause_of(one) + document(one)["decision_id"])) for one in decisions]
        assert_what_is_superseded_was_told(told)
        assert_no_hold_is_lost([(a, b) for a, b in answered if a.key == key])


def document(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(record.value or b"")
    return found


def assert_each_is_answered_once(inputs: Sequence[Record], decisions: Sequence[Record]) -> None:
    """With everything known: what was decided without comes beside, before it, and is never a release."""
    known = [cause_of(one) for one in decisions if not document(one)["degraded"]]
    assert sorted(known) == sorted(f"{one.topic}/{one.partition}/{one.offset}" for one in inputs)
    assert {document(one)["decision"] for one in decisions if document(one)["degraded"]} <= {"HOLD"}


def assert_what_is_superseded_was_told(told: Sequence[Mapping[str, Any]]) -> None:
    seen = {""}
    for one in told:
        assert one["supersedes"] in seen
        seen.add(one["decision_id"])


def assert_no_hold_is_lost(answered: Sequence[tuple[Record, Record | None]]) -> None:
    """What no data removes is in every later order, or an officer ordered; a free parcel has none open."""
    standing: set[str] = set()
    is_open = False
    for decision, order in answered:
        said = document(order) if order is not None else {"holds": [], "degraded_components": []}
        bases = {basis for hold in said["holds"] for basis in hold["basis"]}
        if "history" not in said["degraded_components"]:
            assert standing <= bases
            lasting = [hold for hold in said["holds"] if hold["removable_by"] != "DATA"]
            standing |= {basis for hold in lasting for basis in hold["basis"]}
        is_open = said["status"] == "OPEN" if order is not None else is_open
        assert document(decision)["decision"] == "HOLD" or not (bases or is_open)
