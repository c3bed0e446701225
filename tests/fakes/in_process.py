"""An `EvidenceSource` made of what a replay counts and looks up with, to hold that to the stores' answers."""

from collections.abc import Sequence

from tidewaiter.backtest.identifiers import ListedIdentifiers
from tidewaiter.backtest.windows import Windows
from tidewaiter.domain.lookup import Answer, Gathered, Kept, Lookup
from tidewaiter.screener.in_force import Wanted

IN_PROCESS = Wanted(0, "", 0, "in process")


class EvidenceInProcess:
    """See ``screener.ports.EvidenceSource``; held to the conformance suite of the stores.

    ``named`` are the versions that it names as current.
    """

    def __init__(self, listed: ListedIdentifiers | None = None, named: Wanted = IN_PROCESS) -> None:
        self._named = named
        self._windows = Windows()
        self._listed = listed or ListedIdentifiers()
        self._histories: dict[str, bytes] = {}

    def gather(self, lookups: Sequence[Lookup], generation: int, epoch: str = "") -> Gathered:
        """Answer and count a batch in its order. Never unavailable; it has one generation and one life."""
        histories = [self._histories.get(lookup.parcel) for lookup in lookups]
        answers = tuple(map(self._answer, lookups, histories))
        named = self._named
        return Gathered(answers, named.generation, named.rules_version, named.local_version, named.epoch)

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> None:
        """Keep each parcel's history, in place of the one before."""
        self._histories.update({one.parcel: one.history for one in histories})

    def _answer(self, lookup: Lookup, history: bytes | None) -> Answer:
        standing, windows = self._windows.answered(lookup)
        return Answer(history, windows, self._listed.answers(lookup), standing)
