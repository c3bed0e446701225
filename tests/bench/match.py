"""Measures the name index: rate, agreement with brute force, growth with the list, build time and memory.

Everything in one run on one core, against rapidfuzz's ``cdist`` on the same names, so that the ratios hold on
any machine. Lists and names are made up, from syllables, with word frequencies as Zipf has them; with
``--names`` and ``--list`` real files are measured instead. Run by ``make bench-match``.
"""

import argparse
import gc
import json
import random
import tracemalloc
from collections.abc import Callable, Sequence
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.fuzz import token_sort_ratio

from tidewaiter.cli.match import table_rows
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.names_words import Name, compares_as_company, name_of
from tidewaiter.matching.scoring import aligned, score
from tidewaiter.watchlists.formats import read_all

ONSETS = (
    "b",
    "br",
    "d",
    "dr",
    "f",
    "g",
    "gr",
    "h",
    "j",
    "k",
    "kh",
    "l",
    "m",
    "n",
    "p",
    "r",
    "s",
    "sh",
    "t",
    "tr",
    "v",
    "y",
    "z",
)
NUCLEI = ("a", "e", "i", "o", "u", "ai", "ou", "ie")
CODAS = ("", "", "n", "r", "l", "s", "m", "d", "k", "v")
SIZES = (10_000, 60_000, 250_000)
BRUTE_NAMES = 200
AGREEMENT_ENTRIES = 1_500
AGREEMENT_NAMES = 1_000


class Names:
    """Made-up names of two to four words, whose words are drawn by Zipf's law; the same for the same seed."""

    def __init__(self, seed: int, words: int = 60_000) -> None:
        self._chance = random.Random(seed)
        self._words = sorted({self._word() for _ in range(words)})
        self._chance.shuffle(self._words)
        self._shares = list(accumulate(1 / (rank + 8) for rank in range(len(self._words))))

    def _word(self) -> str:
        pick = self._chance.choice
        return "".join(pick(ONSETS) + pick(NUCLEI) + pick(CODAS) for _ in range(self._chance.randint(2, 4)))

    def some(self, count: int) -> list[str]:
        """So many distinct names."""
        found: dict[str, None] = {}
        while len(found) < count:
            words = self._chance.choices(
                self._words, cum_weights=self._shares, k=self._chance.choice((2, 2, 3, 3, 4))
            )
            found[" ".join(words).title()] = None
        return list(found)

    def disturbed(self, name: str) -> str:
        """``name`` as carriers write it: a slip, words swapped, dropped, joined, abbreviated or added."""
        chance, words = self._chance, name.split()
        at = chance.randrange(1, len(name))
        spot = chance.randrange(len(words))
        return chance.choice(
            (
                name,
                name[:at] + chance.choice("aeinrst") + name[at + 1 :],
                name[:at] + name[at + 1 :],
                " ".join(reversed(words)),
                " ".join(words[:spot] + words[spot + 1 :]) or name,
                name.replace(" ", "", 1),
                " ".join([*words[:spot], words[spot][0] + ".", *words[spot + 1 :]]),
                f"{name} {chance.choice(('Ltd', 'Trading Co', 'LLC', 'Shanghai'))}",
            )
        )


def entries(names: Sequence[str]) -> list[Entry]:
    """A person for each name."""
    return [Entry("made", str(at), "person", (EntryName(name),)) for at, name in enumerate(names)]


def timed(work: Callable[[], object]) -> float:
    """Seconds of processor time that ``work`` takes, with the collector kept off what lived before."""
    gc.collect()
    gc.freeze()
    started = process_time()
    work()
    return process_time() - started


def names_per_second(index: NameIndex, names: Sequence[str]) -> float:
    """Distinct names a second, each asked once."""
    return len(names) / timed(lambda: [index.candidates(name) for name in names])


def brute_force_per_second(names: Sequence[str], listed: Sequence[str]) -> float:
    """The rate of ``cdist``, by the clock since it works outside Python, on one core."""
    folded, others = [name.lower() for name in names], [name.lower() for name in listed]
    started = perf_counter()
    process.cdist(folded, others, scorer=token_sort_ratio, score_cutoff=80, workers=1, dtype=np.uint8)
    return len(names) / (perf_counter() - started)


