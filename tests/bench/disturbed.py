"""Measures whom the name index still finds when listed names are written as carriers and typists do.

Each kind of disturbance is drawn for listed people and firms of OFAC and UN (``TIDEWAITER_DATA``) to which it
applies, and the entry is sought among the candidates at the alert threshold. Run by ``make bench-disturbed``;
the table is in docs/matching.md.
"""

import argparse
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from msgspec import Struct

from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.index import NameIndex
from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.planted.disguise import turned
from tidewaiter.watchlists.formats import read_all

ROOT = Path(__file__).parent.parent.parent
LISTS = Path(os.environ.get("TIDEWAITER_DATA", ROOT.parent / "shared" / "data")) / "watchlists"
FILES = ("ofac_sdn_20240423.csv", "ofac_alt_2025-02.csv", "ofac_add_2025-02.csv", "un_consolidated.xml")

# A name disturbed; empty where the kind does not apply to it.
Disturbance: TypeAlias = Callable[[str, Chance], str]
Edit: TypeAlias = Callable[[str, int, Chance], str]

_VOWELS = "aeiou"
_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_LETTERS = "aeioubdfghklmnprstvz"
_DIGITS = {"o": "0", "i": "1", "l": "1"}
_ENGLISH_FORMS = ("LTD", "LIMITED", "CO LTD", "CO., LTD.", "COMPANY LIMITED", "L.T.D.")
_OTHER_FORMS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(("LTD", "LIMITED", "CO LTD"), _ENGLISH_FORMS),
    **dict.fromkeys(("LLC", "OOO"), ("LLC", "L.L.C.", "L L C", "OOO", "LIMITED LIABILITY COMPANY")),
    **dict.fromkeys(("JSC", "AO", "OAO"), ("JSC", "J.S.C.", "AO", "JOINT-STOCK COMPANY")),
    **dict.fromkeys(("CO", "COMPANY"), ("CO.", "COMPANY")),
    **dict.fromkeys(("INC", "CORP", "CORPORATION"), ("INC", "INCORPORATED", "CORP.", "CORPORATION")),
    "LIMITED LIABILITY COMPANY": ("LLC", "OOO", "L.L.C.", "OBSHCHESTVO S OGRANICHENNOY OTVETSTVENNOSTYU"),
    "JOINT STOCK COMPANY": ("JSC", "AO", "AKTSIONERNOE OBSHCHESTVO"),
    "GMBH": ("G.m.b.H.", "GMBH & CO. KG"), "SA": ("S.A.", "S A"), "SRL": ("S.R.L.", "S R L"),
    "LTDA": ("LIMITADA", "LTDA."), "SA DE CV": ("S.A. DE C.V.", "S A DE C V"),
}  # fmt: skip
_FORM = re.compile(rf"[ ,]+({'|'.join(sorted(_OTHER_FORMS, key=len, reverse=True))})$")
_SHORTENED = {
    "INTERNATIONAL": "INTL", "TRADING": "TRDG", "INDUSTRIES": "IND", "INDUSTRIAL": "IND", "GENERAL": "GEN",
    "TECHNOLOGY": "TECH", "MANUFACTURING": "MFG", "IMPORT": "IMP", "EXPORT": "EXP", "SERVICES": "SVCS",
    "SHIPPING": "SHPG", "TRANSPORT": "TRANSP", "ELECTRONICS": "ELEC", "DEVELOPMENT": "DEV", "GROUP": "GRP",
    "ENGINEERING": "ENGG", "EQUIPMENT": "EQPT", "INVESTMENT": "INV", "MANAGEMENT": "MGMT", "BROTHERS": "BROS",
    "ENTERPRISES": "ENT", "NATIONAL": "NATL", "PETROLEUM": "PETRO", "INSTITUTE": "INST", "CENTER": "CTR",
}  # fmt: skip
_ROMANISED = (
    ("iy", "y"), ("yu", "iu"), ("ya", "ia"), ("ov", "off"), ("ks", "x"), ("kh", "h"), ("zh", "j"),
    ("sh", "ch"), ("ou", "u"), ("oo", "u"), ("ee", "i"), ("q", "k"), ("dh", "d"), ("gh", "g"),
    ("hussein", "husain"), ("muhammad", "mohamed"), ("ahmad", "ahmed"), ("al-", "el "), ("w", "ou"),
    ("y", "i"), ("u", "o"),
)  # fmt: skip


