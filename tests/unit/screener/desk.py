"""A screener on a desk: the work itself over sources in memory, the shipped rules, and a short list."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import orjson
from msgspec import structs

from tests.fakes.evidence import FakeEvidence
from tests.rules import shipped_ruleset
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.generation import KnownDifferent
from tidewaiter.domain.history import EMPTY, History
from tidewaiter.domain.lookup import Listing
from tidewaiter.domain.party import Address
from tidewaiter.domain.watchlist import Entry, EntryName, IdentifierKind
from tidewaiter.matching.identity import ExactKey
from tidewaiter.resources import policy_directory
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.ordinary import ORDINARY_EVENT
from tidewaiter.rules.policy import Policy
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.names import ListedNames
from tidewaiter.screener.work import ScreeningSettings, ScreeningWork, Watcher
from tidewaiter.stream.outcome import Outcome, Unavailable
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire import actions
from tidewaiter.wire.history import decode as decode_history
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
CARRIER, HAWB = "FX", "770000000001"
KEY = f"{CARRIER}|{HAWB}"
LISTED = Entry(
    "ofac-sdn",
    "36216",
    "person",
    (EntryName("ZHELEZNYKHOV, Radomir"),),
    (Address(("14 Harbour Lane",), "Valletta", "", "VLT 1107", "MT"),),
    programs=("SDNTK",),
)
LISTED_PARTY: Mapping[str, object] = {
    "name": "Radomir Zheleznykhov",
    "addr_lines": ["14 Harbour Lane"],
    "city": "Valletta",
    "postal": "VLT 1107",
    "country": "MT",
    "email": "post@zheleznykhov.example",
    "phone": "+356 2122 4455",
}
LISTING = Listing("ofac-sdn", "4711", "SOMEBODY ELSE", ("SDNTK",))
# The ordinary shipper's, as it is looked up.
PHONE: tuple[IdentifierKind, str] = ("phone", "+8675526601234")
WANTED = Wanted(0, "rules", 0, "epoch")


@dataclass
class HandClock:
    """A clock that only moves when told to."""

    ms: int = NOW_MS
    seconds: float = 0.0

    def now_ms(self) -> int:
        return self.ms

    def monotonic(self) -> float:
        return self.seconds


@dataclass
class Notes(Watcher):
    """A watcher that remembers."""

    decisions: list[Decision] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    handed_over: list[tuple[Case, Decided]] = field(default_factory=list)
    reasons: list[str | None] = field(default_factory=list)
    taken_up: list[Wanted] = field(default_factory=list)
    elsewhere: list[Record] = field(default_factory=list)
    exchanges: int = 0

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None:
        assert record.value is not None or decision.holds
        assert isinstance(latency_ms, int)
        self.decisions.append(decision)

    def for_inspection(self, case: Case, one: Decided) -> None:
        self.handed_over.append((case, one))

    def gathered(self, seconds: float) -> None:
        self.exchanges += 1
        assert seconds >= 0

    def degraded(self, reason: str | None) -> None:
        self.reasons.append(reason)

    def switched(self, in_force: InForce) -> None:
        self.taken_up.append(in_force.wanted)

    def refused(self, stage: str) -> None:
        self.stages.append(stage)

    def displaced(self, record: Record) -> None:
        self.elsewhere.append(record)

    def forget(self) -> None:
        self.decisions.clear()
        self.stages.clear()


class AtOnce(Executor):
    """Loads in the caller's thread, or when ``release`` is called."""

    def __init__(self, *, waits: bool = False) -> None:
        self._waits = waits
        self._left: list[Callable[[], None]] = []

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        future: Future[Any] = Future()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - an executor passes on whatever comes
                future.set_exception(error)

        if self._waits:
            self._left.append(run)
        else:
            run()
        return future

    def release(self) -> None:
        for run in self._left:
            run()
        self._left.clear()


@dataclass(frozen=True)
class KnownParties:
    """Remembered exceptions by the party's keys."""

    known: Mapping[str, KnownDifferent] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.known)

    def covering(self, person_keys: Sequence[ExactKey], entry: Entry, now: datetime) -> KnownDifferent | None:
        found = next((self.known[key] for key in person_keys if key in self.known), None)
        return found if found and found.covers(entry, now.isoformat()) else None


@cache
def shipped_rules() -> ScreeningRules:
    return ScreeningRules(shipped_ruleset())


@cache
def law() -> Policy:
    return Policy.load(policy_directory() / "us-low-value.yaml")


def in_force(
    wanted: Wanted = WANTED, entries: Sequence[Entry] = (LISTED,), loaded_at: datetime = NOW
) -> InForce:
    """What decides: the shipped rules and law, and these list entries."""
    rules = shipped_rules()
    return InForce(
        wanted=wanted,
        names=ListedNames(entries, (), KnownParties(), lambda: NOW),
        ruleset=rules,
        policy=law(),
        list_versions={"ofac-sdn": f"v{wanted.generation}"},
        loaded_at={"ofac-sdn": loaded_at},
        max_age=timedelta(hours=48),
        list_entries={"ofac-sdn": len(entries)},
    )


