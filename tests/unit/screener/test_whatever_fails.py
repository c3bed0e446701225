"""Redis out, lists too old, commits aborted or in doubt, workers killed: no hold is lost, none forgotten, and
whoever drops what bears an id that it has seen knows of each parcel what was told last."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import inf
from typing import Any, Literal

import orjson
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.fakes.evidence import FakeEvidence
from tests.fakes.log import Fault, MemoryBroker, MemoryLog
from tests.fakes.rebuild import FakeStore
from tests.fakes.rebuild import Notes as Rebuilt
from tests.unit.rules.test_exceptions import Excepted
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
    shipped_rules,
)
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.hold import BEHIND, Hold
from tidewaiter.domain.lookup import Kept
from tidewaiter.domain.party import Party
from tidewaiter.inspection.accounts import cause_of
from tidewaiter.matching.identity import person_keys
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.rebuilding import Rebuilding
from tidewaiter.screener.work import ScreeningWork
from tidewaiter.stream.flow import Lane
from tidewaiter.stream.limits import Limits
from tidewaiter.stream.log import KeysAhead
from tidewaiter.stream.loop import LoopSettings, Worker
from tidewaiter.stream.observer import Observer
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.partitioner import partition_for
from tidewaiter.stream.pressure import Bounds
from tidewaiter.stream.record import Outgoing, Partition, Record
from tidewaiter.wire import actions
from tidewaiter.wire import history as history_wire
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
HAWBS = ("770000000001", "770000000002")
FAULTS: tuple[Fault, ...] = ("abort", "reply lost", "request lost")
CLEAN = {**event()["shipper"], "phone": "+86 755 1111 2222"}
VAGUE = [{"description": "Gifts", "hts10": "6110202079", "origin_country": "CN"}]
EXCEPTION = RuleException("1", "D01", "known", "officer-7", NOW.isoformat(), "2027-01-01T00:00:00+00:00")
EXCEPTED = Excepted(
    dict.fromkeys(
        person_keys(Party(event()["consignee"]["name"], phone=event()["consignee"]["phone"], country="US")),
        EXCEPTION,
    )
)
MESSAGES: Sequence[Callable[[int, str], Mapping[str, Any]]] = (
    lambda seq, hawb: event(seq, hawb=hawb, shipper=CLEAN),
    lambda seq, hawb: event(seq, "UPDATE", hawb=hawb, shipper=CLEAN, pieces=seq),
    lambda seq, hawb: event(seq, "UPDATE", hawb=hawb),  # with the listed phone
    lambda seq, hawb: listed(seq, hawb=hawb),
    lambda seq, hawb: follow_up(seq, "CANCEL", hawb=hawb),
    lambda seq, hawb: follow_up(seq, "ARRIVAL", hawb=hawb, arrival_time="2026-11-25T18:00:00Z"),
    lambda seq, hawb: follow_up(seq, "SCAN", hawb=hawb, scanned_weight_kg="0.8"),
    lambda seq, hawb: {**event(seq, hawb=hawb, shipper=CLEAN), "items": "none"},
    lambda seq, hawb: event(seq, hawb=hawb, shipper=CLEAN, items=VAGUE),
)
_UNREADABLE = 7


class LateEvidence(FakeEvidence):
    """One that answers too late, as often as it is told to: what it was to remember, it has remembered."""

    late: int = 0

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        refusal = super().remember(histories, epoch)
        if self.late and not refusal:
            self.late -= 1
            return Unavailable("Redis: no answer in time")
        return refusal


class HauntedBroker(MemoryBroker):
    """One that has kept where the last record of each key was written, though its transaction was aborted."""

    def __init__(self) -> None:
        super().__init__(TOPICS)
        self.aborted: dict[Partition, dict[bytes, int]] = {}

    def append(self, outgoing: Outgoing, is_visible: bool) -> Partition:
        partition = super().append(outgoing, is_visible)
        if not is_visible:
            self.aborted.setdefault(partition, {})[outgoing.key or b""] = len(self.entries[partition]) - 1
        return partition

    def publish_elsewhere(self, topic: str, key: bytes, value: bytes) -> None:
        """Append one record to another partition than its key's."""
        partition = Partition(topic, 1 - partition_for(key, TOPICS[topic]))
        place = (topic, partition.number, len(self.entries[partition]))
        record = Record(*place, key, value, timestamp_ms=0, is_displaced=True)
        self.entries[partition].append(record)


