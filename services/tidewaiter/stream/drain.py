"""How a worker is asked to stop: finish the batch in hand, commit it, leave the group."""


class Stop:
    """A wish to stop, set from a signal handler or from another thread, read by the loop between batches."""

    def __init__(self) -> None:
        self._is_requested = False

    @property
    def is_requested(self) -> bool:
        """Whether somebody has asked."""
        return self._is_requested

    def request(self) -> None:
        """Ask for it. Idempotent, and safe in a signal handler."""
        self._is_requested = True
