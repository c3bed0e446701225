"""What a run came to, read back from the topics themselves: the account, the holds, the times, the truth."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson
from msgspec import Struct
from rich.console import Console
from rich.table import Table

from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.kafka_reader import read_topic
from tidewaiter.cli.pages import chapter_panel
from tidewaiter.inspection.accounts import Balance, balance, cause_of
from tidewaiter.inspection.quality import Quality, Truth, quality
from tidewaiter.inspection.story import Chapter, story_of
from tidewaiter.stream.record import Record
from tidewaiter.wire.headers import place_name
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

_SHOWN_PLACES = 3


class Report(Struct, frozen=True):
    """A run in numbers. Seconds are from the event's arrival at the broker to its decision's."""

    balance: Balance
    outcomes: Mapping[str, int]
    holds: Mapping[str, int]
    dead_letters: Mapping[str, int]
    seconds: float
    latency_p50: float
    latency_p99: float
    quality: Quality
    explained: tuple[Chapter, ...]

    @property
    def rate(self) -> float:
        """Decisions a second, from the first event to the last decision."""
        return self.balance.decisions / self.seconds if self.seconds else 0.0


class Topics(Struct, frozen=True):
    """All committed records of the topics that a report needs."""

    inputs: tuple[Record, ...]
    decisions: tuple[Record, ...]
    orders: tuple[Record, ...]
    dead_letters: tuple[Record, ...]

    @classmethod
    def read(cls, connection: KafkaConnection) -> "Topics":
        """Read them whole. Blocks; raises KafkaUnavailable."""
        events, actions = (tuple(read_topic(connection, topic)) for topic in (PARCEL_EVENTS, OFFICER_ACTIONS))
        others = (tuple(read_topic(connection, topic)) for topic in (DECISIONS, HOLD_ORDERS, DEAD_LETTERS))
        return cls(events + actions, *others)


def reported(topics: Topics, truths: Mapping[str, Truth]) -> Report:
    """The report of a run. ``truths`` maps keys to what was planted under them."""
    decisions = [orjson.loads(record.value or b"{}") for record in topics.decisions]
    orders = [orjson.loads(record.value or b"{}") for record in topics.orders]
    letters = [orjson.loads(record.value or b"{}") for record in topics.dead_letters]
    waits = _waits(topics)
    stamps = [record.timestamp_ms for record in (*topics.inputs, *topics.decisions)]
    held = _held_codes(orders)
    return Report(
        balance=balance(topics.inputs, (*topics.decisions, *topics.dead_letters)),
        outcomes=Counter(decision["decision"] for decision in decisions),
        holds=Counter(hold["code"] for order in orders for hold in order["holds"]),
        dead_letters=Counter(letter["stage"] for letter in letters),
        seconds=(max(stamps) - min(stamps)) / 1000 if stamps else 0.0,
        latency_p50=_quantile(waits, 0.5),
        latency_p99=_quantile(waits, 0.99),
        quality=_quality(topics, truths, held),
        explained=_explained(topics, orders),
    )


def _quality(topics: Topics, truths: Mapping[str, Truth], held: Mapping[str, frozenset[str]]) -> Quality:
    keys = [(record.key or b"").decode() for record in topics.inputs]
    cancelled = {key for key, record in zip(keys, topics.inputs, strict=True) if _cancels(record)}
    return quality(truths, held, dict.fromkeys(keys), cancelled)


def _cancels(record: Record) -> bool:
    """Whether a record is a carrier's word that a parcel does not come. One that cannot be read is none."""
    try:
        event = orjson.loads(record.value or b"{}")
    except orjson.JSONDecodeError:
        return False
    return isinstance(event, dict) and event.get("event_type") == "CANCEL"


def _waits(topics: Topics) -> list[float]:
    """From each event's time at the broker to its decision's, in seconds, sorted."""
    came = {place_name(*record.place): record.timestamp_ms for record in topics.inputs}
    found = ((record.timestamp_ms, came.get(cause_of(record))) for record in topics.decisions)
    return sorted((decided - start) / 1000 for decided, start in found if start is not None)


def _quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))] if values else 0.0


def _held_codes(orders: Iterable[Mapping[str, Any]]) -> Mapping[str, frozenset[str]]:
    codes: dict[str, set[str]] = defaultdict(set)
    for order in orders:
        codes[f"{order['source_carrier']}|{order['hawb']}"].update(hold["code"] for hold in order["holds"])
    return {key: frozenset(found) for key, found in codes.items()}


def _explained(topics: Topics, orders: Sequence[Mapping[str, Any]]) -> tuple[Chapter, ...]:
    """Three decisions whole: one held for a list, one for its goods, one released."""
    wanted = [_first_key(orders, "WL-"), _first_key(orders, "NAR-"), _released_key(topics)]
    chapters = []
    for key in (key for key in wanted if key):
        records = (*topics.inputs, *topics.decisions, *topics.orders, *topics.dead_letters)
        story = story_of(key, [record for record in records if record.key == key.encode()])
        chapters.append(next(chapter for chapter in story.chapters if chapter.decision))
    return tuple(chapters)


def _first_key(orders: Sequence[Mapping[str, Any]], prefix: str) -> str:
    matching = (o for o in orders if any(hold["code"].startswith(prefix) for hold in o["holds"]))
    order = next(matching, None)
    return f"{order['source_carrier']}|{order['hawb']}" if order else ""


def _released_key(topics: Topics) -> str:
    ordered = {record.key for record in topics.orders}
    return next(((r.key or b"").decode() for r in topics.decisions if r.key not in ordered), "")


def print_report(console: Console, report: Report) -> None:
    """The report as a person reads it."""
    account = report.balance
    console.rule("What came in, and what became of it")
    console.print(
        f"{account.inputs:,} events · {account.decisions:,} decisions "
        f"({', '.join(f'{count:,} {name}' for name, count in sorted(report.outcomes.items()))}) · "
        f"{account.dead_letters:,} dead letters ({account.accompanying:,} of them with a hold)"
    )
    console.print(f"{report.rate:,.0f} decisions/s over {report.seconds:.1f} s", highlight=False)
    console.print(
        f"event → decision: p50 {report.latency_p50 * 1000:.0f} ms, p99 {report.latency_p99 * 1000:.0f} ms"
    )
    console.print(_counts("holds by code", report.holds))
    if report.dead_letters:
        console.print(_counts("dead letters by stage", report.dead_letters))
    console.print(_planted(report.quality))
    console.rule("Three decisions explained")
    for chapter in report.explained:
        console.print(chapter_panel(chapter))
    for line in account.problems:
        console.print(line, style="red")
    console.print(
        "every event has exactly one decision or one dead letter" if account.is_even else "IT DOES NOT ADD UP"
    )


def _counts(title: str, counts: Mapping[str, int]) -> Table:
    table = Table("code", "count", title=title, title_justify="left")
    for name, count in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])):
        table.add_row(name, f"{count:,}")
    return table


def _planted(found: Quality) -> Table:
    title = (
        f"planted: {found.found} of {found.due} found; "
        f"ordinary parcels held: {found.ordinary_held} of {found.ordinary:,}, "
        f"and {found.cancelled_held} that were cancelled"
    )
    table = Table(
        "case", "parcels", "due", "found", "missed", "innocents held", title=title, title_justify="left"
    )
    for score in found.cases:
        missed = ", ".join(score.missed[:_SHOWN_PLACES])
        counts = (str(score.parcels), str(score.due), str(score.found))
        table.add_row(score.case, *counts, missed, str(len(score.wrongly_held)) if score.innocent else "")
    return table