class HauntedLog(MemoryLog):
    """One to which what was aborted is still open; it tells nothing, as often as it is told to."""

    def __init__(self, broker: HauntedBroker, slot: int) -> None:
        super().__init__(broker, "g", READ, str(slot))
        self._haunted = broker
        self.unseen = 0

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        if self.unseen:
            self.unseen -= 1
            return Unavailable("Kafka: no answer")
        found = super().keys_from(topic, offsets)
        assert not isinstance(found, Unavailable)
        return {
            number: KeysAhead(ahead.committed, self._haunted.aborted.get(Partition(topic, number), {}))
            for number, ahead in found.items()
        }


@dataclass(frozen=True)
class AnsweredPast:
    """The topics of a broker, of what is read those records that were answered."""

    broker: MemoryBroker

    def shares(self) -> int:
        return TOPICS[PARCEL_EVENTS]

    def is_empty(self) -> bool:
        return not self.broker.records(DECISIONS)

    def read(self, topic: str, share: int) -> Iterator[Sequence[Record]]:
        end = self.broker.committed("g").get(Partition(topic, share), 0) if topic in READ else inf
        for record in self.broker.records(topic):
            if record.partition == share and record.offset < end:
                yield (record,)

    def since_ms(self, share: int) -> int:
        return 0 * share


