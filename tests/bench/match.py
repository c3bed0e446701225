"""Measures the name index: rate, agreement with brute force, growth with the list, build time and memory.

Everything in one run on one core, against rapidfuzz's ``cdist`` on the same names, so that the ratios hold on
any machine. Lists and names are made up; with ``--names`` and ``--list`` real files are measured instead. Run
by ``make bench-match``.

What is made up grows as real lists do. Measured on OFAC SDN and UN (38,746 names): 12,010 different words in
10,000 names and 27,363 in 38,000, the commonest word 0.8 % of all; and a word, as others write it, is like
2.4, 7.2 and 24 of 10,000, 30,000 and 100,000 surnames of 20 countries. The names made here have 10,000,
26,700 and (in a million) 178,000 words, the commonest 1.0 %; a word is like 2.3, 6.3 and 23 others. Parties
have other names than the listed: 0.8 % of real Americans match somebody on those lists, and 2.2 % of those
made here.
"""

import argparse
import gc
import json
import random
import tracemalloc
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.fuzz import token_sort_ratio

from tidewaiter.cli.tables import table_rows
from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.index_alias import Alias, aliases_of
from tidewaiter.matching.names_alignment import aligned
from tidewaiter.matching.names_words import name_of
from tidewaiter.matching.scoring import score
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
WORDS = 250_000
SYLLABLES = (2, 2, 2, 3, 3)
SIZES = (10_000, 60_000, 250_000)
BRUTE_NAMES = 200
AGREEMENT_ENTRIES = 1_500
AGREEMENT_NAMES = 1_000
# How many times the names that are measured are asked between the first and the later ones.
WARMING = 10
# The share of words in parties' names that are common with parties only.
STRANGE = 0.8


class Names:
    """Made-up names of two to four words, drawn as Zipf and Mandelbrot say; the same for the same seed.

    Of parties, ``strange`` of the words are drawn in another order: common with them, and rare on lists.
    """

    def __init__(self, seed: int, strange: float = 0.0) -> None:
        self._chance = random.Random(seed)
        self._strange = strange

    def some(self, count: int) -> list[str]:
        """So many distinct names."""
        found: dict[str, None] = {}
        while len(found) < count:
            name = " ".join([self._word() for _ in range(self._chance.choice((2, 2, 3, 3, 4)))])
            found[name.title()] = None
        return list(found)

    def _word(self) -> str:
        words, shares, strange_words = words_by_share()
        drawn = strange_words if self._chance.random() < self._strange else words
        return self._chance.choices(drawn, cum_weights=shares)[0]

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


@cache
def words_by_share() -> tuple[Sequence[str], Sequence[float], Sequence[str]]:
    """All words that names are made of, the commonest first; the sums of their shares; and another order."""
    chance = random.Random(1)
    found: dict[str, None] = {}
    while len(found) < WORDS:
        syllables = range(chance.choice(SYLLABLES))
        word = "".join(
            chance.choice(ONSETS) + chance.choice(NUCLEI) + chance.choice(CODAS) for _ in syllables
        )
        found[word] = None
    shares = tuple(accumulate((rank + 20) ** -1.15 for rank in range(WORDS)))
    return tuple(found), shares, chance.sample(tuple(found), WORDS)


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


def names_per_second(index: NameIndex, names: Sequence[str], kind: EntryKind = "unknown") -> float:
    """Distinct names a second, each asked once."""
    return len(names) / timed(lambda: [index.candidates(name, kind) for name in names])


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
    aliases = [alias for entry in part for alias in aliases_of(entry, {})]
    chance = Names(seed=3)
    names = [name.text for entry in part for name in entry.names]
    taken = names[:: max(1, len(names) // AGREEMENT_NAMES)]
    asked = [chance.disturbed(name) for name in taken if len(name) > 3]
    best = [best_score(name, aliases) for name in asked]
    right = sum(_top(index, name) == score for name, score in zip(asked, best, strict=True))
    return {"names": len(asked), "hits": sum(map(bool, best)), "agreement": round(right / len(asked), 5)}


def best_score(name: str, aliases: Sequence[Alias]) -> float:
    """The best score of ``name`` beside any of ``aliases``, 0 where under the threshold."""
    found = max(
        score(aligned(party, alias.words), party.is_company or alias.weighed.company)
        for party in name_of(name).readings()
        for alias in aliases
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
    """The microseconds a name against lists of each size: of the first names, of later ones, and of those
    once more without the remembered answers, when all their words are known.
    """
    made = Names(seed=2, strange=STRANGE).some(asked * (WARMING + 2))
    first, warming, later = made[:asked], made[asked:-asked], made[-asked:]
    rows = []
    for size in sizes:
        index = NameIndex.build(entries(Names(seed=1).some(size)))
        seconds = [1 / names_per_second(index, names) for names in (first, warming, later)]
        # Remembered for a name and a kind: under another kind each is looked up again.
        seconds.append(1 / names_per_second(index, later, "person"))
        first_us, _, later_us, known_us = (round(1e6 * each, 1) for each in seconds)
        rows.append(
            {"names_listed": size, "first_us": first_us, "later_us": later_us, "known_words_us": known_us}
        )
    return rows


def different_words(names: Sequence[str]) -> int:
    """How many different words the names have."""
    return len({word.text for name in names for word in name_of(name).words})


def measured(names: Sequence[str], listed: Sequence[Entry], sizes: Sequence[int]) -> dict[str, Any]:
    """Every figure, for JSON."""
    aliases = [alias.text for entry in listed for alias in entry.names]
    seconds, megabytes = build_cost(listed)
    index = NameIndex.build(listed)
    half = len(names) // 2
    cold, warm = (names_per_second(index, part) for part in (names[:half], names[half:]))
    known = names_per_second(index, names[half:], "person")
    again = names_per_second(index, names[half:])
    brute = brute_force_per_second(names[:BRUTE_NAMES], aliases)
    return {
        "listed_names": len(index),
        "build_seconds": round(seconds, 2),
        "index_megabytes": round(megabytes, 1),
        "names_asked": len(names),
        "different_words_asked": different_words(names),
        "names_per_second_cold": round(cold),
        "names_per_second_warm": round(warm),
        "names_per_second_known_words": round(known),
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
    if given.lists:
        listed = [entry for reading in read_all(given.lists) for entry in reading.entries]
    else:
        listed = entries(Names(seed=4).some(60_000))
    names = (
        [row[given.column] for row in table_rows(given.names, (given.column,))]
        if given.names
        else Names(seed=5, strange=STRANGE).some(20_000)
    )
    print(json.dumps(measured(list(dict.fromkeys(names)), listed, given.sizes), indent=1))


if __name__ == "__main__":
    main()
