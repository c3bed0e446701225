"""Everything the stream says about one parcel, put together in the order in which it happened."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from tidewaiter.inspection.accounts import cause_of
from tidewaiter.stream.record import Record
from tidewaiter.wire.document import parsed
from tidewaiter.wire.headers import place_name
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import DEAD_LETTERS, DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

_ANSWERS = (DECISIONS, HOLD_ORDERS, DEAD_LETTERS)
TOPICS = (PARCEL_EVENTS, OFFICER_ACTIONS, *_ANSWERS)


class Chapter(Struct, frozen=True):
    """A message about the parcel with what answered it. Documents are as the stream has them.

    One that ``is_here`` no more has outlived its topic, or did not come where its parcel's own do.
    """

    source: str
    message: Mapping[str, Any] | None
    decision: Mapping[str, Any] | None = None
    order: Mapping[str, Any] | None = None
    dead_letter: Mapping[str, Any] | None = None
    is_here: bool = True


class Story(Struct, frozen=True):
    """A parcel's messages with their answers; ``open_order`` is the order now in force, None when free, and
    ``last_decision`` the decision, whichever message it answers: the lane's are not answered in their turn.
    """

    key: str
    chapters: tuple[Chapter, ...]
    open_order: Mapping[str, Any] | None
    last_decision: Mapping[str, Any] | None = None

    @property
    def is_known(self) -> bool:
        return bool(self.chapters)


def story_of(key: str, records: Iterable[Record]) -> Story:
    """The story in the records of a parcel's key, taken from all ``TOPICS``, each topic in log order."""
    by_topic: dict[str, list[Record]] = {topic: [] for topic in TOPICS}
    for record in records:
        by_topic[record.topic].append(record)
    answers = {topic: _by_cause(by_topic[topic]) for topic in _ANSWERS}
    messages = {
        place_name(*record.place): record for record in (*by_topic[PARCEL_EVENTS], *by_topic[OFFICER_ACTIONS])
    }
    moments = {source: record.timestamp_ms for source, record in messages.items()}
    for record in (record for topic in _ANSWERS for record in by_topic[topic]):
        moments.setdefault(cause_of(record), record.timestamp_ms)
    sources = sorted(moments, key=moments.__getitem__)
    order, decision = _last(by_topic[HOLD_ORDERS]), _last(by_topic[DECISIONS])
    is_open = order is not None and order.get("status") == "OPEN"
    chapters = tuple(_chapter(source, messages.get(source), answers) for source in sources)
    return Story(key, chapters, order if is_open else None, decision)


def _last(records: Sequence[Record]) -> Mapping[str, Any] | None:
    return _document(records[-1]) if records else None


def _chapter(
    source: str, message: Record | None, answers: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> Chapter:
    return Chapter(
        source,
        _document(message) or None if message else None,
        answers[DECISIONS].get(source),
        answers[HOLD_ORDERS].get(source),
        answers[DEAD_LETTERS].get(source),
        is_here=message is not None,
    )


def _by_cause(records: Iterable[Record]) -> Mapping[str, Mapping[str, Any]]:
    """The last answer to each message: a re-screened decision stands in place of the degraded one."""
    return {cause_of(record): _document(record) for record in records}


def _document(record: Record) -> Mapping[str, Any]:
    document = parsed(record.value or b"")
    return {} if isinstance(document, Malformed) else document
