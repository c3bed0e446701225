"""How well two names match: what of their words agrees, and what is left over on either side."""

from collections.abc import Sequence

from tidewaiter.matching.names_alignment import Alignment, Pairing
from tidewaiter.matching.names_cut import LEAST_BEGINNING
from tidewaiter.matching.names_likeness import SERVANT_LIKENESS
from tidewaiter.matching.names_pinyin import in_pinyin, sound_alike
from tidewaiter.matching.names_sound import is_syllable
from tidewaiter.matching.names_syllables import korean
from tidewaiter.matching.names_vocabulary import pinyin
from tidewaiter.matching.names_word import Word
from tidewaiter.matching.names_words import Name

# Of names that differ in a word on both sides, nothing makes one: however many others agree, two brothers
# share them all. The factor keeps every such pair under the alert threshold, which also lets the index
# leave them out unscored.
CONFLICT_FACTOR = 0.6
# A father for his son, or another character: for certain two people, where a word may also be misspelt.
CONTRADICTION_FACTOR = 0.4
# Words lighter than this (forms, titles, particles) may differ on both sides.
LEAST_CONFLICT = 0.2
MOST_SCORE = 0.995
SERVANT_WEIGHT = 0.5
# Words of kinship, by their first spelling in particles.txt.
_MEN = frozenset({"abu", "bin", "ould", "oglu", "uulu"})
_WOMEN = frozenset({"umm", "bint", "kyzy"})


def score(alignment: Alignment, company: bool) -> float:
    """0..1: likeness of what pairs, less what is missing on one side, cut down where both sides differ.

    Initials, forms, titles and particles make no match without a word that agrees, but for names that have
    none: AT&T.
    ``company`` chooses the rules: people leave out middle names; a firm with one word more is another firm.
    """
    told = [pairing for pairing in alignment.pairings if _is_told(alignment, pairing)]
    if all(_is_short_cut(alignment, each) for each in told) and not _are_same_initials(alignment):
        return acronym_score(alignment)
    matched, likeness_sum = _matched(alignment)
    mine = _weight(alignment.one.words, alignment.left_mine, company) + _dropped_servants(alignment, True)
    theirs = _weight(alignment.other.words, alignment.left_theirs, company) + _dropped_servants(
        alignment, False
    )
    conflict, extra = min(mine, theirs), abs(mine - theirs)
    quality: float = (likeness_sum / matched) ** 1.25
    # What a full field cut off is no word that the listed firm has more.
    lacks_words = company and not (alignment.is_cut and theirs > mine)
    found = quality * share(matched, extra, lacks_words) * _agreeing(conflict, matched)
    are_alone = _are_initials_alone(alignment, len(told)) or (company and _are_initials_of_trade(alignment))
    # A number that differs on both sides is a conflict already, and not counted twice.
    if are_alone or (conflict < LEAST_CONFLICT and _numbers_differ(alignment)):
        found *= CONFLICT_FACTOR
    if _is_contradicted(alignment):
        found *= CONTRADICTION_FACTOR
    return round(min(found * ceiling(matched), MOST_SCORE), 4)


def _weight(words: Sequence[Word], places: Sequence[int], company: bool) -> float:
    """What is left over; a place beside a firm's name is often a branch of it, so it counts half."""
    return sum(words[at].weight * (0.5 if company and words[at].role == "place" else 1.0) for at in places)


def _dropped_servants(alignment: Alignment, is_mine: bool) -> float:
    """The weight of "abdul" on one side where the other has the bare name."""
    words = alignment.one.words if is_mine else alignment.other.words
    others = alignment.other.words if is_mine else alignment.one.words
    return sum(
        SERVANT_WEIGHT
        for p in alignment.pairings
        if p.similarity == SERVANT_LIKENESS
        and len(words[(p.mine if is_mine else p.theirs)[0]].text)
        > len(others[(p.theirs if is_mine else p.mine)[0]].text)
    )


def _matched(alignment: Alignment) -> tuple[float, float]:
    """The weight of what pairs (the mean of both sides), and the same weighed by similarity."""
    total = weighed = 0.0
    for pairing in alignment.pairings:
        mine = sum(alignment.one.words[at].weight for at in pairing.mine)
        theirs = sum(alignment.other.words[at].weight for at in pairing.theirs)
        total += (mine + theirs) / 2
        weighed += (mine + theirs) / 2 * pairing.similarity
    return total, weighed


