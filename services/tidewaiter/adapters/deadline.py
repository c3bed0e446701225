"""A deadline for calls that promise one and do not keep it."""

from collections.abc import Callable
from threading import Thread


def returned_within(seconds: float, call: Callable[[], None]) -> bool:
    """Run the call in a thread of its own; True when it returned in time, False when it is still out.

    Raises what the call raises. A call that is still out is left behind with everything that it holds:
    whatever it touches must be thrown away by the caller. About 50 us.
    """
    raised: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except Exception as error:  # noqa: BLE001  # handed over, and raised in the caller's thread
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    return not thread.is_alive()