def in_a_word(edit: Edit) -> Disturbance:
    """``edit`` at a place inside one word of six letters or more."""

    def disturbed(name: str, chance: Chance) -> str:
        words = name.split()
        places = [at for at, word in enumerate(words) if len(word) > 5 and word.isalpha()]
        if not places:
            return ""
        at = chance.pick(places)
        words[at] = edit(words[at], chance.between(1, len(words[at]) - 2), chance)
        return " ".join(words)

    return disturbed


def of_words(change: Callable[[list[str], Chance], Sequence[str]], least: int = 2) -> Disturbance:
    """``change`` of the words of a name of so many or more."""
    return lambda name, chance: " ".join(change(name.split(), chance)) if len(name.split()) >= least else ""


def cut(length: int) -> Disturbance:
    """The name in a field of so many characters."""
    return lambda name, _: name[:length].strip() if len(name) > length else ""


def near_key(word: str, at: int, chance: Chance) -> str:
    row = next((row for row in _KEYS if word[at].lower() in row), word[at])
    beside = row.find(word[at].lower()) + chance.pick((-1, 1))
    return word[:at] + row[beside % len(row)] + word[at + 1 :]


def other_vowel(word: str, _at: int, chance: Chance) -> str:
    at = next((at for at in range(1, len(word)) if word[at].lower() in _VOWELS), 1)
    return word[:at] + chance.pick(_VOWELS.replace(word[at].lower(), "")) + word[at + 1 :]


def digit(word: str, _at: int, _: Chance) -> str:
    at = next((at for at in range(1, len(word)) if word[at].lower() in _DIGITS), 0)
    return word[:at] + _DIGITS[word[at].lower()] + word[at + 1 :] if at else word


def shuffled(words: list[str], chance: Chance) -> list[str]:
    return [words.pop(chance.below(len(words))) for _ in range(len(words))]


def two_joined(words: list[str], chance: Chance) -> list[str]:
    at = chance.below(len(words) - 1)
    return [*words[:at], words[at] + words[at + 1], *words[at + 2 :]]


def other_form(name: str, chance: Chance) -> str:
    form = _FORM.search(_plain(name))
    return f"{_plain(name)[: form.start()]} {chance.pick(_OTHER_FORMS[form[1]])}" if form else ""


def form_first(name: str, chance: Chance) -> str:
    form = _FORM.search(_plain(name))
    return f"{chance.pick(_OTHER_FORMS[form[1]])} {_plain(name)[: form.start()]}" if form else ""


def shortened(name: str, _: Chance) -> str:
    found = " ".join([_SHORTENED.get(word, word) for word in name.upper().split()])
    return found if found != name.upper() else ""


def acronym_parted(name: str, chance: Chance) -> str:
    found = re.search(r"(?<!\S)(?!LLC|LTD|INC|AND|THE|FOR)[A-Z]{3,4}(?!\S)", name)
    if not found or len(name.split()) < 2:
        return ""
    return name.replace(found[0], chance.pick((".".join(found[0]) + ".", " ".join(found[0]))), 1)


def romanised_otherwise(name: str, chance: Chance) -> str:
    known = [pair for pair in _ROMANISED if pair[0] in name.lower()]
    return name.lower().replace(*chance.pick(known)) if known else ""


def _plain(name: str) -> str:
    return name.upper().replace(".", "").replace("-", " ")