def share(matched: float, extra: float, company: bool) -> float:
    """What is left when one side has words, weighing ``extra``, that the other lacks."""
    missing = extra / (matched + extra)
    if company:
        return 1 - 0.8 * missing
    # Two rare names of four are the man; two common ones of four are a hundred men.
    return max(0.0, 1 - missing * (0.25 + 0.55 * max(0.0, 2.0 - matched)))


def _agreeing(conflict: float, matched: float) -> float:
    if conflict < LEAST_CONFLICT:
        return 1 - 0.2 * conflict
    return CONFLICT_FACTOR * matched / (matched + conflict)


def _is_contradicted(alignment: Alignment) -> bool:
    """Whether the names are two people's, however like their words."""
    return (
        not _syllables_agree(alignment)
        or _are_of_other_syllables(alignment)
        or _are_other_in_pinyin(alignment)
        or _lacks_a_syllable(alignment)
        or _is_son_for_father(alignment)
        or _are_of_other_sexes(alignment)
    )


def _numbers_differ(alignment: Alignment) -> bool:
    """A number on one side only, or another: series 1 is not series 2, the 44th brigade not the 45th."""
    mine = (alignment.one.words[at] for at in alignment.left_mine)
    theirs = (alignment.other.words[at] for at in alignment.left_theirs if not alignment.is_cut)
    return any(word.role == "number" for words in (mine, theirs) for word in words)


def _syllables_agree(alignment: Alignment) -> bool:
    """Han and Hangul tell apart what romanising merges: where both sides have them, they must be the same."""
    mine, theirs = alignment.one.syllables, alignment.other.syllables
    return not (mine and theirs) or sorted(mine) == sorted(theirs)


def _are_of_other_syllables(alignment: Alignment) -> bool:
    """Whether a person's name in Han or Hangul, which is always in full, has a syllable more than the other,
    lacks one or has them in another order, but for the family's, which may stand first or last: Kang Minjun
    is not Kang Min, nor Kim Eunjong Kim Jongeun.
    """
    one, other = alignment.one, alignment.other
    if not (one.in_full or other.in_full) or _says_more(one) or _says_more(other):
        return False
    left = [one.words[at] for at in alignment.left_mine] + [other.words[at] for at in alignment.left_theirs]
    if any(word.counts and is_syllable(word.text) for word in left):
        return True
    order = [place for _, place in sorted((each.mine[0], each.theirs[0]) for each in alignment.pairings)]
    return sum(before > at for before, at in zip(order, (*order[1:], *order[:1]), strict=True)) > 1


def _are_other_in_pinyin(alignment: Alignment) -> bool:
    """Whether two Chinese names that only look alike are: Zhang Keping, Zhang Yiping."""
    spelt = [pairing for pairing in alignment.pairings if pairing.relation == "spelling"]
    if not spelt or not (_is_in_pinyin(alignment.one) and _is_in_pinyin(alignment.other)):
        return False
    one, other = alignment.one.words, alignment.other.words
    return not all(sound_alike(one[each.mine[0]].text, other[each.theirs[0]].text) for each in spelt)


def _lacks_a_syllable(alignment: Alignment) -> bool:
    """Whether one is a Chinese or Korean name with a syllable more than the other: these are written in full,
    and Song Jing is not Gao Song Jing.
    """
    one, other = alignment.one.words, alignment.other.words
    return bool(alignment.left_mine) != bool(alignment.left_theirs) and all(
        word.role == "syllable" and (word.text in pinyin() or word.text in korean())
        for word in (*one, *other)
    )


def _is_in_pinyin(name: Name) -> bool:
    """Whether it is a family's name of one syllable, and others of two at most."""
    return any(word.role == "syllable" for word in name.words) and all(
        in_pinyin(word.text) for word in name.words
    )


def _says_more(name: Name) -> bool:
    """Whether it is a firm's name, or one in both scripts or with a title that is not known."""
    return name.is_company or (name.syllables != "" and not name.in_full)


def _are_of_other_sexes(alignment: Alignment) -> bool:
    """Whether one is somebody's father or son, and the other a mother or daughter: Abu Sayyaf, Umm Sayyaf."""
    mine = {alignment.one.words[at].text for at in alignment.left_mine}
    theirs = {alignment.other.words[at].text for at in alignment.left_theirs}
    return (not _MEN.isdisjoint(mine) and not _WOMEN.isdisjoint(theirs)) or (
        not _WOMEN.isdisjoint(mine) and not _MEN.isdisjoint(theirs)
    )