@dataclass(frozen=True)
class Answers:
    """What a batch was answered, topic by topic, in the order of the batch."""

    outgoing: tuple[Outgoing, ...]

    def of(self, topic: str) -> tuple[Outgoing, ...]:
        return tuple(record for record in self.outgoing if record.topic == topic)

    def documents(self, topic: str) -> list[dict[str, Any]]:
        return [orjson.loads(record.value or b"null") for record in self.of(topic)]

    @property
    def decisions(self) -> list[dict[str, Any]]:
        return self.documents(DECISIONS)

    @property
    def orders(self) -> list[dict[str, Any]]:
        return self.documents(HOLD_ORDERS)

    @property
    def dead_letters(self) -> list[dict[str, Any]]:
        return self.documents(DEAD_LETTERS)

    @property
    def codes(self) -> list[str]:
        """The codes of the last order's open holds; none without an order."""
        return [hold["code"] for hold in self.orders[-1]["holds"]] if self.orders else []

    @property
    def outcome(self) -> str:
        """That of the last decision."""
        return str(self.decisions[-1]["decision"])


class Desk:
    """The work with its surroundings in the test's hands."""

    def __init__(
        self,
        load: Callable[[Wanted], InForce] = in_force,
        executor: Executor | None = None,
        first: InForce | None = None,
        watcher: Watcher | None = None,
    ) -> None:
        self.source = FakeEvidence(rules_version="rules")
        self.clock, self.notes = HandClock(), Notes()
        self.failures: list[Wanted] = []
        self.switch = Switch(
            first or in_force(), load, executor or AtOnce(), lambda wanted, _: self.failures.append(wanted)
        )
        self.work = ScreeningWork(
            self.source,
            self.switch,
            ControlDraw(b"a secret of the test's own"),
            self.clock,
            watcher or self.notes,
            ScreeningSettings(patience_seconds=2.0, probe_seconds=1.0),
        )
        self._offsets: Counter[str] = Counter()

    def record(self, value: bytes | None, key: str | None = KEY, topic: str = PARCEL_EVENTS) -> Record:
        """A record at the next place of the topic's partition 0: topics count each for themselves."""
        self._offsets[topic] += 1
        raw = None if key is None else key.encode()
        return Record(topic, 0, self._offsets[topic], raw, value, (), NOW_MS - 50)

    def taken(self, *records: Record, waited: float = 0.0) -> tuple[Outcome, ...] | Unavailable:
        return self.work.process(records, waited)

    def answers(self, *records: Record, waited: float = 0.0) -> Answers:
        """The answers to one batch of these records."""
        outcomes = self.taken(*records, waited=waited)
        assert not isinstance(outcomes, Unavailable), outcomes
        assert len(outcomes) == len(records)
        return Answers(tuple(one for outcome in outcomes for one in outcome.outgoing))

    def events(self, *documents: Mapping[str, object]) -> Answers:
        """The answers to these events in one batch."""
        return self.answers(*(self.event(document) for document in documents))

    def event(self, document: Mapping[str, object]) -> Record:
        key = f"{document['source_carrier']}|{document['hawb']}"
        return self.record(orjson.dumps(document), key)

    def acts(self, **fields: object) -> Answers:
        return self.answers(self.action(**fields))

    def action(self, **fields: object) -> Record:
        """An officer's action as a record; the fields are those of ``OfficerAction``."""
        usual: dict[str, object] = {
            "action_id": f"action-{self._offsets[OFFICER_ACTIONS]}",
            "action_type": "HOLD_REMOVED",
            "action_time": NOW,
            "schema_version": "1.0",
            "source_carrier": CARRIER,
            "hawb": HAWB,
            "officer_id": "officer-7",
            "reason": "looked at it",
        }
        action = OfficerAction(**{**usual, **fields})  # type: ignore[arg-type]
        return self.record(actions.encode(action), action.key, OFFICER_ACTIONS)

    def again(self, outgoing: Outgoing) -> Record:
        """A record that was sent to the lane, as it is read from there."""
        record = self.record(outgoing.value, (outgoing.key or b"").decode(), outgoing.topic)
        return structs.replace(record, headers=outgoing.headers)

    def history(self, key: str = KEY) -> History:
        """What is remembered of a parcel."""
        blob = self.source.histories.get(key)
        return EMPTY if blob is None else decode_history(blob)


def event(seq: int = 1, event_type: str = "CREATE", **changes: Any) -> dict[str, Any]:
    """A declaration of the ordinary parcel, with fields changed; None takes one away."""
    usual = {
        **ORDINARY_EVENT,
        "event_id": f"event-{seq}",
        "event_type": event_type,
        "event_time": f"2026-11-24T06:{seq:02d}:00Z",
        "message_seq": seq,
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def follow_up(seq: int, event_type: str, **fields: Any) -> dict[str, Any]:
    """A message that carries no declaration: CANCEL, ARRIVAL or SCAN."""
    common = ("schema_version", "source_carrier", "hawb")
    said = {name: ORDINARY_EVENT[name] for name in common}
    at = {"event_id": f"event-{seq}", "event_time": f"2026-11-24T06:{seq:02d}:00Z"}
    return {**said, **at, "event_type": event_type, "message_seq": seq, **fields}


def another_parcel(**changes: Any) -> dict[str, Any]:
    """A parcel of its own, of the same consignee."""
    return event(**{"hawb": "770000000002", "event_id": "other-1", **changes})


def listed(seq: int = 1, event_type: str = "CREATE", **changes: Any) -> dict[str, Any]:
    """The ordinary parcel sent by the listed party."""
    return event(seq, event_type, shipper=LISTED_PARTY, export_country="MT", **changes)
