"""What the screener needs of the world outside the stream, declared by the one who needs it."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from tidewaiter.domain.lookup import Gathered, Kept, Lookup
from tidewaiter.stream.log import KeysAhead
from tidewaiter.stream.outcome import Unavailable


class EvidenceSource(Protocol):
    """Everything that is looked up for a batch, in one exchange."""

    def gather(self, lookups: Sequence[Lookup], generation: int, epoch: str = "") -> Gathered | Unavailable:
        """Answer and count a batch in its order; identifiers on the lists of ``generation`` and local ones.

        In another life of the store than ``epoch`` nothing is counted, and there are no answers; "" is any.
        Idempotent: the same batch again gets the same answers. Blocks for a bounded time. After
        `Unavailable` a part of the batch may have been counted; asking again does no harm.
        """
        ...

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        """Keep each parcel's history, once each, in place of the ``former`` one.

        Not in another life than ``epoch``: a history is not kept over one that is being rebuilt. Nor over
        one that was kept since: a worker that slept in mid-batch, while another took its partitions and
        went on, would wipe out the holds that the other placed.
        """
        ...


class Progress(Protocol):
    """How far what was answered is committed."""

    def committed(self, topic: str, number: int) -> int | None:
        """The offset before which the records of a partition are; None where that is not known."""
        ...


class Followed(Progress, Protocol):
    """The log that a worker reads."""

    def keys_from(self, topic: str, offsets: Mapping[int, int]) -> Mapping[int, KeysAhead] | Unavailable:
        """See ``stream.log.Log``."""
        ...
