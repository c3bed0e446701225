"""The times of a history's records, believed as far as those of the records around them bear them out."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final

from msgspec import structs

from tidewaiter.stream.record import Record

# Clocks that are wrong by less begin no other day but tomorrow.
FAR_MS: Final = 86_400_000
_AROUND: Final = 100
_MOST: Final = 0.75


def steadied(records: Iterable[Record]) -> Iterator[Record]:
    """The records of one partition, or of a file, in their order. One that is more than a day away from the
    one before, to which most of the next hundred are nearer, has its time; so has one without a time.

    Producers stamp records. On the stream nothing is later than now; here one whose clock is a year ahead
    would keep back all that is behind it in its partition, and begin that year for everybody's habits.
    """
    source = iter(records)
    following: deque[Record] = deque()
    before = 0
    while record := following.popleft() if following else next(source, None):
        at = record.timestamp_ms
        if at <= 0 or abs(at - before) > FAR_MS:
            following.extend(islice(source, _AROUND - len(following)))
            at = _believed(at, before, [one.timestamp_ms for one in following if one.timestamp_ms > 0])
        before = max(at, 0)
        yield record if at == record.timestamp_ms else structs.replace(record, timestamp_ms=at)


def _believed(at: int, before: int, following: Sequence[int]) -> int:
    """The time of a record, ``before`` being that of the one before it, 0 of the first."""
    if at <= 0:
        return before or next(iter(following), at)
    if not before:
        middle = sorted(following)[len(following) // 2] if following else at
        before = min(at, middle)
    nearer = sum(abs(one - before) < abs(one - at) for one in following)
    return before if nearer > _MOST * len(following) else at