def _is_son_for_father(alignment: Alignment) -> bool:
    """Whether a word after bin, ben or ibn was taken for one before it: Salman bin Omar is not Omar bin
    Salman.
    """
    fathers, their_fathers = _fathers(alignment.one.words), _fathers(alignment.other.words)
    if not fathers or not their_fathers:
        return False
    crossed = [(p.mine[0] in fathers) - (p.theirs[0] in their_fathers) for p in alignment.pairings]
    return 1 in crossed and -1 in crossed


def _are_initials_alone(alignment: Alignment, told: int) -> bool:
    """Whether initials stand for words beside one word that agrees, and are not all else of their name:
    D. Yastrebova may be Darya Yastrebova, Zelmira B. Hess is not Zelmira Babayan.
    """
    initials = [p for p in alignment.pairings if p.relation == "initial"]
    if not initials or told > 1:
        return False
    one, other = alignment.one.words, alignment.other.words
    if all(one[p.mine[0]].role == "initial" for p in initials):
        return any(one[at].tells for at in alignment.left_mine)
    if all(other[p.theirs[0]].role == "initial" for p in initials):
        return any(other[at].tells for at in alignment.left_theirs)
    return True


def _are_initials_of_trade(alignment: Alignment) -> bool:
    """Whether an initial agrees beside no rare word: A Invest is not Alayne Invest."""
    said = [p for p in alignment.pairings if p.relation != "initial"]
    mine = [alignment.one.words[p.mine[0]].weight for p in said]
    theirs = [alignment.other.words[p.theirs[0]].weight for p in said]
    return len(said) < len(alignment.pairings) and max([*mine, *theirs], default=0) <= RARE_WEIGHT


def _are_same_initials(alignment: Alignment) -> bool:
    mine, theirs = bare_initials(alignment.one), bare_initials(alignment.other)
    return mine == theirs != ""


def _is_told(alignment: Alignment, pairing: Pairing) -> bool:
    return pairing.relation == "joined" or (
        alignment.one.words[pairing.mine[0]].tells and alignment.other.words[pairing.theirs[0]].tells
    )


def _is_short_cut(alignment: Alignment, pairing: Pairing) -> bool:
    """Whether it is a beginning that tells nothing by itself."""
    return pairing.relation == "cut" and len(alignment.one.words[pairing.mine[0]].text) < LEAST_BEGINNING


def _fathers(words: Sequence[Word]) -> frozenset[int]:
    return frozenset(at + 1 for at, word in enumerate(words) if word.role == "kinship")


def ceiling(matched: float) -> float:
    """The more that agrees, and the rarer it is, the nearer to 1: James Smith 0.95, five rare words 0.996."""
    return float(1 - 0.1 * 2.0 ** (1 - matched))


ACRONYM_SCORE = 0.72
# Words that weigh more tell one name from others; those of trades, places and syllables do not.
RARE_WEIGHT = 0.6


def acronym_score(alignment: Alignment) -> float:
    """ACRONYM_SCORE where one name is one word, the initials of the other's three or more; else 0.

    Not symmetric: the party's name in full must be one that ``abbreviation`` shortens.
    """
    one, other = alignment.one, alignment.other
    is_one = acronym(other) == single(one) or abbreviation(one) == single(other)
    return ACRONYM_SCORE if is_one else 0.0


def acronym(name: Name) -> str:
    """The initials of an organization's name of three or more words that count, else "-"."""
    initials = [word.text[0] for word in name.words if word.counts]
    return "".join(initials) if len(initials) > 2 and name.is_company else "-"


def abbreviation(name: Name) -> str:
    """The acronym under which a party's name in full may be listed, else "-".

    Three letters stand for words of which none is rare: those of "Kestrina Plastics Industrial" are by chance
    those of some listed name, for one shipper in a hundred.
    """
    found = acronym(name)
    is_chance = len(found) == 3 and any(word.weight > RARE_WEIGHT for word in name.words)
    return "-" if is_chance else found


def single(name: Name) -> str:
    """The one word that counts of a name, else empty."""
    core = [word.text for word in name.words if word.counts]
    return core[0] if len(core) == 1 else ""


def initials(name: Name) -> str:
    """The letters that stand alone in ``name``."""
    return "".join([word.text for word in name.words if word.role == "initial"])


def bare_initials(name: Name) -> str:
    """The initials, in the alphabet's order, of a name without a word that tells more; else empty.

    One letter, beside a form at most, is nobody's name; AT&T is read as a particle, "and" and one.
    """
    words = [word for word in name.words if word.role != "form"]
    return "" if len(words) < 2 or any(word.tells for word in words) else "".join(sorted(initials(name)))