class Port:
    """A broker, a Redis, and in each of its slots one worker at a time."""

    slots = 1

    def __init__(self) -> None:
        self.broker, self.source, self.clock = HauntedBroker(), LateEvidence(), HandClock()
        self.source.rules_version, self.source.listed[PHONE] = WANTED.rules_version, (LISTING,)
        self._loaded_at, self._is_excepted, self._epoch = NOW, False, self.source.epoch
        self._logs: dict[int, HauntedLog] = {}
        self._workers: dict[int, Worker] = {}
        self._lives = 0
        self.start(0)

    def start(self, number: int) -> None:
        """A worker that takes the place of the one before, which has ended without a word.

        None, while there is another life to be read back into a Redis that does not answer. And none while a
        list is too old and something waits in the lane: only the one before knows what it held without Redis
        though that was remembered, too late, as decided otherwise. The next decision would supersede the one
        remembered.
        """
        if self.source.reason and self.source.epoch != self._epoch:
            return
        if self._has_old_lists() and not self._has_read_all(RESCREENS):
            return
        slot = number % self.slots
        self.hang(slot)
        self._logs[slot] = log = HauntedLog(self.broker, slot)
        source = self.source
        named = WANTED._replace(local_version=source.local_version, confirmed=source.confirmed)
        first = self._load(named._replace(epoch=source.epoch))
        switch = Switch(first, self._load, AtOnce(), lambda _wanted, _error: None)
        work = ScreeningWork(self.source, switch, ControlDraw(b"a secret"), self.clock, Notes())
        work.follow(log)
        self._workers[slot] = Worker(
            work,
            log,
            self._tick,
            Observer(),
            LoopSettings(LANES, Bounds(smallest=1, largest=3), Limits(run=1)),
        )

    def hang(self, number: int) -> None:
        """The worker of that slot, if there is one, is given up by the others, and has not heard of it."""
        log = self._logs.get(number % self.slots)
        if log is not None and log in log.members:
            log.expire()

    def message(self, number: int) -> None:
        self.broker.publish(PARCEL_EVENTS, *_message(number))

    def elsewhere(self, number: int) -> None:
        """A message, or an officer's hold, in another partition than its key's."""
        action = self._action(f"e{number}", number, "MANUAL_HOLD")
        what = _message(number) if number % 4 else (action.key.encode(), actions.encode(action))
        self.broker.publish_elsewhere(PARCEL_EVENTS if number % 4 else OFFICER_ACTIONS, *what)

    def repeat(self, number: int) -> None:
        """A message that came before comes once more."""
        said = self.broker.records(PARCEL_EVENTS)
        if said:
            again = said[number % len(said)]
            self.broker.publish(again.topic, again.key, again.value)

    def order(self, number: int) -> None:
        """An officer's hold; one of two ends by itself."""
        ends = NOW + timedelta(hours=20) if number % 3 else None
        self._act(f"a{number}", number, "MANUAL_HOLD", expires_at=ends)

    def removal(self, number: int) -> None:
        """An officer lets a parcel go, or what the last decision showed of it."""
        key = f"{CARRIER}|{HAWBS[number % 2]}".encode()
        told = [document(one)["decision_id"] for one in self.broker.records(DECISIONS) if one.key == key]
        seen = told[-1] if told and number % 3 else ""
        self._act(f"r{len(told)}-{number}", number, "HOLD_REMOVED", hold_code="ALL", decision_id=seen)

    def exception(self, number: int) -> None:
        """The consignee is excepted from a rule, or no more."""
        self._is_excepted = bool(number % 2)
        self.source.local_version += 1

    def listing(self, number: int) -> None:
        """An officer lists the phone of some messages, or takes it off."""
        self.source.listed[PHONE] = (LISTING,) if number % 2 else ()

    def _act(self, *what: Any, **fields: Any) -> None:
        action = self._action(*what, **fields)
        self.broker.publish(OFFICER_ACTIONS, action.key.encode(), actions.encode(action))

    def _action(
        self, name: str, number: int, kind: Literal["MANUAL_HOLD", "HOLD_REMOVED"], **fields: Any
    ) -> OfficerAction:
        return OfficerAction(
            action_id=name,
            action_type=kind,
            action_time=NOW,
            schema_version="1.0",
            source_carrier=CARRIER,
            hawb=HAWBS[number % 2],
            officer_id="officer-7",
            reason="to be looked at",
            **fields,
        )

    def turn(self, count: int) -> None:
        for _ in range(count):
            for worker in self._workers.values():
                worker.turn()

    def fault(self, number: int) -> None:
        self.broker.faults.append(FAULTS[number % 3])

    def redis(self, number: int) -> None:
        self.source.reason = "Redis: no answer" if number % 2 else ""

    def late(self, number: int) -> None:
        """What is remembered next is remembered too late: once, or until the worker has lost its patience."""
        self.source.late = (0, 1, 100)[number % 3]

    def unseen(self, number: int) -> None:
        """What else waits in the lane is not to be found out: at once, or until patience is lost."""
        for log in self._logs.values():
            log.unseen = (0, 1, 100)[number % 3]

    def wiped(self, number: int) -> None:
        """Redis loses all, or the histories alone, and begins another life."""
        self.source.histories = {}
        self.source.records = {} if number % 2 else self.source.records
        self._lives += 1
        self.source.epoch = f"life {self._lives}"

    def lists(self, number: int) -> None:
        """They grow too old, or are confirmed."""
        if number % 2:
            self.clock.ms += 49 * 3_600_000
        else:
            self._loaded_at = NOW + timedelta(milliseconds=self.clock.ms - NOW_MS)
            self.source.confirmed += 1

    def open_holds(self, key: bytes) -> Sequence[Hold]:
        return history_wire.decode(self.source.histories[key.decode()]).open_holds

    def heal(self) -> None:
        self.broker.faults.clear()
        self.source.late = 0
        self.unseen(0)
        self.redis(0)
        self.lists(0)
        self.turn(400)
        while not self._has_read_all():  # a partition stopped by its limit is read on by another worker
            for slot in range(self.slots):
                self.start(slot)
            self.turn(40)

    def _has_old_lists(self) -> bool:
        return self.clock.ms - NOW_MS > (self._loaded_at - NOW + timedelta(hours=48)) / timedelta(
            milliseconds=1
        )

    def _has_read_all(self, *topics: str) -> bool:
        committed = self.broker.committed("g")
        read = (record for topic in topics or READ for record in self.broker.records(topic))
        return all(one.offset < committed.get(Partition(one.topic, one.partition), 0) for one in read)

    def _load(self, wanted: Wanted) -> InForce:
        if wanted.epoch != self._epoch:
            self.source.late = 0
            store = FakeStore(self.source)
            rebuilding = Rebuilding(store, AnsweredPast(self.broker), Rebuilt(), lambda _: None)
            rebuilding.until_warm(wanted.epoch, shipped_rules())
            self._epoch = wanted.epoch
        loaded = in_force(wanted, loaded_at=self._loaded_at)
        return structs.replace(loaded, rule_exceptions=EXCEPTED) if self._is_excepted else loaded

    def _tick(self) -> float:
        self.clock.seconds += 0.05
        self.clock.ms += 50
        return self.clock.seconds


