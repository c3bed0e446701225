"""Which records of the lane have another of their parcel behind them: no answer to those lets it go."""

from collections.abc import Sequence

from tidewaiter.screener.case import Case
from tidewaiter.screener.ports import Followed
from tidewaiter.stream.log import KeysAhead
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.wire.topics import RESCREENS


class BehindInLane:
    """Looks ahead in the lane, whose records are answered one by one, in batches that may end anywhere.

    Of a parcel's messages that were held while Redis was out the first may be harmless alone. Were it
    released, the parcel would be free until the last is answered: for as long as a second outage lasts, or a
    worker is away, if that begins between two batches. So each is held that has another one behind it. That
    one is read from the lane, too, by whoever reads there next, and the last has none: it lifts the hold.
    """

    def __init__(self) -> None:
        self._log: Followed | None = None

    def follow(self, log: Followed) -> None:
        """From now on look there; without it a record is the last that has none behind it in its batch."""
        self._log = log

    def note(self, cases: Sequence[Case]) -> Unavailable | None:
        """Note of the lane's cases which have more behind them."""
        again = [case for case in cases if case.is_again]
        if not again:
            return None
        last = self._last(again)
        if isinstance(last, Unavailable):
            return last
        for case in again:
            record = case.record
            case.has_more_behind = last[record.partition].get(record.key or b"", -1) > record.offset
        return None

    def _last(self, again: Sequence[Case]) -> KeysAhead | Unavailable:
        """Behind the batch, too, and of what may yet be cut off from it."""
        if self._log is None:
            return _last_of(again)
        firsts = {case.record.partition: case.record.offset for case in reversed(again)}
        return self._log.keys_from(RESCREENS, firsts)


def _last_of(again: Sequence[Case]) -> KeysAhead:
    last: dict[int, dict[bytes, int]] = {}
    for case in again:
        last.setdefault(case.record.partition, {})[case.record.key or b""] = case.record.offset
    return last
