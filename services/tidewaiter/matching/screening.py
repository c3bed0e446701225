"""Whom a party may be: names that match, what else speaks for it, and whether that is enough to hold."""

from tidewaiter.domain.hit import Hit
from tidewaiter.domain.watchlist import EntryKind
from tidewaiter.matching.corroboration import Corroborated, Subject, corroborate
from tidewaiter.matching.index import ALERT_THRESHOLD, Candidate, NameIndex

# A name at this score agrees in every word, up to a slip; with a place, a number or a contact it is the
# same party.
HOLD_SCORE = 0.75
# At the entry's very door a name of the index's threshold does: there one word of a firm's few may be
# misspelt. The door alone holds the parcel, too; the name says whose it is.
DOOR_SCORE = ALERT_THRESHOLD
# A weak alias is one that the list itself calls too common to act on; it needs the whole of it.
WEAK_ALIAS_HOLD_SCORE = 0.9


def hits(index: NameIndex, name: str, kind: EntryKind, subject: Subject) -> tuple[Hit, ...]:
    """The entries that ``name`` matches at the index's threshold, best first, with corroboration.

    A hit holds when its name score and strong corroboration suffice: never by the name alone, never by the
    country alone, never against a date of birth that contradicts it (domain.md, section 0, fact 4).
    """
    return tuple(
        _hit(candidate, corroborate(candidate.entry, subject)) for candidate in index.candidates(name, kind)
    )


def _hit(candidate: Candidate, beside: Corroborated) -> Hit:
    entry = candidate.entry
    return Hit(
        score=candidate.score,
        list=entry.list,
        entry_id=entry.entry_id,
        entry_name=entry.name,
        alias=candidate.alias.text,
        programs=entry.programs,
        tokens=candidate.tokens,
        corroborated=beside.corroborated,
        contradicted=beside.contradicted,
        holds=_holds(candidate, beside),
    )


def _holds(candidate: Candidate, beside: Corroborated) -> bool:
    needed = DOOR_SCORE if beside.at_door else HOLD_SCORE
    if candidate.alias.kind == "weak_alias":
        needed = WEAK_ALIAS_HOLD_SCORE
    return beside.strong and candidate.score >= needed and "birth_date" not in beside.contradicted
