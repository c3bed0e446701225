"""Looking a word up among the listed ones: it finds every word that comparing would call like."""

import random

import pytest

from tidewaiter.matching.index_words import WordIndex
from tidewaiter.matching.names_likeness import likeness
from tidewaiter.matching.names_word import Word, word

SYLLABLES = ("ba", "dri", "khan", "lo", "mei", "nov", "qui", "sha", "tou", "va", "zi", "el")


def made_up(seed: int, count: int) -> list[str]:
    chance = random.Random(seed)
    return sorted({"".join(chance.choices(SYLLABLES, k=chance.randint(1, 4))) for _ in range(count)})


def slipped(text: str, chance: random.Random) -> str:
    """``text`` with a letter lost, another, one more, or two changed about."""
    at = chance.randrange(len(text))
    letter = chance.choice("aeiknrstvz")
    begin, end = text[:at], text[at + 1 :]
    return chance.choice(
        [begin + end, begin + letter + end, begin + letter + text[at:], begin + end[:1] + text[at] + end[1:]]
    )


LISTED = [word(text) for text in made_up(1, 400)]
INDEX = WordIndex(LISTED)


def like_one_by_one(asked: Word) -> set[str]:
    return {other.text for other in LISTED if likeness(asked, other).similarity}


@pytest.mark.parametrize("seed", range(5))
def test_a_word_finds_all_that_comparing_calls_like(seed: int) -> None:
    chance = random.Random(seed)
    for listed in chance.sample(LISTED, 60):
        asked = word(slipped(listed.text, chance) or listed.text)
        missed = like_one_by_one(asked) - INDEX.like(asked)
        assert not missed, asked.text


@pytest.mark.parametrize(
    "text",
    ["hernandez", "mohammad", "hussein", "muhajer", "rivera", "kononov", "tretyakov", "debabov", "kazakova"],
)
def test_a_word_finds_itself_without_any_one_inner_letter(text: str) -> None:
    index = WordIndex([word(text)])
    lacking = [text[:at] + text[at + 1 :] for at in range(1, len(text) - 1)]
    assert [each for each in lacking if text not in index.like(word(each))] == []


def test_a_word_finds_little_that_comparing_calls_different() -> None:
    asked = [word(text) for text in made_up(2, 200)]
    alike = sum(len(like_one_by_one(each)) for each in asked)
    assert alike <= sum(len(INDEX.like(each)) for each in asked) <= 1.2 * alike


def test_a_word_is_found_again_though_its_frame_is_remembered_for_longer_ones() -> None:
    index = WordIndex([word("novakhan"), word("novak")])
    assert index.like(word("novahkan")) == {"novakhan"}
    assert index.like(word("nowak")) == {"novak"}


def test_a_number_finds_itself_alone() -> None:
    index = WordIndex([word("44"), word("45"), word("vierzig")])
    assert index.like(word("44")) == {"44"}


def held(index: WordIndex) -> dict[str, dict[str, object]]:
    """All that it has, without the order in which words came."""
    return {
        table: {key: sorted(each, key=str) if isinstance(each, list) else each for key, each in held.items()}
        for table, held in vars(index).items()
    }


@pytest.mark.parametrize("seed", range(3))
def test_an_index_with_more_words_is_that_of_all_and_leaves_the_former_as_it_was(seed: int) -> None:
    chance = random.Random(seed)
    foreign = [word(text, abjad=True) for text in ("mhmd", "hsyn", "mhmwd", "hsn")]
    words = [*map(word, made_up(seed, 300)), *map(word, ("kononov", "kononova", "qononov", "44")), *foreign]
    chance.shuffle(words)
    former = WordIndex(words[40:])
    before = held(former)
    later = former.with_words(words[:20]).with_words([*words[20:40], *words[10:50], words[20]])
    assert held(later) == held(WordIndex(words))
    assert held(former) == before
    for sounds in later._by_deletion.values():
        assert list(sounds) == sorted(sounds, key=later._spread.__getitem__)


def test_a_word_takes_one_tuple_for_all_keys_that_are_its_own() -> None:
    """A tuple for each key took 28 MB more of 60,000 names."""
    index = WordIndex([word("yastrebova")])
    assert len(index._by_deletion) > 5
    assert len({id(sounds) for sounds in index._by_deletion.values()}) == 1
    assert len({id(texts) for texts in index._by_half.values()}) == 1
