"""`tidewaiter top` finds the workers, says what is wrong in words, and fits any terminal."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO

import pytest
from msgspec.structs import replace
from rich.console import Console

from tests.endtoend.commands import invoked, surroundings
from tidewaiter.cli.top import Lookout
from tidewaiter.cli.top_view import page
from tidewaiter.inspection.now import reading
from tidewaiter.inspection.reading import Latency, Listed, Reading, Tally, Waiting, Worker
from tidewaiter.local.server import free_port
from tidewaiter.telemetry.metrics import Metrics
from tidewaiter.telemetry.probes import Probes

WELL = Reading(
    seconds=10.0,
    workers=(Worker("127.0.0.1:9464", "ready", 80.0, 36, 0, "closed", 3),),
    events_per_second=80.0,
    decisions_per_second={"RELEASE": 78.0, "HOLD": 2.0},
    latency={"broker": Latency(0.012, 0.09)},
    within_objective=1.0,
    lag=Waiting(0, 0.0),
    unread={"screener": Waiting(0, 0.0, 1)},
    lists={"ofac-sdn": Listed(3600.0, 14_641)},
    generations=(3,),
    rulesets=("54f60842070a",),
    holds={"WL-SDN": Tally(12.0, 40)},
    dead_letters={},
)
DOWN = Worker("127.0.0.1:9465", "down")


@dataclass
class Dock:
    """A worker's page that is served."""

    metrics: Metrics = field(default_factory=lambda: Metrics())

    def __post_init__(self) -> None:
        self.metrics.ready.set(1)
        self.probes = Probes(("127.0.0.1", 0), self.metrics.registry, lambda: True, tuple)
        self.address = f"127.0.0.1:{self.probes.port}"


@pytest.fixture
def dock() -> Iterator[Dock]:
    dock = Dock()
    yield dock
    dock.probes.close()


def printed(found: Reading, width: int) -> str:
    """The page as plain text: without any colour."""
    out = StringIO()
    Console(file=out, width=width, color_system=None).print(page(found))
    return out.getvalue()


@pytest.mark.parametrize("width", [30, 40, 60, 80, 120, 250])
def test_page_has_everything_at_any_width(width: int) -> None:
    lines = printed(replace(WELL, workers=(*WELL.workers, DOWN)), width).splitlines()
    assert max(map(len, lines)) <= width
    said = "".join("".join(lines).split())
    for words in ("DOWN", "RELEASE", "78.0", "WL-SDN", "14,641", "ofac-sdn", "54f60842070a"):
        assert words in said, words


def test_each_row_says_what_it_is_of_and_what_is_not_known() -> None:
    found = replace(
        WELL,
        workers=(*WELL.workers, DOWN),
        within_objective=0.9995,
        unread={"screener": Waiting(1_204, 90.0, 2), "archive": Waiting(3, None)},
        lists={"ofac-sdn": Listed(3_600.0, 14_641), "un": Listed(180_000.0, 5)},
        holds={f"WL-{number}": Tally(150.4, 40) for number in range(10)},
    )
    rows = [" ".join(line.split()) for line in printed(found, 70).splitlines()]
    for row in (
        "RELEASE 78.0",
        "the broker 12 ms 90 ms",
        "within 1 s 99.95% (goal 99.9%)",
        "the workers 0 0 ms -",
        "screener 1,204 1.5 min 2",
        "archive 3 - -",
        "127.0.0.1:9464 ready 80.0 36 closed",
        "127.0.0.1:9465 DOWN - - -",
        "ofac-sdn 1.0 h 14,641",
        "un 2.1 d OLD 5",
        "WL-7 150 40",
        "and 2 more",
    ):
        assert any(row in line for line in rows), row
    assert not any("WL-8" in line for line in rows)
    unknown = printed(replace(WELL, within_objective=None, generations=()), 200)
    assert "lists of generation -, rules" in unknown
    assert " -  (goal 99.9%)" in unknown


def test_page_says_in_words_that_all_is_well() -> None:
    assert printed(WELL, 80).startswith("all is well")


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (replace(WELL, workers=(*WELL.workers, DOWN)), "127.0.0.1:9465 is down"),
        (replace(WELL, workers=(Worker("w:1", "degraded"),)), "w:1 is degraded"),
        (replace(WELL, workers=(Worker("w:1", "ready", stopped_partitions=2),)), "w:1 has stopped 2 part"),
        (replace(WELL, workers=()), "no worker answers"),
        (replace(WELL, within_objective=0.99), "parcels are late"),
        (replace(WELL, unread={"screener": Waiting(5, 9.0, 0)}), "the screener's group has no member"),
        (replace(WELL, generations=(3, 4)), "different lists or rules"),
        (replace(WELL, lists={"un": Listed(90_000.0, 5)}), "un is older than a day"),
        (replace(WELL, silent=("lag:9463",)), "lag:9463 is down"),
        (replace(WELL, blind=("lag:9463",)), "Kafka does not answer lag:9463"),
        (replace(WELL, workers=(Worker("w:1", "ready", brokers_down=1),)), "w:1 has no connection to 1 brok"),
        (replace(WELL, unread={"screener": Waiting(5, 61.0, 1)}), "parcels wait for more than a minute"),
        (replace(WELL, lag=Waiting(5, 61.0), unread={}), "parcels wait for more than a minute"),
    ],
)
def test_page_begins_with_what_is_wrong(found: Reading, words: str) -> None:
    first = printed(found, 200).splitlines()[0]
    assert first.startswith("LOOK: ")
    assert words in first


def test_lookout_keeps_a_worker_that_answered_once_and_passes_over_ports_where_nobody_is(dock: Dock) -> None:
    lookout = Lookout((), (dock.address, f"127.0.0.1:{free_port()}"))
    assert [look.address for look in lookout.look()] == [dock.address]
    dock.metrics.decisions.labels("HOLD", "1A", "FDX").inc(5)
    found = reading(lookout.look())
    assert sum(found.decisions_per_second.values()) > 0
    dock.probes.close()
    assert [worker.state for worker in reading(lookout.look()).workers] == ["down"]


def test_command_shows_a_named_worker_that_does_not_answer_as_down(dock: Dock) -> None:
    away = f"127.0.0.1:{free_port()}"
    options = ["--once", "--every", "0.5", "--at", dock.address, "--at", away]
    done = invoked("top", *options, environment=surroundings())
    assert done.exit_code == 0, done.output
    assert f"{away} is down" in " ".join(done.stdout.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--at", "somewhere"], "--at: found 'somewhere', expected HOST:PORT"),
        (["--at", "a:99999"], "--at: found 'a:99999'"),
        (["--json"], "--json: is for --once"),
        (["--once", "--at", "127.0.0.1:1"], "nobody answers at 127.0.0.1:1"),
    ],
)
def test_what_cannot_be_looked_at_is_refused_in_one_line(arguments: list[str], words: str) -> None:
    done = invoked("top", *arguments, environment=surroundings())
    assert (done.exit_code, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_workers_on_any_port_have_to_be_named() -> None:
    done = invoked("top", "--once", environment=surroundings(metrics_port="0"))
    assert done.exit_code == 2
    assert "TIDEWAITER_METRICS_PORT: found 0" in done.stderr
