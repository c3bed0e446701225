"""Putting a ruleset in force: only one whose own cases pass, with who did it and why, and the way back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.rules.testing import CaseReport


class Publication(Struct, frozen=True):
    """One change of the ruleset in force: to which version, why, by whom, when (UTC).

    ``is_back`` says that it takes back what was published since that version.
    """

    version: str
    reason: str
    by: str
    at: datetime
    is_back: bool = False


class WorkerRules(Struct, frozen=True):
    """Which ruleset a worker runs, and when it said so (UTC)."""

    version: str
    seen_at: datetime


class RulesetStore(Protocol):
    """Where published rulesets are kept, and which one is in force."""

    def current(self) -> str | None:
        """The version in force, or None while nothing was published."""

    def bundle(self, version: str) -> bytes | None:
        """The bytes of a published bundle, or None if it was never published."""

    def publish(self, bundle: bytes, publication: Publication) -> None:
        """Keep the bundle, note the publication and put the version in force, in one step."""

    def history(self) -> tuple[Publication, ...]:
        """All publications, the oldest first."""

    def workers(self) -> Mapping[str, WorkerRules]:
        """What each worker last said that it runs."""


def publish(store: RulesetStore, ruleset: Ruleset, report: CaseReport, publication: Publication) -> bool:
    """Put a ruleset in force whose cases were run. False if it is the one in force already.

    Raises RuleError if a case failed.
    """
    place = Place(ruleset.settings.name)
    if report.failures:
        first = report.failures[0]
        case = f"{first.rule_id} {first.case!r} expected {first.expected}, found {first.found}"
        raise RuleError(f"not published: {len(report.failures)} cases fail, the first is {case}", place)
    if store.current() == ruleset.version:
        return False
    store.publish(ruleset.bundle.to_bytes(), publication)
    return True


def previous_version(store: RulesetStore) -> str:
    """The version before the present one, of those that were not taken back: whoever goes back twice does not
    come to what was left first. Raises RuleError if there is none.
    """
    kept: list[str] = []
    for one in store.history():
        while one.is_back and one.version in kept and kept[-1] != one.version:
            kept.pop()
        kept.append(one.version)
    current = store.current()
    earlier = [version for version in kept if version != current]
    if current is None or not earlier:
        raise RuleError("no earlier ruleset to go back to", Place("history"))
    return earlier[-1]
