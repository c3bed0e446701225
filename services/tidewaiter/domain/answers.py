"""What a parcel's messages were answered: one answer keeps its id and bytes, another gets an id of its own.

Whoever de-duplicates by ``decision_id`` drops an answer whose id it has seen. That is right only while
nothing else was told of the parcel in between.
"""

from collections.abc import Callable

from msgspec import structs

from tidewaiter.domain.decision import Decision, id_of_another_answer
from tidewaiter.domain.history import Given, History, Place, Unsettled, bases_of

MAX_GIVEN = 128


def as_told(decision: Decision, history: History, digest: str, now_ms: int) -> tuple[Decision, int]:
    """The decision on the message of ``digest``, and when it was made: as it was told before, if it is that
    answer and still what was last told of the parcel; else under an id that nothing else has been told under.
    """
    given = history.given.get(digest)
    if given is None:
        return decision, now_ms
    another = id_of_another_answer(decision.decision_id, decision.supersedes)
    if not (_is_same(given, decision, history) and _still_counts(given, decision, history)):
        return structs.replace(decision, decision_id=another), now_ms
    known = structs.replace(
        decision, decision_id=given.decision_id, supersedes=_superseded_by(given, decision)
    )
    return known, given.decided_at_ms


def _is_same(given: Given, decision: Decision, history: History) -> bool:
    """Whether a decision on the same knowledge was given that came to the same, and showed the same."""
    alone, superseded = decision.decision_id, _superseded_by(given, decision)
    ids = (alone, id_of_another_answer(alone, superseded))
    if given.decision_id not in ids or given.disposition != decision.disposition:
        return False
    return bases_of(decision.holds) == set(history.shown.get(given.decision_id, ()))


def _superseded_by(given: Given, decision: Decision) -> str:
    """What the decision that was given supersedes; what this one does, where that was never visible."""
    return decision.supersedes if given.supersedes is None else given.supersedes


def _still_counts(given: Given, decision: Decision, history: History) -> bool:
    """Whether what would be superseded came to the same, or is the answer itself. What was decided without
    Redis is not known here, and was a hold. An answer that was never visible was overtaken by none.
    """
    last = decision.supersedes
    if given.supersedes is None or last in (given.decision_id, given.supersedes):
        return True
    came_to = {one.decision_id: one.disposition for one in history.given.values()}
    return came_to.get(last) == given.disposition


def told(history: History, digest: str, given: Given) -> History:
    """The history with the decision on the message of ``digest``, "" for one that is not known any more.

    One that comes again as it was supersedes nothing: what was told since stays the parcel's last decision.
    """
    if history.given.get(digest) == given:
        return history
    known = _latest({**history.given, digest: given}) if digest else history.given
    return structs.replace(history, given=known, last_decision_id=given.decision_id)


def _latest(given: dict[str, Given]) -> dict[str, Given]:
    """Those on the latest MAX_GIVEN messages."""
    return given if len(given) <= MAX_GIVEN else dict(list(given.items())[-MAX_GIVEN:])


def with_answer(history: History, place: Place, digest: str, given: Given) -> History:
    """The history with the decision on one more message of a batch that is not known to be committed yet.

    Of a message that is repeated, and answered the same, the answer was settled before: it stays what it is.
    """
    known = history.unsettled or Unsettled((), (), history.last_decision_id)
    is_new = history.given.get(digest) != given
    digests = (*known.digests, digest) if is_new else known.digests
    unsettled = Unsettled((*known.places, place), digests, known.before)
    return structs.replace(told(history, digest, given), unsettled=unsettled)


def settled(history: History, was_told: Callable[[Place], bool]) -> History:
    """The history as a batch finds it, where it is known of each record whether its answer was told.

    Redis is written before Kafka commits. A record that was answered and is not committed will come again:
    its batch was aborted. Or it was answered once more without Redis, to which the history came late. The
    decisions that such a batch gave were never visible, and may not be superseded.
    """
    last = history.unsettled
    if last is None:
        return history
    if all(map(was_told, last.places)):
        return structs.replace(history, unsettled=None)
    void = {
        digest: structs.replace(history.given[digest], supersedes=None)
        for digest in last.digests
        if digest in history.given
    }
    return structs.replace(history, given=history.given | void, last_decision_id=last.before, unsettled=None)
