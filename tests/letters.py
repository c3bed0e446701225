"""Dead letters as other releases left them."""

from tidewaiter.stream.record import Outgoing
from tidewaiter.wire import dead_letters
from tidewaiter.wire.malformed import Malformed
from tidewaiter.wire.topics import DEAD_LETTERS


def unread_then(came: Outgoing, offset: int) -> Outgoing:
    """The letter of a release that could not read this record yet, which lay at ``offset`` of partition 0."""
    unread = dead_letters.Unread(
        topic=came.topic, partition=0, offset=offset, key=came.key, value=came.value, headers=came.headers
    )
    malformed = Malformed(stage="version", found='"1.0"', expected="0.9")
    return Outgoing(DEAD_LETTERS, came.key, dead_letters.encode(unread, malformed))