BOTH: dict[str, Disturbance] = {
    "small letters": lambda name, _: name.lower(),
    "words reversed": of_words(lambda words, _: words[::-1]),
    "words shuffled": of_words(shuffled, 3),
    "two words joined": of_words(two_joined),
    "all words joined": lambda name, _: name.replace(" ", "") if 1 < len(name.split()) < 4 else "",
    "a word split": in_a_word(lambda word, at, _: f"{word[: at + 1]} {word[at + 1 :]}"),
    "points for spaces": lambda name, _: name.replace(" ", "."),
    "no hyphens, apostrophes": lambda name, _: name.replace("-", " ").replace("'", ""),
    "a letter lost": in_a_word(lambda word, at, _: word[:at] + word[at + 1 :]),
    "the first letter lost": in_a_word(lambda word, _at, _: word[1:]),
    "the last letter lost": in_a_word(lambda word, _at, _: word[:-1]),
    "a letter doubled": in_a_word(lambda word, at, _: word[:at] + word[at] + word[at:]),
    "a letter more": in_a_word(lambda word, at, chance: word[:at] + chance.pick(_LETTERS) + word[at:]),
    "letters swapped": in_a_word(lambda word, at, _: word[:at] + word[at + 1] + word[at] + word[at + 2 :]),
    "the next key": in_a_word(near_key),
    "another vowel": in_a_word(other_vowel),
    "a digit for o, i, l": in_a_word(digit),
    "cut at 30": cut(30),
    "cut at 35": cut(35),
    "cut at 40": cut(40),
    "cut at 50": cut(50),
    "a phone behind": lambda name, chance: f"{name} 1380013{chance.between(1000, 9999)}",
    "a reference behind": lambda name, chance: f"{name} {chance.between(1000, 9999)}/{chance.between(1, 9)}",
}  # fmt: skip
PEOPLE: dict[str, Disturbance] = {
    "surname, given": of_words(lambda words, _: [words[-1] + ",", *words[:-1]]),
    "middle name left out": of_words(lambda words, _: [words[0], *words[2:]], 3),
    "middle initial": of_words(lambda words, _: [words[0], words[1][0] + ".", *words[2:]], 3),
    "first initial": of_words(lambda words, _: [words[0][0] + ".", *words[1:]]),
    "initials written together": of_words(
        lambda words, _: [words[0][0] + "." + words[1][0] + "." + words[2], *words[3:]], 3
    ),
    "an initial more": of_words(lambda words, chance: [words[0], chance.pick("ABDEHKMNRST"), *words[1:]]),
    "a title": lambda name, chance: chance.pick(("MR ", "DR. ", "MRS ", "ATTN: ", "C/O ")) + name,
    "romanised otherwise": romanised_otherwise,
}  # fmt: skip
FIRMS: dict[str, Disturbance] = {
    "form left out": lambda name, _: _FORM.sub("", _plain(name)) if _FORM.search(_plain(name)) else "",
    "form written otherwise": other_form,
    "form first": form_first,
    "trade shortened": shortened,
    "acronym parted": acronym_parted,
    "and, &": lambda name, _: re.sub(r"(?i)\band\b", "&", name),
    "M/S before": lambda name, chance: chance.pick(("M/S ", "M/S. ", "MESSRS ")) + name,
    "a place behind": lambda name, chance: name + chance.pick((" (DUBAI)", " CHINA", ", HONG KONG")),
    "plural": in_a_word(lambda word, _at, _: word[:-1] if word[-1] in "sS" else word + "S"),
}


class Party(Struct, frozen=True):
    """A listed party and one of its names, the given name first."""

    entry: Entry
    name: str


def parties(entries: Iterable[Entry], *, people: bool) -> list[Party]:
    """The people, or the firms, under each of their names in Latin that is not weak."""
    return [
        Party(entry, turned(name.text) if people else name.text)
        for entry in entries
        if (entry.kind == "person") == people and entry.kind not in ("vessel", "aircraft")
        for name in entry.names
        if name.kind != "weak_alias" and name.text.isascii() and len(name.text) > 5
    ]


def recall(index: NameIndex, listed: Sequence[Party], kind: Disturbance, most: int) -> tuple[int, int]:
    """Of at most so many parties whose names the kind changes: how many were sought, and how many found."""
    chance = Chance(17)
    asked = found = 0
    for party in sorted(listed, key=lambda _: chance.random()):
        name = kind(party.name, chance)
        if name not in ("", party.name):
            asked += 1
            found += any(each.entry == party.entry for each in index.candidates(name))
        if asked == most:
            break
    return asked, found


def table(entries: Sequence[Entry], most: int) -> str:
    """The recall of each kind, of people and of firms, in Markdown."""
    index = NameIndex.build(entries)
    groups = (
        (parties(entries, people=True), BOTH | PEOPLE),
        (parties(entries, people=False), BOTH | FIRMS),
    )
    rows = [
        "| disturbance | people asked | found | share | firms asked | found | share |",
        "|---|---|---|---|---|---|---|",
    ]
    for kind in (*BOTH, *PEOPLE, *FIRMS):
        cells = [
            _cells(*recall(index, listed, kinds[kind], most)) if kind in kinds else " | | "
            for listed, kinds in groups
        ]
        rows.append(f"| {kind} | {cells[0]} | {cells[1]} |")
    return "\n".join(rows)


def _cells(asked: int, found: int) -> str:
    return f"{asked:,} | {found:,} | {found / max(asked, 1):.1%}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=2_000, help="names of a kind and a group, at most")
    asked = parser.parse_args()
    if not LISTS.is_dir():
        parser.error(f"no lists in {LISTS} (TIDEWAITER_DATA)")
    entries = [entry for reading in read_all([LISTS / name for name in FILES]) for entry in reading.entries]
    print(table(entries, asked.names))


if __name__ == "__main__":
    main()
