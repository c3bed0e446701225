"""Faust's consumer outlives a commit that comes when its partitions have gone."""

import asyncio
from typing import Any

import pytest
from aiokafka.util import commit_structure_validate
from faust.types import TP

from tidewaiter.adapters.faust_app import _Thread

MINE, GONE = TP("insight-sightings", 0), TP("insight-sightings", 1)


class Broker:
    """The client, which takes commits as aiokafka does."""

    def __init__(self) -> None:
        self.committed: dict[Any, Any] = {}

    async def commit(self, offsets: dict[Any, Any]) -> None:
        self.committed |= commit_structure_validate(offsets)


class Thread(_Thread):
    """A thread that has one partition left, and no broker."""

    def __init__(self, broker: Broker) -> None:
        self._broker: Any = broker
        self.tp_last_committed_at = {}

    def _ensure_consumer(self) -> Any:
        return self._broker

    def assignment(self) -> Any:
        return {MINE}

    async def crash(self, reason: BaseException) -> None:
        raise reason


@pytest.mark.parametrize(("offsets", "kept"), [({GONE: 5}, []), ({MINE: 7, GONE: 5}, [(MINE, 7)])])
def test_commit_of_partitions_that_have_gone_is_left_out(
    offsets: dict[TP, int], kept: list[tuple[TP, int]]
) -> None:
    broker = Broker()
    assert asyncio.run(Thread(broker)._commit(offsets)) is bool(kept)
    assert [(TP(*tp), found.offset) for tp, found in broker.committed.items()] == kept
