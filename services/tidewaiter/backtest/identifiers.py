"""Who of the lists carries an identifier, without a store: for replays of history."""

from collections.abc import Iterable, Mapping

from tidewaiter.domain.lookup import Listing, Lookup
from tidewaiter.domain.watchlist import Entry, IdentifierKind
from tidewaiter.matching.listed import listed_identifiers

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
