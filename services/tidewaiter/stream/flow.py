"""Which partitions to read from now: backpressure is pausing, and a lane with a backlog goes first."""

from collections.abc import Callable, Set
from dataclasses import dataclass

from tidewaiter.stream.record import Partition


@dataclass(frozen=True)
class Lane:
    """A topic of records that come again (``topic``) and the one that has to wait for them (``before``).

    Partition p of the one holds the same keys as partition p of the other.
    """

    topic: str
    before: str


def unreadable(
    assigned: Set[Partition],
    lanes: tuple[Lane, ...],
    ready_for: Callable[[str], bool],
    backlog: Callable[[Partition], int | None],
) -> frozenset[Partition]:
    """The partitions to be paused because of lanes.

    A lane is read only while its topic is ready. While it is, the partition that it goes before waits
    until the lane is known to be empty; not knowing (just assigned, just resumed) counts as a backlog,
    which a few milliseconds settle: the first fetch brings either a record or the end.
    """
    paused: set[Partition] = set()
    # Asked once of a topic: what has to wait for it may not find another answer than what else does.
    is_ready = {topic: ready_for(topic) for topic in dict.fromkeys(lane.topic for lane in lanes)}
    for lane in lanes:
        for partition in assigned:
            if partition.topic == lane.topic and not is_ready[lane.topic]:
                paused.add(partition)
            elif partition.topic == lane.topic and backlog(partition) != 0:
                paused.add(Partition(lane.before, partition.number))
    return frozenset(paused & assigned)