def agreement(listed: Sequence[Entry]) -> dict[str, float]:
    """How many names written otherwise have, at the threshold or above, the best score that scoring every
    listed name gives; on a part of the list, since this takes 10 us a pair.
    """
    named = [entry for entry in listed if entry.kind not in ("vessel", "aircraft")]
    part = named[:: max(1, len(named) // AGREEMENT_ENTRIES)]
    index = NameIndex.build(part)
    aliases = [(name_of(name.text), entry.kind) for entry in part for name in entry.names]
    chance = Names(seed=3, words=10)
    taken = aliases[:: max(1, len(aliases) // AGREEMENT_NAMES)]
    asked = [chance.disturbed(name.text) for name, _ in taken if len(name.text) > 3]
    best = [best_score(name, aliases) for name in asked]
    right = sum(_top(index, name) == score for name, score in zip(asked, best, strict=True))
    return {"names": len(asked), "hits": sum(map(bool, best)), "agreement": round(right / len(asked), 5)}


def best_score(name: str, aliases: Sequence[tuple[Name, EntryKind]]) -> float:
    """The best score of ``name`` beside any of ``aliases``, 0 where under the threshold."""
    party = name_of(name)
    found = max(
        score(aligned(party, words), party.is_company or compares_as_company(words, kind))
        for words, kind in aliases
    )
    return found if found >= ALERT_THRESHOLD else 0.0


def _top(index: NameIndex, name: str) -> float:
    found = index.candidates(name)
    return found[0].score if found else 0.0


def build_cost(listed: Sequence[Entry]) -> tuple[float, float]:
    """Seconds to build an index, and the megabytes that it keeps."""
    seconds = timed(lambda: NameIndex.build(listed))
    tracemalloc.start()
    index = NameIndex.build(listed)
    megabytes = tracemalloc.get_traced_memory()[0] / 1e6
    tracemalloc.stop()
    assert len(index)
    return seconds, megabytes


def growth(sizes: Sequence[int], asked: int) -> list[dict[str, float]]:
    """The cost of a name against lists of each size: first sight of its words, and with the words known."""
    rows = []
    for size in sizes:
        # A longer list has more different words (Heaps' law), not only more names of the same.
        made = Names(seed=1, words=size)
        index = NameIndex.build(entries(made.some(size)))
        others = Names(seed=2, words=10)
        others.__dict__.update(_words=made._words, _shares=made._shares)
        names = others.some(2 * asked)
        cold, warm = (1e6 / names_per_second(index, part) for part in (names[:asked], names[asked:]))
        rows.append({"names_listed": size, "cold_us": round(cold, 1), "warm_us": round(warm, 1)})
    return rows


def measured(names: Sequence[str], listed: Sequence[Entry], sizes: Sequence[int]) -> dict[str, Any]:
    """Every figure, for JSON."""
    aliases = [alias.text for entry in listed for alias in entry.names]
    seconds, megabytes = build_cost(listed)
    index = NameIndex.build(listed)
    half = len(names) // 2
    cold, warm = (names_per_second(index, part) for part in (names[:half], names[half:]))
    again = names_per_second(index, names[half:])
    brute = brute_force_per_second(names[:BRUTE_NAMES], aliases)
    return {
        "listed_names": len(index),
        "build_seconds": round(seconds, 2),
        "index_megabytes": round(megabytes, 1),
        "names_per_second_cold": round(cold),
        "names_per_second_warm": round(warm),
        "names_per_second_repeated": round(again),
        "cdist_names_per_second": round(brute),
        "ratio_to_cdist": round(warm / brute, 1),
        "with_brute_force": agreement(listed),
        "growth": growth(sizes, 2_000),
    }


def main() -> None:
    """Measure, print JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=Path, help="CSV of names to screen")
    parser.add_argument("--column", default="full_name")
    parser.add_argument("--list", type=Path, action="append", dest="lists", help="list files")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    given = parser.parse_args()
    made = Names(seed=4)
    if given.lists:
        listed = [entry for reading in read_all(given.lists) for entry in reading.entries]
    else:
        listed = entries(made.some(60_000))
    names = (
        [row[given.column] for row in table_rows(given.names, (given.column,))]
        if given.names
        else made.some(20_000)
    )
    print(json.dumps(measured(list(dict.fromkeys(names)), listed, given.sizes), indent=1))


if __name__ == "__main__":
    main()
