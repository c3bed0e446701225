"""An evidence source in this process: the store's answers without a store, for replays of history."""

from collections.abc import Iterable, Mapping, Sequence

from tidewaiter.backtest.windows import Windows
from tidewaiter.domain.lookup import Answer, Gathered, Kept, Listing, Lookup
from tidewaiter.domain.watchlist import Entry, IdentifierKind
from tidewaiter.matching.listed import listed_identifiers
from tidewaiter.screener.in_force import Wanted

IN_PROCESS = Wanted(0, "", 0, "in process")
_NOBODY: tuple[Listing, ...] = ()


class ListedIdentifiers:
    """The identifiers of some lists, looked up as the store would."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._listed: Mapping[tuple[IdentifierKind, str], tuple[Listing, ...]] = {
            (kind, text): listings
            for kind, texts in listed_identifiers(entries).items()
            for text, listings in texts.items()
        }

    def answers(self, lookup: Lookup) -> tuple[tuple[Listing, ...], ...]:
        """Who of the lists carries each identifier of a lookup."""
        return tuple(self._listed.get(pair, _NOBODY) for pair in lookup.identifiers)


class EvidenceInProcess:
    """See ``screener.ports.EvidenceSource``; held to the conformance suite of the stores.

    ``named`` are the versions that it names as current.
    """

    def __init__(self, listed: ListedIdentifiers | None = None, named: Wanted = IN_PROCESS) -> None:
        self._named = named
        self._windows = Windows()
        self._listed = listed or ListedIdentifiers()
        self._histories: dict[str, bytes] = {}

    def gather(self, lookups: Sequence[Lookup], generation: int, epoch: str = "") -> Gathered:  # noqa: ARG002
        """Answer and count a batch in its order. Never unavailable; it has one generation and one life."""
        histories = [self._histories.get(lookup.parcel) for lookup in lookups]
        answers = tuple(map(self._answer, lookups, histories))
        named = self._named
        return Gathered(answers, named.generation, named.rules_version, named.local_version, named.epoch)

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> None:  # noqa: ARG002
        """Keep each parcel's history, in place of the one before."""
        self._histories.update({one.parcel: one.history for one in histories})

    def _answer(self, lookup: Lookup, history: bytes | None) -> Answer:
        standing, windows = self._windows.answered(lookup)
        return Answer(history, windows, self._listed.answers(lookup), standing)
