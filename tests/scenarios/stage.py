"""The screener on a stage of its own: real rules, law, matching and history over a Redis in memory."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

import msgspec
import orjson
from msgspec import structs

from tests.fakes.evidence import FakeEvidence
from tests.rules import shipped_ruleset
from tidewaiter.backtest.bench import NoExceptions
from tidewaiter.backtest.habits import ReplayedHabits
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.features import (
    KINDS,
    AddressStart,
    Features,
    GoodsNorm,
    Quantiles,
    Row,
    ShipperPace,
    Table,
    TextSpread,
)
from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.habits import address_key, heading, shipper_key, text_key
from tidewaiter.matching.listed import listed_identifiers
from tidewaiter.resources import policy_directory
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.ordinary import ORDINARY_EVENT, changed, ordinary_event
from tidewaiter.rules.policy import Policy
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.names import ListedNames
from tidewaiter.screener.work import ScreeningSettings, ScreeningWork, Watcher
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
LISTS_LOADED = NOW - timedelta(hours=2)
_GENERATION = 1
_EPOCH = "one life of Redis"
# What an arrival, a scan or a cancellation says beside what a step gives it.
_MESSAGE = ("schema_version", "source_carrier", "event_time")


@dataclass
class Heard(Watcher):
    """What the work tells its watcher: the decisions, in order."""

    decisions: list[Decision] = field(default_factory=list)

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None:
        self.decisions.append(decision)


class StoppedClock:
    """A clock that stands at NOW, or where it is put, while seconds pass from look to look."""

    def __init__(self) -> None:
        self._seconds = count(1.0)
        self.now = NOW

    def now_ms(self) -> int:
        return int(self.now.timestamp() * 1000)

    def monotonic(self) -> float:
        return next(self._seconds)


class Stage:
    """One worker with its lists; send it messages, and see what it decides."""

    def __init__(
        self,
        listed: Sequence[Entry] = (),
        lists_loaded: datetime = LISTS_LOADED,
        habits: Mapping[str, Any] | None = None,
    ) -> None:
        self.source = FakeEvidence(
            generation=_GENERATION, rules_version=rules().version, epoch=_EPOCH, generations={_GENERATION}
        )
        for kind, texts in listed_identifiers(listed).items():
            self.source.listed |= {(kind, text): listings for text, listings in texts.items()}
        self._heard, self.clock = Heard(), StoppedClock()
        self._numbers = count(1)
        self._sequences: dict[str, int] = {}
        known = structs.replace(_in_force(listed, lists_loaded), habits=_habits(habits or {}))
        switch = Switch(known, _never, ThreadPoolExecutor(1), _failed)
        self._work = ScreeningWork(
            self.source,
            switch,
            _NeverDrawn(b"scenarios"),
            self.clock,
            self._heard,
            ScreeningSettings(0.0),
        )

    def event(self, parcel: str, changes: Mapping[str, Any]) -> Decision:
        """A message about a parcel: the ordinary declaration with changes, or the bare later event."""
        kind = changes.get("event_type", "UPDATE" if parcel in self._sequences else "CREATE")
        seq = changes.get("message_seq", self._sequences.get(parcel, 0) + 1)
        self._sequences[parcel] = max(seq, self._sequences.get(parcel, 0))
        number = next(self._numbers)
        said = {"event_id": f"e{number}", "event_type": kind, "message_seq": seq, "hawb": _hawb(parcel)}
        usual = ORDINARY_EVENT if kind in ("CREATE", "UPDATE") else {n: ORDINARY_EVENT[n] for n in _MESSAGE}
        return self._processed(PARCEL_EVENTS, changed(usual, {**changes, **said}), number)

    def action(self, parcel: str, said: Mapping[str, Any]) -> Decision:
        """An officer's action on a parcel."""
        number = next(self._numbers)
        usual = {
            "action_id": f"a{number}",
            "action_time": NOW.isoformat(),
            "schema_version": "1.0",
            "source_carrier": ORDINARY_EVENT["source_carrier"],
            "hawb": _hawb(parcel),
            "officer_id": "officer-7",
            "reason": "scenario",
        }
        return self._processed(OFFICER_ACTIONS, {**usual, **said}, number)

    def _processed(self, topic: str, message: Mapping[str, Any], number: int) -> Decision:
        given = {name: value for name, value in message.items() if value is not None}
        key = f"{given['source_carrier']}|{given['hawb']}".encode()
        record = Record(topic, 0, number, key, orjson.dumps(given), (), int(NOW.timestamp() * 1000))
        self._work.ready_for(RESCREENS)  # as the loop asks before every poll
        outcomes = self._work.process((record,), 0.0)
        assert not isinstance(outcomes, Unavailable)
        return self._heard.decisions[-1]


class _NeverDrawn(ControlDraw):
    """No parcel of a scenario is drawn at random."""

    def of(self, key: str) -> float:
        return 1.0


@cache
def rules() -> ScreeningRules:
    return ScreeningRules(shipped_ruleset())


@cache
def policy() -> Policy:
    return Policy.load(policy_directory() / "us-low-value.yaml")


def entry(said: Mapping[str, Any]) -> Entry:
    """A list entry from a scenario's file: the fields of ``Entry``, names as plain texts."""
    names = [{"text": name} for name in said["names"]]
    return msgspec.convert({**said, "names": names}, Entry)


def _in_force(listed: Iterable[Entry], lists_loaded: datetime) -> InForce:
    entries = tuple(listed)
    names = sorted({one.list for one in entries} | {"ofac-sdn"})
    return InForce(
        wanted=Wanted(_GENERATION, rules().version, 0, _EPOCH),
        names=ListedNames(entries, (), NoExceptions(), lambda: NOW),
        ruleset=rules(),
        policy=policy(),
        list_versions=dict.fromkeys(names, "v1"),
        loaded_at=dict.fromkeys(names, lists_loaded),
        max_age=timedelta(days=2),
    )


_ROWS: Mapping[str, type[Row]] = {
    "shipper": ShipperPace,
    "text": TextSpread,
    "address": AddressStart,
    "goods": GoodsNorm,
}


def _habits(said: Mapping[str, Any]) -> ReplayedHabits:
    """Fresh tables, but those said to be ``unknown``, with rows for the parties and goods of the ordinary
    declaration changed as ``of`` says.
    """
    event = ordinary_event(said.get("of", {}))
    keys = {
        "shipper": shipper_key(event.shipper),
        "text": text_key(event),
        "address": address_key(event.consignee),
        "goods": heading(event),
    }
    known = [kind for kind in KINDS if kind not in said.get("unknown", ())]
    tables: dict[str, Any] = {
        kind: Table(0, 0, {keys[kind]: _row(kind, said[kind])} if kind in said else {}) for kind in known
    }
    learned = ReplayedHabits()
    learned.learn(Features(**tables))
    return learned


def _row(kind: str, said: Mapping[str, Any]) -> Row:
    """A row from a scenario's file: its fields by name, a norm's quantiles as [p01, p05, p50, p95, p99]."""
    fields: dict[str, Any] = {
        name: Quantiles(*one) if isinstance(one, list) else one for name, one in said.items()
    }
    return _ROWS[kind](**fields)


def _hawb(parcel: str) -> str:
    return f"77{parcel}"


def _never(wanted: Wanted) -> InForce:
    raise AssertionError(f"asked to load {wanted}: a scenario has one generation")


def _failed(wanted: Wanted, error: BaseException) -> None:
    raise error
