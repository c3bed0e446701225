"""Lists, rules and law are switched as one, between two batches, and built beside the stream."""

from datetime import timedelta
from typing import Any

import pytest

from tests.unit.screener.desk import LISTED, NOW, WANTED, AtOnce, Desk, event, follow_up, in_force, listed
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.wire.topics import RESCREENS

NEXT = WANTED._replace(generation=1)


def switch(executor: AtOnce) -> Switch:
    return Switch(in_force(), in_force, executor, lambda *_: None)


def test_a_newer_version_is_built_in_the_background_and_taken_up_when_it_is_ready() -> None:
    executor = AtOnce(waits=True)
    at = switch(executor)
    at.notice(NEXT, 0.0)
    assert at.current(0.0).wanted == WANTED
    executor.release()
    assert at.latest.wanted == WANTED, "only a batch boundary takes it up"
    assert at.current(0.0).wanted == NEXT
    assert at.latest.wanted == NEXT


def test_the_version_in_force_is_not_loaded_again() -> None:
    loads: list[Wanted] = []

    def load(wanted: Wanted) -> InForce:
        loads.append(wanted)
        return in_force(wanted)

    at = Switch(in_force(), load, AtOnce(), lambda *_: None)
    at.notice(WANTED, 0.0)
    assert loads == []
    at.notice(WANTED._replace(local_version=3), 0.0)
    at.notice(WANTED._replace(local_version=3), 0.0)
    assert loads == [WANTED._replace(local_version=3)]


def test_a_version_that_cannot_be_loaded_leaves_the_old_one_and_is_tried_again_later() -> None:
    failures: list[tuple[Wanted, str]] = []
    attempts: list[Wanted] = []

    def load(wanted: Wanted) -> InForce:
        attempts.append(wanted)
        raise LookupError("half of it is missing")

    at = Switch(in_force(), load, AtOnce(), lambda wanted, error: failures.append((wanted, str(error))))
    at.notice(NEXT, 0.0)
    assert at.current(0.0).wanted == WANTED
    assert failures == [(NEXT, "half of it is missing")]
    at.notice(NEXT, 4.9)
    assert len(attempts) == 1
    at.notice(NEXT, 5.0)
    assert len(attempts) == 2


def test_a_list_is_stale_when_it_was_loaded_longer_ago_than_allowed() -> None:
    fresh = in_force(loaded_at=NOW - timedelta(hours=48))
    assert fresh.lists(NOW).stale == ()
    assert fresh.lists(NOW + timedelta(seconds=1)).stale == ("ofac-sdn",)


def test_a_batch_is_decided_whole_on_the_lists_that_it_began_with() -> None:
    """A newer generation is named while a batch is gathered, and decides from the next batch on."""
    desk = Desk(lambda wanted: in_force(wanted, entries=(LISTED,)), first=in_force(entries=()))
    desk.source.generation, desk.source.generations = 1, {0, 1}
    before = desk.events(listed(1), listed(hawb="770000000002"), listed(2, "UPDATE", pieces=2))
    assert {one["decision"] for one in before.decisions} == {"RELEASE"}
    after = desk.events(listed(hawb="770000000003"))
    assert (after.outcome, after.orders[0]["watchlist_generation"]) == ("HOLD", 1)
    assert after.orders[0]["watchlist_versions"] == {"ofac-sdn": "v1"}
    assert [wanted.generation for wanted in desk.notes.taken_up] == [0, 1]


@pytest.mark.parametrize(
    "message",
    [
        follow_up(3, "ARRIVAL", arrival_time="2026-11-24T10:00:00Z"),
        follow_up(3, "SCAN", scanned_weight_kg="0.8"),
        event(1),
    ],
    ids=["an arrival", "a scan", "a first declaration that comes last"],
)
def test_whatever_comes_of_a_parcel_its_declaration_is_screened_on_newer_lists(
    message: dict[str, Any],
) -> None:
    desk = Desk(lambda wanted: in_force(wanted, entries=(LISTED,)), first=in_force(entries=()))
    assert desk.events(listed(2)).outcome == "RELEASE"
    desk.source.generation, desk.source.generations = 1, {0, 1}
    desk.events(event(hawb="770000000002"))
    assert desk.events(message).codes == ["WL-NARC"]


@pytest.fixture
def late(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk where newer lists know nobody, and Redis remembers without saying so until ``undo``."""
    desk = Desk(lambda wanted: in_force(wanted, entries=()))
    remember = desk.source.remember
    answered_late = Unavailable("Redis: too late")
    monkeypatch.setattr(
        desk.source, "remember", lambda kept, epoch="": remember(kept, epoch) or answered_late
    )
    return desk


def test_a_batch_that_waits_for_redis_is_decided_anew_on_the_lists_that_it_was_decided_on(
    late: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = late.event(listed(1))
    assert isinstance(late.taken(record), Unavailable)
    late.source.generation, late.source.generations = 1, {0, 1}
    assert isinstance(late.taken(record, waited=0.1), Unavailable)
    monkeypatch.undo()
    answers = late.answers(record, waited=0.2)
    assert (answers.orders[0]["watchlist_generation"], answers.codes) == (0, ["WL-NARC"])
    assert late.events(listed(hawb="770000000002")).outcome == "RELEASE"


def test_a_batch_that_waits_is_decided_on_the_lists_of_a_redis_that_was_emptied_meanwhile(
    late: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It remembers nothing of what was decided, and has none of the lists before."""
    record = late.event(listed(1))
    assert isinstance(late.taken(record), Unavailable)
    late.source.histories.clear()
    late.source.epoch, late.source.generation, late.source.generations = "another life", 1, {1}
    assert isinstance(late.taken(record, waited=0.1), Unavailable)
    monkeypatch.undo()
    assert late.answers(record, waited=0.2).outcome == "RELEASE"


def test_a_worker_without_parcels_takes_up_newer_lists_before_its_next_one() -> None:
    desk = Desk(first=in_force(entries=()))
    desk.events(event())
    desk.source.generation, desk.source.generations = 1, {1}
    for _ in range(2):
        desk.clock.seconds += 1.0
        desk.work.ready_for(RESCREENS)
    assert desk.events(listed(hawb="770000000002")).codes == ["WL-NARC"]
    assert [wanted.generation for wanted in desk.notes.taken_up] == [0, 1], "each is told once"


def test_a_worker_without_parcels_asks_redis_once_a_second() -> None:
    desk = Desk()
    desk.events(event())
    for _ in range(20):
        desk.clock.seconds += 0.1
        desk.work.ready_for(RESCREENS)
    assert desk.notes.exchanges in (2, 3)


@pytest.mark.parametrize(("hours", "stale"), [(-49, True), (-48, False), (48, False), (49, True)])
def test_a_list_is_too_old_by_a_clock_that_is_as_far_ahead(hours: int, stale: bool) -> None:
    """Of a clock that went back, or a loader's that is ahead, nobody knows how old a list is."""
    lists = in_force(loaded_at=NOW + timedelta(hours=hours)).lists(NOW)
    assert lists.stale == (("ofac-sdn",) if stale else ())


def test_a_decision_under_newer_lists_is_another_decision() -> None:
    desk = Desk(first=in_force(entries=()))
    desk.source.generations = {0, 1}
    before = desk.events(event())
    desk.source.generation = 1
    desk.events(event(hawb="770000000002"))
    after = desk.events(event())
    assert after.decisions[0]["decision_id"] != before.decisions[0]["decision_id"]
    assert after.decisions[0]["supersedes"] == before.decisions[0]["decision_id"]
