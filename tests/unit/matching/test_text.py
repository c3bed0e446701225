"""Folding: what carriers and smugglers write, in one plain form."""

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidewaiter.matching.text import (
    MAX_CHARACTERS,
    decoded,
    folded,
    folded_parts,
    folded_whole,
    marked_up,
    syllables,
    unmasked,
    unposed,
    words,
)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Recep Tayyip Erdoğan", "recep tayyip erdogan"),
        ("ОFАС", "ofac"),  # Cyrillic О, А, С among Latin letters
        ("Ｆｕｌｌ　Ｗｉｄｔｈ", "full width"),
        ("zer\u200bo\u202e width", "zero width"),
        ("Z̷̢a̸l̴go", "zalgo"),
        ("Straße", "strasse"),
        ("Володимир", "volodimir"),
        ("Ivanov/Иванов", "ivanov/ivanov"),
        ("chem:кокаин,10г", "chem:kokain,10g"),
        ("Иванoв Pоманович", "ivanov romanovich"),  # a Latin o, and a Latin P
        ("гepoин", "geroin"),  # Latin e, p and o between Cyrillic letters that none looks like
        ("феntanуl", "fentanyl"),  # a Cyrillic ф, е and у
        ("Ⅷ", "viii"),
    ],
)
def test_folding_gives_plain_lower_case_ascii(written: str, plain: str) -> None:
    assert folded(written) == plain


def test_folding_a_wholly_cyrillic_word_transliterates_it() -> None:
    assert words("СОС") == ("sos",)


def test_folding_parts_han_and_hangul_by_syllable() -> None:
    assert words("芬太尼 김정은") == ("fen", "tai", "ni", "gim", "jeong", "eun")


def test_folding_drops_emoji() -> None:
    assert words("gift 😀🎁 box") == ("gift", "box")


def test_words_keep_an_apostrophe_inside() -> None:
    assert words("O'Neil's “Al-Qa‘ida”") == ("oneils", "al", "qaida")


def test_syllables_are_the_han_and_hangul_characters_alone() -> None:
    assert syllables("习近平 (Xi)") == "习近平"


@given(st.text())
def test_folding_is_ascii_bounded_and_stable_for_any_text(text: str) -> None:
    once = folded(text)
    assert once.isascii()
    assert len(once) <= MAX_CHARACTERS
    assert folded(once) == once


@given(st.text(alphabet=st.characters(), max_size=60), st.integers(1, 400))
@settings(deadline=None)
def test_parts_of_a_text_are_bounded_overlap_and_leave_nothing_out(text: str, times: int) -> None:
    parts = list(folded_parts(text * times))
    assert all(len(part) <= MAX_CHARACTERS for part in parts)
    assert all(after[:256] in before for before, after in pairwise(parts))
    whole, *told = map(letters, (folded_whole(text * times), *parts))
    assert sum(map(len, told)) >= len(whole)
    assert whole.startswith(told[0])
    assert whole.endswith(told[-1])


def letters(text: str) -> str:
    return re.sub("[^a-z0-9]", "", text)


@pytest.mark.parametrize("sign", [" ", "\n"])
def test_parts_of_a_text_begin_and_end_between_words(sign: str) -> None:
    parts = list(folded_parts(f"tablet{sign}" * 1_000))
    assert {word for part in parts for word in part.split()} == {"tablet"}


@pytest.mark.parametrize("sign", [" ", "\n", "-", ".", " - ", " \n, "])
@pytest.mark.parametrize("before", range(1_400, 2_100, 50))
def test_two_words_are_in_one_part_however_far_apart_they_stand(sign: str, before: int) -> None:
    text = f"{'x' * before} tablet{sign * 3_000}press{' cotton' * 400}"
    assert any("tablet" in part and "press" in part for part in folded_parts(text))


@pytest.mark.parametrize(
    ("hidden", "meant"),
    [
        ("f e n t a n y l powder", "fentanyl powder"),
        ("F.E.N.T.A.N.Y.L", "fentanyl"),
        ("f3nt4nyl", "fentanyl"),
        ("fen*tan*yl", "fentanyl"),
        ("f.3.n.t.4.n.y.1", "fentanyi"),
        ("h-e-r-o-i-n 5 g", "heroin 5 g"),
        ("h 3 r 0 i n", "heroin"),
        ("2 x m.d.m.a 5 g", "2 x mdma 5 g"),
        ("ｆ　ｅ　ｎ　ｔ　ａ　ｎ　ｙ　ｌ", "fentanyl"),
    ],
)
def test_unmasking_joins_spaced_letters_and_reads_leetspeak(hidden: str, meant: str) -> None:
    assert meant in unmasked(hidden)


@pytest.mark.parametrize(
    ("coded", "shown"),
    [
        ("f&#101;nt", "fent"),
        ("f&#0000101;nt", "fent"),
        ("f&#x65;nt", "fent"),
        ("f&#101nt", "fent"),
        ("f&amp;#101;nt", "fent"),
        ("fe<B>nt</B> a<br/>b", "fent a\nb"),
        ("R&D, AT&T <3", "R&D, AT&T <3"),
        (f"&#{'9' * 5_000};", f"&#{'9' * 5_000};"),
        (f"&#{'0' * 5_000}101;", f"&#{'0' * 5_000}101;"),
        (f"&#x{'f' * 5_000};", f"&#x{'f' * 5_000};"),
    ],
)
def test_markup_is_read_as_a_browser_shows_it(coded: str, shown: str) -> None:
    assert marked_up(coded) == shown


@given(st.text(alphabet="&#x;%<>/ab09 \udc80é", max_size=80))
def test_no_markup_and_no_code_raises(text: str) -> None:
    decoded(marked_up(text))


@pytest.mark.parametrize("honest", ["women's cotton sweater", "vitamin c 1 kg", "type a, b or c", ""])
def test_unmasking_an_honest_text_gives_nothing_further(honest: str) -> None:
    assert unmasked(honest) == ()


@given(st.text(max_size=200))
def test_unmasking_never_repeats_the_text_itself(text: str) -> None:
    assert folded(text) not in unmasked(text)


def test_letters_that_pose_as_latin_ones_are_read_as_such_in_words_of_one_script() -> None:
    assert (unposed("сосаіпе"), unposed("дом")) == ("cocaine", "дom")
