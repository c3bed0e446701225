"""Two names compared: how like they are."""

from tidewaiter.domain.watchlist import EntryKind
from tidewaiter.matching.names_alignment import aligned
from tidewaiter.matching.names_words import Name, compares_as_company, name_of
from tidewaiter.matching.scoring import score


def similarity(a: str, b: str, kind: EntryKind = "unknown") -> float:
    """How like a party's name and a listed one are, 0..1; the score that the index gives. 0 without words.

    Symmetric, but for acronyms (``scoring.abbreviation``), and for a party's name, ``a``, that fills a field.
    """
    one, other = name_of(a), name_of(b)
    return similarity_of(one, other, kind)


def similarity_of(one: Name, other: Name, kind: EntryKind = "unknown") -> float:
    """``similarity`` of names already taken apart."""
    return max(
        [_read_similarity(mine, theirs, kind) for mine in one.readings() for theirs in other.readings()]
    )


def _read_similarity(one: Name, other: Name, kind: EntryKind) -> float:
    company = compares_as_company(one, kind) or compares_as_company(other, kind)
    return score(aligned(one, other), company)
