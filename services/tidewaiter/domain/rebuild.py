"""Rebuilding what a store that was emptied has lost: how far it has come, and who has which share of it."""

from typing import Literal

from msgspec import Struct

Nothing = Literal["warm", "others at it", "gone"]
"""Why there is no share to be had: all is back, others rebuild the rest, or the store lives another life."""


class Share(Struct, frozen=True):
    """The same partition of every topic, in one life of the store, in the hands of one worker for a while."""

    epoch: str
    number: int


class Rebuild(Struct, frozen=True):
    """How far it has come. ``since_ms`` is from when on the log had everything, 0 for its beginning."""

    shares: int
    done: int
    is_warm: bool
    since_ms: int
