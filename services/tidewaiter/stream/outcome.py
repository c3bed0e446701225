"""What became of a record, and of a batch: values that the work returns and that the loop alone acts upon."""

from typing import ClassVar

from msgspec import Struct

from tidewaiter.stream.record import Outgoing


class Done(Struct, frozen=True, gc=False):
    """The record was understood and answered by ``outgoing`` (which may be empty)."""

    outgoing: tuple[Outgoing, ...]


class DeadLetter(Struct, frozen=True, gc=False):
    """The record could not be understood: ``outgoing`` carries the dead letter and whatever else is due.

    ``stage`` is where it failed ("decode", "validate"), ``reason`` names the field, the value and what
    was expected. Counted against the dead-letter limits of its partition.
    """

    outgoing: tuple[Outgoing, ...]
    reason: str
    stage: str


class Drop(Struct, frozen=True, gc=False):
    """The record asks for nothing (a repetition, a tombstone): its offset is committed, no more."""

    outgoing: ClassVar[tuple[Outgoing, ...]] = ()
    reason: str


class Later(Struct, frozen=True, gc=False):
    """The record stays unread with all that lies behind it, and comes again in its order."""

    outgoing: ClassVar[tuple[Outgoing, ...]] = ()


class Unavailable(Struct, frozen=True):
    """The world that the batch needs is away: nothing was decided, the same batch is to be tried again."""

    reason: str


Outcome = Done | DeadLetter | Drop | Later
