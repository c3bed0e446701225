"""Which pairs of records are worth comparing: those that share something a stranger would hardly share."""

from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tidewaiter.matching.linkage.records import PersonRecord

# Two places in a table of records in each row.
Pairs: TypeAlias = NDArray[np.int64]

# A key that more records share says little. With at most 17 keys a record, pairs stay under 17 × 25 a record.
_LARGEST_BLOCK: Final = 50


def candidate_pairs(records: Sequence[PersonRecord]) -> Pairs:
    """The pairs (lower place, higher place) that share a key, each once, ascending.

    Keys that too many share are left out: a record with one misspelt, missing or swapped field keeps others.
    """
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, record in enumerate(records):
        for key in set(_keys(record)):
            blocks[key].append(place)
    found = array("q")  # a pair as one number: a million pairs take 8 MB, not 100
    for places in blocks.values():
        if 1 < len(places) <= _LARGEST_BLOCK:
            found.extend([first * len(records) + second for first, second in combinations(places, 2)])
    return np.stack(np.divmod(np.unique(np.asarray(found)), max(1, len(records))), axis=1)


def _keys(record: PersonRecord) -> Iterator[str]:
    """Keys of whole fields, then of pairs of rough ones: beginnings are spelt right more often than ends."""
    for kind, value in (
        ("i", record.number_id),
        ("p", record.phone),
        ("e", record.email),
        ("b", record.birth),
        ("s", record.street + record.city if record.street and record.city else ""),
    ):
        if value:
            yield f"{kind}:{value}"
    names = [name[:4] for name in (record.given, record.surname) if name]
    rough = (("p", record.postal), ("b", record.birth[:4]), ("n", record.number), ("s", record.street[:5]))
    for name in names:
        for kind, value in (*rough, ("c", record.city[:5])):
            if value:
                yield f"{kind}:{name}:{value}"
    if len(names) == 2:
        yield "g:" + ":".join(sorted(names))
    if record.street and record.number and record.postal:
        yield f"d:{record.street[:4]}:{record.number}:{record.postal}"
