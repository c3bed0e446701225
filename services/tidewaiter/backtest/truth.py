"""What is known to be true of parcels: labels of a simulated history, and what examinations have found."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec
from msgspec import Struct, structs

from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.tally import Tally
from tidewaiter.inspection.quality import Quality, quality
from tidewaiter.wire.lines import numbered_lines


class Label(Struct, frozen=True):
    """The truth about one parcel, as the simulator writes it about its events; see ``simulate.planted``."""

    carrier: str
    hawb: str
    case: str
    family: str = ""
    expected_codes: tuple[str, ...] = ()
    must_hold: bool = False
    innocent: bool = False
    group: str = ""

    @property
    def key(self) -> str:
        return f"{self.carrier}|{self.hawb}"


class LabelsUnusable(Exception):
    """A labels file that cannot be read; the text is one line with file, line and field."""


class Precision(Struct, frozen=True):
    """How much of what was held was worth it, and how much of what was worth it was held.

    ``known_held`` are the held parcels of which the truth is known, ``right`` those of them that deserved it,
    ``due`` all that deserved it, ``found`` those of them that were held. A share is None of nothing.
    """

    known_held: int
    right: int
    due: int
    found: int

    @property
    def precision(self) -> float | None:
        return self.right / self.known_held if self.known_held else None

    @property
    def recall(self) -> float | None:
        return self.found / self.due if self.due else None


def read_labels(path: Path) -> dict[str, Label]:
    """The labels of a file by parcel, empty lines passed over. Raises OSError, and LabelsUnusable for a line
    that is no label."""
    labels: dict[str, Label] = {}
    decode = msgspec.json.Decoder(Label).decode
    with path.open("rb") as lines:
        for number, line in numbered_lines(lines):
            if line:
                label = _label(decode, line, f"{path}:{number}")
                known = labels.get(label.key)
                labels[label.key] = joined(known, label) if known else label
    return labels


def _label(decode: Callable[[bytes], Label], line: bytes, place: str) -> Label:
    try:
        return decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise LabelsUnusable(f"--labels {place}: {error}") from None


def joined(earlier: Label, later: Label) -> Label:
    """One truth about a parcel of two about its events: it must be held if any of them says so."""
    codes = tuple(sorted({*earlier.expected_codes, *later.expected_codes}))
    return structs.replace(
        later,
        expected_codes=codes,
        must_hold=earlier.must_hold or later.must_hold,
        innocent=earlier.innocent and later.innocent,
    )


def by_labels(tally: Tally, labels: Mapping[str, Label]) -> Quality:
    """How each planted case came out, and how many ordinary parcels were held all the same."""
    held = {key: frozenset(one.codes) for key, one in tally.held.items()}
    found = quality(labels, held, held, tally.cancelled)
    others = labels.keys() | tally.cancelled
    return structs.replace(found, ordinary=max(0, tally.parcels.total() - len(others)))


def precision_by_labels(tally: Tally, labels: Mapping[str, Label]) -> Precision:
    """Every parcel's truth is known: what is not labelled is ordinary. Cases of a group are due once."""
    found = by_labels(tally, labels)
    right = sum(1 for key in tally.held if (label := labels.get(key)) and not label.innocent)
    return Precision(len(tally.held), right, found.due, found.found)


def precision_by_exams(tally: Tally, account: Account) -> Precision:
    """The truth is known of examined parcels alone, which earlier rules and chance have chosen."""
    positive = {key for key, outcome in account.examined.items() if outcome != "NEGATIVE"}
    examined = _held(tally, account.examined)
    return Precision(examined, _held(tally, positive), len(positive), _held(tally, positive))


def _held(tally: Tally, keys: Iterable[str]) -> int:
    return sum(1 for key in keys if key in tally.held)
