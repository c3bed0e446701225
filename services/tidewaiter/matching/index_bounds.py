"""How well a listed name can score at most, told from weights before any word is laid beside another."""

from collections.abc import Sequence

from msgspec import Struct

from tidewaiter.matching.index_alias import Alias, counting_weight, eased, letters, slight_weight
from tidewaiter.matching.names_vocabulary import WEIGHTS
from tidewaiter.matching.names_words import Name, Word
from tidewaiter.matching.scoring import LEAST_CONFLICT, ceiling, initials, share

# A score is rounded to four places.
_ROUNDING = 0.0001


class PartyWeight(Struct, frozen=True, gc=False):
    """What the words of a party's name weigh: ``eased`` each word that it is found by, where left over;
    ``total`` these together; ``weight`` they and the initials in full; ``slight`` the rest.
    """

    eased: tuple[float, ...]
    total: float
    weight: float
    slight: float
    initials: str
    letters: str
    company: bool


def party_weight(name: Name, core: Sequence[Word], company: bool) -> PartyWeight:
    """The weights of ``name``, whose words are found by ``core``."""
    each = tuple([eased(word) for word in core])
    return PartyWeight(
        each,
        sum(each),
        counting_weight(name),
        slight_weight(name),
        initials(name),
        letters(name),
        company,
    )


def most_score(matched: float, extra: float, company: bool) -> float:
    """The most that a name can score of which so much agrees, and ``extra`` at least is on one side only."""
    return share(matched, max(0.0, extra), company) * ceiling(matched) + _ROUNDING


def may_reach(
    threshold: float, party: PartyWeight, alias: Alias, held: Sequence[float], joined: int = 0
) -> bool:
    """Whether the two may score so much: never less than the score that ``scoring`` gives.

    ``held`` is what weighs each of the party's words that the alias holds, and ``joined`` how many runs of
    words are written as one in one of them. The words of one side must all be held, or begin with an initial
    of the other's; then what the other has more must not weigh too much.
    """
    company = party.company or alias.company
    mine, theirs = _meant(party.initials, alias.letters), _meant(alias.initials, party.letters)
    begun, begins = _begun(party, alias, mine, theirs, len(held) + joined)
    if len(held) + 2 * joined + begun >= alias.core and (joined or theirs == len(alias.initials)):
        left = party.total - sum(held) - begins
        left += 0 if joined else WEIGHTS["initial"] * (len(party.initials) - mine)
        if _most(party, alias, left, min(alias.slight, LEAST_CONFLICT), company) >= threshold:
            return True
    if len(held) + begins < len(party.eased) or not (joined or mine == len(party.initials)):
        return False
    left = alias.lightest[max(0, alias.core - len(held) - 2 * joined - begun)]
    left += 0 if joined else WEIGHTS["initial"] * (len(alias.initials) - theirs)
    return _most(party, alias, left, min(party.slight, LEAST_CONFLICT), company) >= threshold


def _meant(initials: str, letters: str) -> int:
    """How many of ``initials`` may mean a word that begins with one of ``letters``."""
    return sum([letter in letters for letter in initials]) if initials else 0


def _begun(party: PartyWeight, alias: Alias, mine: int, theirs: int, held: int) -> tuple[int, int]:
    """How many words of the alias may be meant by initials of the party's, and of the party's by its own.

    Beside one word alone, initials speak only where they are all else of their name (``scoring``).
    """
    begun = mine if held > 1 or len(party.eased) == 1 else 0
    begins = theirs if held > 1 or alias.core == 1 else 0
    return begun, begins


def may_be_alone(threshold: float, party: PartyWeight, eased: float) -> bool:
    """Whether the party may score so much by one word alone, that weighs ``eased`` where left over."""
    # No word weighs more than 1, and past that people's rules are the milder ones.
    return most_score(1 + party.slight, party.total - eased - LEAST_CONFLICT, False) >= threshold


def _most(party: PartyWeight, alias: Alias, left: float, other_left: float, company: bool) -> float:
    """The most where ``left`` is left over on one side at least, and on the other at most ``other_left``."""
    matched = (party.weight + alias.weight - max(0.0, left) + party.slight + alias.slight) / 2
    return most_score(matched, left - other_left, company)
