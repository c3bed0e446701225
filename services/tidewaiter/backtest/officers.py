"""What officers had before them: for a decision of then, that of the replay on the same record."""

from collections.abc import Mapping
from dataclasses import replace

from msgspec import structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.history import History
from tidewaiter.screener.case import Case
from tidewaiter.screener.reading import source_of
from tidewaiter.stream.record import Headers
from tidewaiter.wire.headers import VIA, cause_in

Source = tuple[str, bool]
"""Where the record that a decision answers was first read, and whether it was answered from the lane."""


def source_in(headers: Headers) -> Source:
    """The source of an answer with these headers."""
    return cause_in(headers), VIA in dict(headers)


class ShownThen:
    """The decisions of one ruleset that stand for those of then. ``then`` are the sources of those that
    officers name, by decision_id, as far as the history has them."""

    def __init__(self, then: Mapping[str, Source]) -> None:
        self._then, self._wanted = then, frozenset(then.values())
        self._now: dict[Source, str] = {}

    def note(self, case: Case, decision_id: str) -> None:
        """Keep the decision on a case, if an officer names that of then."""
        if self._wanted and (source := (source_of(case.record), case.is_again)) in self._wanted:
            self._now[source] = decision_id

    def heeded(self, case: Case, before: History) -> Case:
        """The case; that of an officer's action with the decision that stands for the one it names.

        Where none does, it showed what is open now: else it would remove nothing, and all that comes after it
        would be held.
        """
        action = case.message
        if not isinstance(action, OfficerAction) or _knows(before, action.decision_id):
            return case
        source = self._then.get(action.decision_id)
        decision_id = self._now.get(source, "") if source else ""
        return replace(case, message=structs.replace(action, decision_id=decision_id))


def _knows(history: History, decision_id: str) -> bool:
    """Whether the decision is one of the replay's own, be it that it showed no hold."""
    return decision_id in history.shown or any(
        one.decision_id == decision_id for one in history.given.values()
    )