def _message(number: int) -> tuple[bytes, bytes]:
    """A message of one of the parcels, with its key."""
    rest, kind = divmod(number, len(MESSAGES))
    seq, parcel = divmod(rest, len(HAWBS))
    hawb = HAWBS[parcel]
    return f"{CARRIER}|{hawb}".encode(), orjson.dumps(MESSAGES[kind](seq + 1, hawb))


MESSAGE_NUMBERS = st.integers(0, 2 * 4 * len(MESSAGES) - 1)
# What nobody can read is answered by both workers, and known to both.
READABLE_NUMBERS = MESSAGE_NUMBERS.filter(lambda number: number % len(MESSAGES) != _UNREADABLE)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("message"), MESSAGE_NUMBERS),
        st.tuples(st.just("elsewhere"), READABLE_NUMBERS),
        st.tuples(st.just("turn"), st.sampled_from((1, 3, 60))),
        st.tuples(st.just("wiped"), st.integers(0, 1)),
        st.tuples(
            st.sampled_from(
                (
                    "repeat",
                    "order",
                    "removal",
                    "exception",
                    "listing",
                    "fault",
                    "redis",
                    "late",
                    "unseen",
                    "lists",
                    "start",
                )
            ),
            st.integers(0, 5),
        ),
    ),
    max_size=40,
)
# Redis was out while a listed party's message came; then the list grew too old, and was confirmed.
PAST_THE_LANE = [
    *(("redis", 1), ("message", 3), ("turn", 60), ("lists", 1), ("redis", 0), ("message", 10), ("turn", 3)),
    *(("lists", 0), ("message", 28), ("turn", 1), ("message", 37), ("turn", 1)),
]
# What the first message came to was remembered too late, and it was held without; then the list grew too old.
REMEMBERED_TOO_LATE = [
    *(("message", 0), ("late", 1), ("turn", 3), ("redis", 1), ("turn", 60), ("lists", 1), ("redis", 0)),
    *(("turn", 60), ("message", 19), ("turn", 60)),
]


# What an officer let go was remembered too late, and is gone before his action comes again out of the lane.
REMOVED_TOO_LATE = [("lists", 5), ("message", 20), ("turn", 60), ("removal", 2), ("late", 2), ("turn", 60)]
# Two batches in turn were remembered too late, while a list was too old: the first of them is not forgotten.
TWICE_TOO_LATE = [
    *(("message", 18), ("fault", 2), ("late", 2), ("lists", 3), ("turn", 3), ("message", 51), ("turn", 60)),
    ("message", 21),
]
# Of two messages in another partition than their key's one is answered out of the lane beside the other.
TWO_ELSEWHERE = [("elsewhere", 1), ("elsewhere", 3), ("turn", 60)]
# Of a parcel's messages in one batch the first that nobody can read is set aside, the second one too many.
CUT_IN_MID_PARCEL = [("message", 0), ("message", 7), ("message", 25), ("message", 36), ("turn", 3)]
# The same, while a list is too old, which is confirmed before what was left comes again: it is held without.
CUT_AND_HELD_WITHOUT = [
    *(("message", 6), ("message", 62), ("lists", 3), ("message", 57), ("message", 34), ("removal", 2)),
    *(("message", 70), ("turn", 3)),
]


