"""Which answers were told. Redis is written before Kafka commits: what it remembers nobody need have seen."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from tidewaiter.domain.history import EMPTY, History, Place
from tidewaiter.screener.case import Case
from tidewaiter.screener.ports import Progress
from tidewaiter.screener.reading import source_of
from tidewaiter.wire.headers import place_name


class ToldAnswers:
    """Of each record, whether the answer that Redis remembers of it is the one that was told.

    It is if the record is committed, and was answered with Redis last. Of one that was answered without,
    Redis may remember what it came to in a batch that was aborted or cut, or in this very one, too late.
    Hence what holds always: a place is in ``_blind`` from an answer without Redis, if Redis may remember
    another one, to the next answer with it, by itself or out of the lane.

    An answer taken for told that nobody saw would be superseded by one that somebody sees; an answer that
    was told and is taken for none would stay beside the next. What was answered without Redis by a worker
    before this one is known from the lane alone.
    """

    def __init__(self) -> None:
        self._progress: Progress | None = None
        # As ``place_name`` writes a place: an outage of hours leaves hundreds of thousands.
        self._blind: set[str] = set()
        self._decided_up_to: dict[tuple[str, int], int] = {}

    def follow(self, progress: Progress) -> None:
        """From now on ask there how far answers are committed; without it a batch tells only of its own
        partitions, and by its first records."""
        self._progress = progress

    def note_decided(self, cases: Iterable[Case]) -> None:
        """These were decided with Redis, which may remember what they came to, whatever becomes of them."""
        for partition, offset in _offsets(case.record.place for case in cases).items():
            self._decided_up_to[partition] = max(offset, self._decided_up_to.get(partition, -1))

    def note_answered(self, cases: Sequence[Case]) -> None:
        """These are answered with Redis, by themselves or out of the lane."""
        if self._blind:
            self._blind.difference_update([place_name(*case.record.place) for case in cases])
            self._blind.difference_update([source_of(case.record) for case in cases if case.is_again])

    def note_blind(self, cases: Iterable[Case]) -> None:
        """These are answered without Redis, which did not say whether it remembers what they came to."""
        self._blind.update([place_name(*case.record.place) for case in cases])

    def note_unasked(self, cases: Iterable[Case]) -> None:
        """These are answered without Redis, which was not asked: it remembers those alone that were decided
        before, in a batch that was aborted, or cut by a limit."""
        self.note_blind([case for case in cases if self._was_decided(case.record.place)])

    def _was_decided(self, place: Place) -> bool:
        topic, number, offset = place
        return offset <= self._decided_up_to.get((topic, number), -1)

    def before(self, cases: Sequence[Case], known: Mapping[str, History]) -> Callable[[Place], bool]:
        """Whether the answer that the ``known`` histories keep of a record was told before this batch.

        It was if the record is committed, as far as the log knows, else if it lies before the first of its
        partition here; and if it is none of those answered without Redis, which are here from the lane, or
        will be.
        """
        firsts = _offsets(case.record.place for case in reversed(cases))
        blind = {source_of(case.record) for case in cases if case.was_blind(known.get(case.key, EMPTY))}

        def was_told(place: Place) -> bool:
            topic, number, offset = place
            reached = self._progress.committed(topic, number) if self._progress else None
            end = firsts.get((topic, number)) if reached is None else reached
            is_committed = end is None or offset < end
            source = place_name(*place)
            return is_committed and source not in self._blind and source not in blind

        return was_told


def _offsets(places: Iterable[Place]) -> Mapping[tuple[str, int], int]:
    """The last offset of each partition, as the places come."""
    return {(topic, number): offset for topic, number, offset in places}
