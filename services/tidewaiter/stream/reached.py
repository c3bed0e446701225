"""Until which moment a reader has done all that there was to read: that, and not its own clock, is how fresh
what it made of it is."""

from collections.abc import Mapping

from msgspec import Struct

from tidewaiter.stream.record import Partition


class Place(Struct, frozen=True):
    """A partition as its broker said at ``heard_ms`` (wall clock): it ends before the offset ``end``.

    Everything before ``done`` is done.
    """

    heard_ms: int
    end: int
    done: int


class Reached:
    """Remembers one end a partition until it is reached: where records come all the time none is the last."""

    def __init__(self) -> None:
        self._awaited: dict[Partition, Place] = {}
        self._until_ms: dict[Partition, int] = {}

    def until_ms(self, places: Mapping[Partition, Place]) -> int | None:
        """The moment until which everything is done in all of these partitions, by the wall clock.

        It stands still while a broker is not heard, and while the reader is behind. None where there is no
        partition, and while one has not yet been read to an end that was seen.
        """
        self._until_ms = {one: at for one, at in self._until_ms.items() if one in places}
        self._awaited = {one: self._awaited.get(one, place) for one, place in places.items()}
        for one, place in places.items():
            if place.done >= place.end:
                self._until_ms[one] = place.heard_ms
            elif place.done >= self._awaited[one].end:
                self._until_ms[one] = self._awaited[one].heard_ms
            else:
                continue
            self._awaited[one] = place
        is_known = len(self._until_ms) == len(places)
        return min(self._until_ms.values(), default=None) if is_known else None
