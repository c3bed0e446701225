"""What is asked of Redis for one parcel, and what comes back: plain values, all of a micro-batch at once."""

from typing import Literal, NamedTuple

from msgspec import Struct

from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.domain.window import WindowName

Effect = Literal["count", "withdraw", "look", "restore"]
Standing = Literal["new", "repeat", "late"]


class Contribution(Struct, frozen=True):
    """What one parcel adds to one entity of a window, and the question what the window then holds.

    ``entity`` and ``member`` are normalised plain text (the adapter makes tokens of them); an empty
    ``member`` stands for the parcel itself. ``day`` is days since 1970-01-01 of event time, at the port.
    ``amount`` is in cents, cut to 0 … 10**12. One that is not ``counted`` only asks, and of one that is not
    ``asked`` the answer is left out. A parcel has at most one counted contribution an entity and window: of
    several, the last stands.
    """

    window: WindowName
    entity: str
    day: int
    amount: int = 0
    member: str = ""
    counted: bool = True
    asked: bool = True


class Lookup(Struct, frozen=True):
    """One event's questions. ``parcel`` is ``carrier|hawb``, ``digest`` a hash of the event's bytes.

    ``count`` makes the contributions the parcel's own, in place of those of its earlier sequences;
    ``withdraw`` (CANCEL) takes those back and counts nothing; ``look`` changes nothing (ARRIVAL, SCAN).
    ``restore`` counts and is not answered: the same lookup to ``count`` is then told the windows of that
    moment, since others may not have been restored yet when this one was.
    Events are ordered by (``seq``, ``digest``), so that any order of arrival ends in the same state.
    What is counted for another reason than the declaration (an exam result) goes under another
    ``parcel``, for instance ``carrier|hawb|exam``, with a sequence of its own.
    """

    parcel: str
    seq: int
    digest: str
    effect: Effect = "count"
    contributions: tuple[Contribution, ...] = ()
    identifiers: tuple[tuple[IdentifierKind, str], ...] = ()


class Listing(Struct, frozen=True):
    """A list entry that carries an identifier; ``is_local`` if an officer entered it (W07)."""

    list: str
    entry_id: str
    entry_name: str
    programs: tuple[str, ...] = ()
    is_local: bool = False


class Answer(Struct, frozen=True):
    """The answers to one lookup, in the order of its questions.

    ``history`` is what `remember` kept for the parcel, or None. ``windows`` has a tuple a contribution,
    as the window's measure says, this parcel included when it was counted. ``standing`` is ``repeat`` for
    an event that was counted before (its windows are those of the first time), ``late`` for one that a
    later sequence has overtaken (nothing was counted; its windows are those of now).
    """

    history: bytes | None = None
    windows: tuple[tuple[int, ...], ...] = ()
    identifiers: tuple[tuple[Listing, ...], ...] = ()
    standing: Standing = "new"


class Kept(NamedTuple):
    """A parcel's history to be kept, opaque bytes. One that officers have or had before them
    (``is_inspected``) is kept longer than any hold may stand; another while a message may still come.
    ``former`` is what it was decided on: the history that was there, None for none.
    """

    parcel: str
    history: bytes
    is_inspected: bool = False
    former: bytes | None = None


class Gathered(Struct, frozen=True):
    """The answers of a batch, and the versions that Redis names as current.

    ``generation`` is 0 and ``rules_version`` empty when nothing is published. ``has_identifiers`` is False
    when the generation that was asked for is not in Redis: then no identifier was looked up on it.
    ``confirmed`` grows when a list of the generation was fetched again and had not changed: it is younger.
    ``epoch`` is drawn once for an empty Redis: another one than before means that all windows are cold.
    """

    answers: tuple[Answer, ...]
    generation: int = 0
    rules_version: str = ""
    local_version: int = 0
    epoch: str = ""
    has_identifiers: bool = True
    confirmed: int = 0
