"""A label's values kept few: what comes from outside must not grow Prometheus without end."""

from typing import Final

OTHER: Final = "other"


class Few:
    """The first ``most`` values are shown as they are, every later one as ``other``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: set[str] = set()

    def shown(self, value: str) -> str:
        if value not in self._known:
            if len(self._known) >= self._most:
                return OTHER
            self._known.add(value)
        return value