@settings(max_examples=80, deadline=None)
@given(STEPS)
@example(TWO_ELSEWHERE)
@example(CUT_IN_MID_PARCEL)
@example(CUT_AND_HELD_WITHOUT)
@example(PAST_THE_LANE)
@example(REMEMBERED_TOO_LATE)
@example(REMOVED_TOO_LATE)
@example(TWICE_TOO_LATE)
def test_whatever_fails_every_record_is_answered_and_no_hold_is_lost(steps: list[tuple[str, int]]) -> None:
    port = Port()
    for name, number in steps:
        getattr(port, name)(number)
    port.heal()
    decisions, orders = port.broker.records(DECISIONS), port.broker.records(HOLD_ORDERS)
    inputs = (*port.broker.records(PARCEL_EVENTS), *port.broker.records(OFFICER_ACTIONS))
    assert_each_is_answered_once(inputs, decisions)
    assert_one_id_shows_the_same(orders)
    for key in {record.key for record in decisions}:
        told = [document(record) for record in decisions if record.key == key]
        assert_who_drops_what_was_seen_knows_what_was_told_last(told)
        left = port.open_holds(key or b"")
        assert (told[-1]["decision"] == "HOLD") == bool(left)
        assert BEHIND not in {basis for hold in left for basis in hold.basis}
        assert_nothing_is_released_while_more_waits([one for one in decisions if one.key == key])
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


def assert_one_id_shows_the_same(orders: Sequence[Record]) -> None:
    """The same holds on the same bases; the evidence beside a hold that stands is that of each time."""
    said: dict[str, object] = {}
    for one in map(document, orders):
        shown = one["status"], [(hold["code"], hold["basis"]) for hold in one["holds"]]
        assert said.setdefault(one["decision_id"], shown) == shown


def assert_what_is_superseded_was_told(told: Sequence[Mapping[str, Any]]) -> None:
    """It was told before, and no two decisions supersede it."""
    seen = {""}
    for one in told:
        assert one["supersedes"] in seen
        seen.add(one["decision_id"])
    ends = [supersedes for _, supersedes in {(one["decision_id"], one["supersedes"]) for one in told}]
    assert len(ends) - ends.count("") == len(set(ends) - {""})


def assert_nothing_is_released_while_more_waits(decisions: Sequence[Record]) -> None:
    """As long as a message of the parcel was held without Redis, or with old lists, and waits."""
    waiting: set[str] = set()
    for one in decisions:
        waiting.discard(cause_of(one))
        waiting.update([cause_of(one)] if document(one)["degraded"] else [])
        assert document(one)["decision"] == "HOLD" or not waiting


def assert_who_drops_what_was_seen_knows_what_was_told_last(told: Sequence[Mapping[str, Any]]) -> None:
    seen: dict[str, Mapping[str, Any]] = {}
    for one in told:
        assert seen.setdefault(one["decision_id"], one) == one
        assert list(seen.values())[-1]["disposition"] == one["disposition"]


def assert_no_hold_is_lost(answered: Sequence[tuple[Record, Record | None]]) -> None:
    """What no data removes is in every later order, or an officer ordered; a free parcel has none open."""
    standing: set[str] = set()
    is_open = may_let_go = False
    for decision, order in answered:
        said = document(order) if order is not None else {"holds": [], "degraded_components": []}
        bases = {basis for hold in said["holds"] for basis in hold["basis"]}
        is_blind = "history" in said["degraded_components"]
        # An action that was remembered too late lets go from then on, before it comes again out of the lane.
        may_let_go |= cause_of(decision).startswith(OFFICER_ACTIONS)
        if not is_blind:
            assert standing <= bases or may_let_go
            may_let_go = False
            lasting = [hold for hold in said["holds"] if hold["removable_by"] != "DATA"]
            standing = {basis for hold in lasting for basis in hold["basis"] if hold["code"] != "MAN-OFF"}
        is_open = said["status"] == "OPEN" if order is not None else is_open
        assert document(decision)["decision"] == "HOLD" or not (bases or is_open)
