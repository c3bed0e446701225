"""Remembers the latest answers, bounded, for names and words that come again and again."""

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class RecallCache(Generic[K, V]):
    """At most about ``size`` answers, the least lately used forgotten first, in halves.

    Two dicts, young and old: when the young one is full it becomes the old one. Reading is one dict lookup
    for what is young, and no lock is needed: a race between threads costs at most an answer computed twice.
    """

    def __init__(self, size: int) -> None:
        self._half = max(1, size // 2)
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> V:
        """Remember ``value``, and give it back."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = value
        return value
