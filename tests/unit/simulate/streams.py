"""Traffic that several tests look at: made once, since it is the same whenever it is made."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.watchlist import Entry
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.message import Message
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire.events import Decoded, decode


@cache
def listed() -> tuple[Entry, ...]:
    """The entries of a fictitious list, as the list reader reads them."""
    with TemporaryDirectory() as folder:
        write_fictitious_list(Path(folder), seed=5)
        return tuple(entry for reading in read_all((Path(folder),)) for entry in reading.entries)


@cache
def messages() -> tuple[Message, ...]:
    """20,000 parcels, 200 of them planted."""
    return tuple(Traffic(seed=11, parcels=20_000, listed=listed()))


def event_of(message: Message) -> ParcelEvent:
    """The event in a message, read as the screener reads it."""
    decoded = decode(message.value)
    assert isinstance(decoded, Decoded), decoded.reason
    return decoded.event


@cache
def ordinary_declarations() -> tuple[ParcelEvent, ...]:
    """The first declarations of the parcels in which there is nothing to find."""
    planted = {message.key for message in messages() if message.label}
    return tuple(
        event_of(message)
        for message in messages()
        if message.event_type == "CREATE" and message.key not in planted
    )
