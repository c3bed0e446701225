"""Which records of the lane have another of their parcel behind them: no answer to those lets it go."""

from collections.abc import Mapping, Sequence

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
    Where all that is behind one may yet be aborted, it may be the last, and goes into the lane again: what is
    put there is not read before it is known what became of that.
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
        ahead = self._ahead(again)
        if isinstance(ahead, Unavailable):
            return ahead
        for case in again:
            _note(case, ahead[case.record.partition])
        return None

    def _ahead(self, again: Sequence[Case]) -> Mapping[int, KeysAhead] | Unavailable:
        """Behind the batch, too, and of what may yet be cut off from it."""
        if self._log is None:
            return _of_the_batch(again)
        firsts = {case.record.partition: case.record.offset for case in reversed(again)}
        return self._log.keys_from(RESCREENS, firsts)


def note_put_into_lane(cases: Sequence[Case]) -> None:
    """What of a batch is not its partition's, and so is put into the lane with the answers, comes behind all
    that is answered of its parcel in that batch. Once first questions are known.
    """
    put = {case.key for case in cases if case.first is None and not case.is_again}
    for case in cases:
        if case.first is not None and case.key in put:
            case.has_more_behind = True


def _note(case: Case, ahead: KeysAhead) -> None:
    key, offset = case.record.key or b"", case.record.offset
    has_committed = ahead.committed.get(key, -1) > offset
    has_open = ahead.open.get(key, -1) > offset
    case.has_more_behind = has_committed or has_open
    case.may_be_the_last = has_open and not has_committed


def _of_the_batch(again: Sequence[Case]) -> Mapping[int, KeysAhead]:
    last: dict[int, dict[bytes, int]] = {}
    for case in again:
        last.setdefault(case.record.partition, {})[case.record.key or b""] = case.record.offset
    return {number: KeysAhead(keys) for number, keys in last.items()}
