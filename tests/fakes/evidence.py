"""An `EvidenceSource` in memory: windows are counted anew from the contributions at every question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tidewaiter.adapters.evidence_messages import CENTS_MOST, DIGEST_SIGNS, SEQ_MOST
from tidewaiter.domain.lookup import Answer, Contribution, Gathered, Kept, Listing, Lookup, Standing
from tidewaiter.domain.window import WINDOWS
from tidewaiter.stream.outcome import Unavailable

Windows = tuple[tuple[int, ...], ...]
Counted = Mapping[tuple[str, str], Contribution]


@dataclass
class FakeEvidence:
    """What Redis would hold. Set ``reason`` to make it unavailable, ``listed`` to list identifiers."""

    generation: int = 0
    rules_version: str = ""
    local_version: int = 0
    confirmed: int = 0
    epoch: str = "epoch"
    reason: str = ""
    generations: set[int] = field(default_factory=lambda: {0})
    listed: dict[tuple[str, str], tuple[Listing, ...]] = field(default_factory=dict)
    histories: dict[str, bytes] = field(default_factory=dict)
    records: dict[str, "_Record"] = field(default_factory=dict)

    def gather(self, lookups: Sequence[Lookup], generation: int, epoch: str = "") -> Gathered | Unavailable:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        if self.reason:
            return Unavailable(self.reason)
        asked = lookups if epoch in ("", self.epoch) else ()
        found = self._histories(asked)
        answers = tuple(self._answer(each, history) for each, history in zip(asked, found, strict=True))
        return Gathered(
            answers,
            self.generation,
            self.rules_version,
            self.local_version,
            self.epoch,
            generation in self.generations,
            self.confirmed,
        )

    def remember(self, histories: Sequence[Kept], epoch: str = "") -> Unavailable | None:
        """See `tidewaiter.screener.ports.EvidenceSource`."""
        if self.reason or epoch not in ("", self.epoch):
            return Unavailable(self.reason or "another life")
        if any(self.histories.get(one.parcel) != one.former for one in histories):
            return Unavailable("overtaken")
        self.histories.update({one.parcel: one.history for one in histories})
        return None

    def _histories(self, lookups: Sequence[Lookup]) -> list[bytes | None]:
        return [self.histories.get(lookup.parcel) for lookup in lookups]

    def _answer(self, lookup: Lookup, history: bytes | None) -> Answer:
        standing, windows = self._counted(lookup)
        identifiers = tuple(self.listed.get(pair, ()) for pair in lookup.identifiers)
        return Answer(history, windows, identifiers, standing)

    def _counted(self, lookup: Lookup) -> tuple[Standing, Windows]:
        record = self.records.get(lookup.parcel)
        if lookup.effect == "look":
            return "new", self._windows(lookup)
        if lookup.effect == "restore":
            return self._restored(lookup, record), ()
        if record and record.version == version(lookup) and len(record.windows) == len(lookup.contributions):
            return "repeat", record.windows
        if record and record.version >= version(lookup):
            return ("repeat" if record.version == version(lookup) else "late"), self._windows(lookup)
        self.records[lookup.parcel] = _Record(version(lookup), counted(lookup), ())
        windows = self._windows(lookup)
        self.records[lookup.parcel] = _Record(version(lookup), counted(lookup), windows)
        return "new", windows

    def _restored(self, lookup: Lookup, record: "_Record | None") -> Standing:
        if record and record.version >= version(lookup):
            return "repeat" if record.version == version(lookup) else "late"
        self.records[lookup.parcel] = _Record(version(lookup), counted(lookup), ())
        return "new"

    def _windows(self, lookup: Lookup) -> Windows:
        return tuple(recount(each, self._contributions()) for each in lookup.contributions)

    def _contributions(self) -> dict[str, Counted]:
        return {parcel: record.contributions for parcel, record in self.records.items()}


@dataclass(frozen=True)
class _Record:
    version: tuple[int, str]
    contributions: Counted
    windows: Windows


def version(lookup: Lookup) -> tuple[int, str]:
    """What orders the events of a parcel."""
    return min(lookup.seq, SEQ_MOST), lookup.digest[:DIGEST_SIGNS]


def counted(lookup: Lookup) -> Counted:
    """What an event makes its parcel contribute: one contribution a window and entity."""
    if lookup.effect not in ("count", "restore"):
        return {}
    return {(each.window, each.entity): each for each in lookup.contributions if each.counted}


def recount(question: Contribution, contributions: Mapping[str, Counted]) -> tuple[int, ...]:
    """What a window holds, from every parcel's contributions: the definition that `Window` gives."""
    window = next(one for one in WINDOWS if one.name == question.window)
    key = question.window, question.entity
    mine = [(parcel, each[key]) for parcel, each in contributions.items() if key in each]
    if window.measure == "totals":
        near = [one for _, one in mine if abs(one.day - question.day) < window.spans[0]]
        amounts = [min(max(one.amount, 0), CENTS_MOST) for one in near]
        return sum(amounts), len(amounts)
    return tuple(
        len({one.member or ("", parcel) for parcel, one in mine if one.day > question.day - span})
        for span in window.spans
    )
