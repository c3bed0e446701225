"""The files of word lists: terms that goods texts are searched for, as an analyst writes them.

``wordlists/<name>.yaml``::

    name: substances
    title: Controlled substances and precursors
    source: domain.md S12; 21 CFR 1308, 1310.02
    terms:
      - term: fentanyl              # what a finding names
        variants: [fentanil, phentanyl, 芬太尼]
        signs: [芬坦尼]             # names that sound as other words do: 冰毒 (ice) as 病毒 (a virus)
        cas: ["437-38-7"]           # searched for too
        hs: ["293333"]              # for the reader; six digits
        note: CSA Schedule II
        stem: true                  # found within longer words, cut in parts, with a letter left out
        ending: true                # found at the end of longer words; six letters at least
        from: 2020-01-01            # in force from this day, to the day before "to"; both optional
    innocents:                      # optional, as are those below
      - fentanyl awareness
      - "{term} test strip"         # {term} is whatever of the list is found there, at one end
      - "drug test {terms}"         # heads a list of three or more, one by one
    innocents_like: drugs           # what that list has around {term} holds here, too
    disguised: true                 # its terms are written in disguise, too
    ordinary: true                  # goods of any weight: one beside an innocent phrase is that of the rack
    abroad: true                    # names of drugs, found as other languages spell them, too

A term is found as whole words, in singular or plural, whatever the case, script or spacing tricks of the
text: the text is read folded (``matching.text``), and once more as what it may hide. A stem has no other
meaning even as a part of a word: a drug that is listed with all its kin. The terms of a list that is
``disguised`` are found with letters doubled, backwards, run into an amount, and anywhere in letters that
stand one by one, and their names written by ear, cut in two, or with a letter or the vowels left out. A term
inside an innocent phrase of the same list does not count; the same term elsewhere in the text does, and so
does what is in another clause (``rules.innocents``).
"""

from tidewaiter.matching.text import syllables, words
from tidewaiter.rules.innocents import ANY_TERM, LIST_OF_TERMS, is_around
from tidewaiter.rules.terms import Term, WordList
from tidewaiter.rules.wordforms import SHORTEST_ENDING, ending_forms
from tidewaiter.rules.yamlfile import Entry, read


def read_word_list(text: str, file: str) -> WordList:
    """The word list of a file. Raises RuleError."""
    root = read(text, file)
    fields = root.fields(
        ("name", "title", "source", "terms"),
        ("innocents", "innocents_like", "disguised", "abroad", "ordinary"),
    )
    return WordList(
        name=fields["name"].text(),
        title=fields["title"].text(),
        source=fields["source"].text(),
        terms=tuple(map(_term, fields["terms"].items())),
        innocents=_innocents(fields["innocents"]) if "innocents" in fields else (),
        is_disguised="disguised" in fields and fields["disguised"].flag(),
        is_abroad="abroad" in fields and fields["abroad"].flag(),
        is_ordinary="ordinary" in fields and fields["ordinary"].flag(),
        innocents_like=fields["innocents_like"].text() if "innocents_like" in fields else "",
    )


def _innocents(entry: Entry) -> tuple[str, ...]:
    for phrase in entry.texts():
        if (ANY_TERM in phrase or LIST_OF_TERMS in phrase) and not is_around(phrase):
            raise entry.error(f"innocents: {phrase!r} has words on both sides of {ANY_TERM}, or none")
    return entry.texts()


def _term(entry: Entry) -> Term:
    optional = ("variants", "signs", "cas", "hs", "note", "stem", "ending", "from", "to")
    fields = entry.fields(("term",), optional)
    name = fields["term"].text()
    variants = fields["variants"].texts() if "variants" in fields else ()
    for phrase in (name, *variants):
        if not words(phrase):
            raise entry.error(f"term: {phrase!r} has no letters or digits to search for")
    signs = fields["signs"].texts() if "signs" in fields else ()
    for phrase in signs:
        if syllables(phrase) != phrase:
            raise entry.error(f"signs: {phrase!r} has other signs than Chinese, Japanese or Korean ones")
    is_ending = "ending" in fields and fields["ending"].flag()
    for phrase in (name, *variants) if is_ending else ():
        if not any(ending_forms(phrase)):
            raise entry.error(f"ending: {phrase!r} is not one word of {SHORTEST_ENDING} letters or more")
    return Term(
        name=name,
        phrases=(name, *variants),
        signs=signs,
        cas=fields["cas"].texts() if "cas" in fields else (),
        hs=fields["hs"].texts() if "hs" in fields else (),
        note=fields["note"].text() if "note" in fields else "",
        is_stem="stem" in fields and fields["stem"].flag(),
        is_ending=is_ending,
        effective_from=fields["from"].date() if "from" in fields else None,
        effective_to=fields["to"].date() if "to" in fields else None,
    )
