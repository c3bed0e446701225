"""`tidewaiter screen --from`: a file of events in, files of decisions out, in the order of the lines."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.endtoend.commands import invoked, run, surroundings
from tidewaiter.inspection.quality import Truth, quality
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.watchlists.formats import read_all

pytestmark = [pytest.mark.redis, pytest.mark.slow]
PARCELS = 600


class Screened:
    """One run of the command over a simulated file with rubbish in it."""

    def __init__(self, directory: Path) -> None:
        lists = directory / "list"
        write_fictitious_list(lists, seed=1)
        entries = tuple(entry for reading in read_all((lists,)) for entry in reading.entries)
        traffic = Traffic(11, PARCELS, datetime.now(UTC), planted_share=0.2, listed=entries)
        self.truths: dict[str, Truth] = {}
        # An empty line is no record in a file, and a line has no key beside what it says itself.
        broken = [one for one in rubbish(11) if one.value and one.stage != "key"]
        self.lines: list[bytes] = []
        self.keys: list[str] = []
        for message in traffic:
            self.lines.append(message.value)
            self.keys.append(message.key.decode())
            if message.label:
                self.truths[message.key.decode()] = message.label.truth
            if len(self.lines) % 40 == 20 and broken:
                self.lines.append(broken.pop().value)
                self.keys.append("")
        events = directory / "events.ndjson"
        events.write_bytes(b"\n".join(self.lines) + b"\n")
        names = ("decisions", "holds", "dead-letters")
        self.paths = {name: directory / f"{name}.ndjson" for name in names}
        outputs = [word for name, path in self.paths.items() for word in (f"--{name}", str(path))]
        self.done = run(
            "screen", "--from", str(events), *outputs, "--list", f"ofac:{lists}", environment=surroundings()
        )

    def documents(self, name: str) -> list[dict[str, Any]]:
        return [orjson.loads(line) for line in self.paths[name].read_bytes().splitlines()]


@pytest.fixture(scope="module")
def screened(tmp_path_factory: pytest.TempPathFactory) -> Screened:
    screened = Screened(tmp_path_factory.mktemp("file-mode"))
    assert screened.done.returncode == 0, screened.done.stderr
    return screened


def test_the_last_line_says_how_many_answers_there_were(screened: Screened) -> None:
    written = ("decisions", "dead-letters")
    counts = [f"{name.replace('-', ' ')}: {len(screened.documents(name))}" for name in written]
    told = screened.done.stderr.splitlines()[-1]
    assert all(count in told for count in counts), told


def test_every_line_has_one_decision_or_one_dead_letter_in_the_order_of_the_lines(
    screened: Screened,
) -> None:
    dead = [letter["offset"] for letter in screened.documents("dead-letters")]
    assert dead == sorted(set(dead))
    assert len(dead) == screened.keys.count("")
    answered = [
        (one["source_carrier"], one["hawb"], one["message_seq"], one["event_id"])
        for one in screened.documents("decisions")
    ]
    read = [
        (one["source_carrier"], one["hawb"], one["message_seq"], one["event_id"])
        for number, line in enumerate(screened.lines, 1)
        if number not in dead
        for one in [orjson.loads(line)]
    ]
    places = iter(answered)
    assert all(one in places for one in read), "decisions are not in the order of the lines"
    accompanying = len(answered) - len(read)
    named = sum("hawb" in letter for letter in screened.documents("dead-letters"))
    assert accompanying == named


def test_every_hold_has_an_order_with_its_reasons(screened: Screened) -> None:
    orders = {order["decision_id"]: order for order in screened.documents("holds")}
    held = [one for one in screened.documents("decisions") if one["decision"] == "HOLD"]
    assert len(held) > 50
    cancelled = {key for key, line in zip(screened.keys, screened.lines, strict=True) if b'"CANCEL"' in line}
    for decision in held:
        order = orders.get(decision["decision_id"])
        if order is None:
            assert f"{decision['source_carrier']}|{decision['hawb']}" in cancelled
        else:
            assert (bool(order["holds"]), bool(order["officer_reason"])) == (True, True)
            assert not any(reason["unavailable"] for reason in order["reasons"])


def test_what_was_planted_is_found_and_innocents_are_not_held(screened: Screened) -> None:
    held: dict[str, set[str]] = {}
    for order in screened.documents("holds"):
        key = f"{order['source_carrier']}|{order['hawb']}"
        held.setdefault(key, set()).update(hold["code"] for hold in order["holds"])
    found = quality(
        screened.truths,
        {key: frozenset(codes) for key, codes in held.items()},
        [key for key in dict.fromkeys(screened.keys) if key],
    )
    missed = [(score.case, key) for score in found.cases for key in score.missed]
    # A short name that lost a letter is like many others; its door gives it away all the same.
    assert [(case, key) for case, key in missed if "WL-ADDR" not in held.get(key, ())] == []
    assert len(missed) <= 0.05 * found.due
    wrongly = {score.case: score.wrongly_held for score in found.cases if score.wrongly_held}
    assert wrongly == {}
    assert found.due > 50
    assert found.ordinary_held / found.ordinary < 0.02


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "{events}"), "--decisions: not given"),
        (("--decisions", "x"), "for --from FILE"),
        (("--from", "/no/such/file", "--decisions", "{out}"), "/no/such/file"),
        (("--from", "{events}", "--decisions", "/no/such/directory/x"), "/no/such/directory"),
        (("--from", "{events}", "--decisions", "{out}", "--list", "ofac:/no/list"), "/no/list"),
        (("--from", "{events}", "--decisions", "{out}", "--list", "{events}"), "events.ndjson"),
        (("--from", "{events}", "--decisions", "{out}", "--rules", "/no/rules"), "/no/rules"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    (tmp_path / "events.ndjson").write_text("{}\n")
    places: Mapping[str, object] = {"events": tmp_path / "events.ndjson", "out": tmp_path / "out.ndjson"}
    done = invoked("screen", *(one.format(**places) for one in arguments), environment={})
    assert done.exit_code == 2, done.output
    (line,) = done.stderr.splitlines()
    assert line.startswith("tidewaiter: ")
    assert words in line
    assert not (tmp_path / "out.ndjson").exists()
