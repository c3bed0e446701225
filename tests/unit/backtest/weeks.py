"""Small histories to replay: simulated traffic with planted cases, and officers' answers to some of it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from tests.rules import shipped_ruleset
from tidewaiter.backtest.bench import Bench, bench_of
from tidewaiter.domain.watchlist import Entry
from tidewaiter.resources import policy_directory
from tidewaiter.rules.bundle import MAIN, Bundle
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Record
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire.topics import OFFICER_ACTIONS, PARCEL_EVENTS

SECRET = b"a secret for the tests"


@cache
def entries() -> tuple[Entry, ...]:
    """A fictitious watchlist."""
    with TemporaryDirectory() as directory:
        write_fictitious_list(Path(directory), seed=1)
        return tuple(entry for reading in read_all((Path(directory),)) for entry in reading.entries)


@cache
def messages(parcels: int = 900, seed: int = 3) -> tuple[Message, ...]:
    """Traffic of which a tenth is planted, so that most rules have something to find."""
    return tuple(Traffic(seed, parcels, planted_share=0.1, listed=entries()))


def records(traffic: Iterable[Message]) -> tuple[Record, ...]:
    """The traffic as records of one partition; every fiftieth parcel is examined, with a seizure."""
    return tuple(
        Record(topic, 0, offset, key, value, (), 0)
        for offset, (topic, key, value) in enumerate(_with_exams(traffic))
    )


def _with_exams(traffic: Iterable[Message]) -> Iterator[tuple[str, bytes, bytes]]:
    for number, message in enumerate(traffic):
        yield PARCEL_EVENTS, message.key, message.value
        if number % 50 == 0:
            yield OFFICER_ACTIONS, message.key, exam(message, number)


def exam(message: Message, number: int) -> bytes:
    """An examination of a message's parcel with a result."""
    carrier, _, hawb = message.key.decode().partition("|")
    return orjson.dumps(
        {
            "action_id": f"exam-{number}",
            "action_type": "EXAM_RESULT",
            "action_time": message.at.isoformat(),
            "schema_version": "1.0",
            "source_carrier": carrier,
            "hawb": hawb,
            "officer_id": "officer-7",
            "reason": "test",
            "outcome": "SEIZED" if number % 100 else "NEGATIVE",
        }
    )


def ruleset(**limits: float) -> Ruleset:
    """The ruleset shipped, with other limits and the very word lists, which are most of the work."""
    bundle = shipped_ruleset().bundle
    lines = bundle.files[MAIN].splitlines()
    changed = [_limited(line, limits) for line in lines]
    assert not limits or changed != lines
    return Ruleset.of(Bundle({**bundle.files, MAIN: "\n".join(changed)}), earlier=shipped_ruleset())


def _limited(line: str, limits: dict[str, float]) -> str:
    name = line.strip().partition(":")[0]
    return f"  {name}: {limits[name]}" if name in limits else line


def default() -> Ruleset:
    return shipped_ruleset()


def bench(*rulesets: Ruleset, listed: Sequence[Entry] | None = None) -> Bench:
    """A bench of these rulesets, else of the one shipped, with the fictitious list."""
    policy = Policy.load(policy_directory() / "us-low-value.yaml")
    return bench_of(rulesets or (default(),), entries() if listed is None else listed, policy, SECRET)
