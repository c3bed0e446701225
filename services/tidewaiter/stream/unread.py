"""What a reader has not read yet of the partitions it is to read, whether or not it still runs."""

from msgspec import Struct

from tidewaiter.stream.record import Partition


class Reader(Struct, frozen=True):
    """Who reads: a service by its name, or a group by its own.

    ``group`` is where it commits; None for one that keeps its ``positions`` itself. Without ``topics``
    those count that there are positions of.
    """

    name: str
    group: str | None
    topics: tuple[str, ...] = ()
    positions: dict[Partition, int] = {}


class Unread(Struct, frozen=True):
    """One partition as its reader would find it: from ``first`` on, before ``end``.

    ``committed`` is None before the first commit. ``oldest_ms`` is the timestamp of the record at ``first``,
    None where there is none or it could not be read in time.
    """

    partition: Partition
    committed: int | None
    first: int
    end: int
    oldest_ms: int | None = None

    @property
    def records(self) -> int:
        """How many places lie before the end; a transaction's mark takes one, too."""
        return max(0, self.end - self.first)

    def seconds(self, now_ms: int) -> float | None:
        """The age of the oldest unread record: 0 when there is none, None when it is not known."""
        if not self.records:
            return 0.0
        return None if self.oldest_ms is None else max(0, now_ms - self.oldest_ms) / 1000


class Backlog(Struct, frozen=True):
    """A reader's partitions, and how many members its group has (None where it has no group)."""

    reader: str
    members: int | None
    unread: tuple[Unread, ...]

    @property
    def records(self) -> int:
        return sum(one.records for one in self.unread)

    def seconds(self, now_ms: int) -> float | None:
        """The age of the oldest record of all; None when none of those that wait is known."""
        ages = [one.seconds(now_ms) for one in self.unread if one.records]
        return max((age for age in ages if age is not None), default=None if ages else 0.0)


def starting_point(partition: Partition, committed: int | None, beginning: int, end: int) -> Unread:
    """Where a reader goes on, as far as offsets tell: without a commit, or with one whose records are
    deleted, at the beginning."""
    return Unread(partition, committed, min(max(committed or 0, beginning), end), end)
