"""A worker that slept beyond its session, while another took its partitions and went on."""

from collections.abc import Sequence

import pytest

from tests.unit.screener.desk import Desk, event, listed
from tidewaiter.domain.lookup import Kept
from tidewaiter.stream.outcome import Unavailable


def sleeping(monkeypatch: pytest.MonkeyPatch, awake: Desk) -> Desk:
    """A worker that sleeps between deciding its batch and remembering it; ``awake`` is another on the same
    Redis, which takes the same message meanwhile and one more, by a listed party."""
    asleep = Desk()
    asleep.source.histories, asleep.source.records = awake.source.histories, awake.source.records
    remember = asleep.source.remember

    def late(histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        monkeypatch.undo()
        awake.events(event(1), listed(2, "UPDATE"))
        return remember(histories, epoch)

    monkeypatch.setattr(asleep.source, "remember", late)
    return asleep


@pytest.mark.parametrize("known_before", [False, True])
def test_a_zombie_does_not_wipe_out_a_hold_that_another_worker_placed_since(
    monkeypatch: pytest.MonkeyPatch, known_before: bool
) -> None:
    awake = Desk()
    if known_before:
        awake.events(event(0))
    asleep = sleeping(monkeypatch, awake)
    assert isinstance(asleep.taken(asleep.event(event(1))), Unavailable)
    assert awake.events(event(3, "UPDATE")).outcome == "HOLD"


def test_a_batch_that_was_overtaken_is_decided_on_what_is_known_now(monkeypatch: pytest.MonkeyPatch) -> None:
    awake = Desk()
    asleep = sleeping(monkeypatch, awake)
    record = asleep.event(event(1))
    assert isinstance(asleep.taken(record), Unavailable)
    assert asleep.answers(record, waited=0.05).outcome == "HOLD"
