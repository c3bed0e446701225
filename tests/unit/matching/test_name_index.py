"""The name index: it finds what scoring every listed name would find, and nothing else."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from tidewaiter.domain.watchlist import Entry, EntryKind, EntryName
from tidewaiter.matching.index import ALERT_THRESHOLD, NameIndex
from tidewaiter.matching.names import similarity
from tidewaiter.matching.recall_cache import RecallCache

GIVEN = (
    *("Darya", "Omar", "Yevdokia", "Zelmir", "Wei", "Kwabena", "Lucia", "Bill"),
    *("Abdulkarim", "Nuruddin", "Xiaoming", "Cheolsu", "Mario", "Maria"),
)
FAMILY = (
    *("Yastrebova", "Nashashibi", "Prokhorenko", "Zangari", "Okonkwo", "Zubaidi"),
    *("Qaddoumi", "Zhang", "Kim", "Hartwright", "Velasco"),
)
FIRMS = (
    *("Velmora Trading Co Ltd", "Kestrina Fund IV", "Kestrina Fund V"),
    "Zubaidi Brothers Import Export LLC",
)


def entry(number: int, name: str, kind: EntryKind = "person") -> Entry:
    return Entry("test", str(number), kind, (EntryName(name),))


def people(seed: int = 7, count: int = 120) -> list[Entry]:
    chance = random.Random(seed)
    names = [
        " ".join([*chance.sample(GIVEN, chance.randint(1, 2)), *chance.sample(FAMILY, chance.randint(1, 2))])
        for _ in range(count)
    ]
    firms = [entry(1000 + at, name, "organization") for at, name in enumerate(FIRMS)]
    return [entry(at, name) for at, name in enumerate(names)] + firms


LISTED = people()
INDEX = NameIndex.build(LISTED)


def brute_force(name: str) -> dict[str, float]:
    scores = {each.entry_id: similarity(name, each.name, each.kind) for each in LISTED}
    return {entry_id: score for entry_id, score in scores.items() if score >= ALERT_THRESHOLD}


def slipped(name: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(name) - 1)
    letter = chance.choice("aeiknrstvz")
    return chance.choice(
        [
            name,
            name[:at] + name[at + 1 :],
            name[:at] + letter + name[at:],
            name[:at] + letter + name[at + 1 :],
            name[:at] + name[at + 1] + name[at] + name[at + 2 :],
            " ".join(reversed(name.split())),
            name.replace(" ", "", 1),
            name.replace(" ", ""),
        ]
    )


def test_an_index_made_from_an_earlier_one_answers_as_one_made_anew() -> None:
    twofold = [entry(3000, "S.A. Kestrina", "organization"), entry(3001, "S.A. Kestrina", "organization")]
    earlier = NameIndex.build([*LISTED, *twofold])
    changed = [entry(at, f"{each.names[0].text} Zangari", each.kind) for at, each in enumerate(LISTED[:9])]
    firms = [entry(2000 + at, each.names[0].text, "organization") for at, each in enumerate(LISTED[9:30])]
    listed = [*LISTED[40:], *changed, *firms, *twofold]
    anew, later = NameIndex.build(listed), NameIndex.build(listed, earlier=earlier)
    assert len(later) == len(anew) > len(listed)
    asked = ["Kestrina S.A.", "S. A. Kestrina", *[each.names[0].text for each in (*LISTED, *listed)]]
    assert [later.candidates(name) for name in asked] == [anew.candidates(name) for name in asked]
    assert any(later.candidates(name) for name in asked)


def test_a_renewed_index_finds_what_is_joined_and_written_otherwise() -> None:
    index = NameIndex.build([entry(1, "Reza Zanjaffarinia", "person"), *LISTED])
    index = NameIndex.build(LISTED, earlier=index)
    assert index.candidates("Reza Zanjafari-Niya") == ()
    listed = [entry(2, "Reza Zanjaffarinia", "person"), entry(3, "Yousef Zalebi-Pur", "person"), *LISTED]
    index = NameIndex.build(listed, earlier=index)
    assert [each.entry.entry_id for each in index.candidates("Reza Zanjafari-Niya")] == ["2"]
    assert [each.entry.entry_id for each in index.candidates("Yousef Zalebipour")] == ["3"]


def test_entries_of_one_number_that_change_places_answer_in_the_new_order() -> None:
    one = Entry("test", "3000", "person", (EntryName("Zefira Haidar"),), programs=("SDNTK",))
    other = structs.replace(one, programs=("SDGT",))
    earlier = NameIndex.build([*LISTED, one, other])
    later = NameIndex.build([*LISTED, other, one], earlier=earlier)
    assert [found.candidates("Zefira Haidar")[0].entry for found in (earlier, later)] == [one, other]


@pytest.mark.parametrize("seed", range(8))
def test_an_index_renewed_again_and_again_answers_as_one_made_anew(seed: int) -> None:
    chance = random.Random(seed)
    listed = people(seed, 300)
    index = NameIndex.build(listed)
    for number in range(3):
        before, listed = listed, changed(listed, number, chance)
        index, anew = NameIndex.build(listed, earlier=index), NameIndex.build(listed)
        touched = [each for each in (*before, *listed) if (each in before) != (each in listed)]
        asked = [name.text for each in (*touched, *chance.sample(listed, 20)) for name in each.names]
        asked += [slipped(name, chance) for name in asked]
        assert len(index) == len(anew)
        assert [index.candidates(name) for name in asked] == [anew.candidates(name) for name in asked]


def changed(listed: list[Entry], number: int, chance: random.Random) -> list[Entry]:
    """Without some, with new ones of old and new words, with one more alias, and with two of one number."""
    found = chance.sample(listed, len(listed) - 3)
    one, other = found.pop(), found.pop()
    alias = EntryName(f"{chance.choice(GIVEN)} Zefirova{'aei'[number]} {chance.choice(FAMILY)}", "alias")
    found.insert(5, Entry("test", one.entry_id, one.kind, (*one.names, alias)))
    found.insert(50, entry(int(other.entry_id), f"{chance.choice(FAMILY)} Haidar {chance.choice(FAMILY)}"))
    more = people(chance.randrange(10**6), 3)[:3]
    return [*found, *more, entry(8000 + number, "Yastrebova Velasco-Nuruddin")]


@pytest.mark.parametrize("seed", range(12))
def test_index_finds_what_scoring_every_name_finds(seed: int) -> None:
    chance = random.Random(seed)
    names = [slipped(chance.choice(LISTED).name, chance) for _ in range(60)]
    for name in names:
        found = {each.entry.entry_id: each.score for each in INDEX.candidates(name)}
        assert found == brute_force(name), name


@pytest.mark.parametrize("seed", range(4))
def test_a_name_is_found_wherever_its_blanks_are(seed: int) -> None:
    chance = random.Random(seed)
    for each in LISTED:
        letters = list(each.name.replace(" ", ""))
        for _ in range(chance.randrange(4)):
            letters.insert(chance.randrange(1, len(letters)), " ")
        name = "".join(letters)
        assert each.entry_id in {found.entry.entry_id for found in INDEX.candidates(name, each.kind)}, name


def test_numbers_parted_elsewhere_are_other_numbers() -> None:
    index = NameIndex.build([entry(1, "Kestrina Trust 2004-1", "organization")])
    assert index.candidates("KestrinaTrust2004-1")
    assert not index.candidates("Kestrina Trust 200-41")
    assert not index.candidates("Kestrina Trust 20041")


def test_candidates_come_best_first_with_the_alias_and_the_words() -> None:
    listed = Entry(
        "test",
        "1",
        "person",
        (EntryName("Darya Yastrebova"), EntryName("Dasha the Hawk", "alias"), EntryName("Y. Darya", "alias")),
    )
    index = NameIndex.build([listed, entry(2, "Darya Olegovna Yastrebova")])
    found = index.candidates("Darya Yastrebofa")
    assert [each.entry.entry_id for each in found] == ["1", "2"]
    assert found[0].alias.text == "Darya Yastrebova"
    assert ("yastrebofa", "yastrebova", "spelling") in {
        (t.query, t.entry, t.relation) for t in found[0].tokens
    }


def test_an_entry_is_told_by_the_name_that_is_most_like_what_was_asked() -> None:
    """The index finds it by another: what was asked is one word parted elsewhere."""
    names = ("AL ROWAD REAL ESTATE DEVELOPMENT", "ALROWAD REAL ESTATE DEVELOPMENT COMPANY", "PIONEER CO LTD")
    listed = Entry("made", "1", "organization", tuple(map(EntryName, names)))
    asked = "ALROWADREAL ESTATE DEVELOPMENT COMPANY"
    (candidate,) = NameIndex.build([entry(0, "ALROWAD LTD"), listed]).candidates(asked)
    scores = {name: similarity(asked, name, "organization") for name in names}
    assert (candidate.alias.text, candidate.score) == max(scores.items(), key=lambda pair: pair[1])


def test_an_index_of_nothing_finds_nothing() -> None:
    assert NameIndex.build([]).candidates("Darya Yastrebova") == ()


@pytest.mark.parametrize("kind", ["vessel", "aircraft"])
def test_vessels_and_aircraft_are_not_indexed_for_parties(kind: EntryKind) -> None:
    assert NameIndex.build([entry(1, "Darya Yastrebova", kind)]).candidates("Darya Yastrebova") == ()


def test_a_higher_threshold_finds_fewer() -> None:
    strict = NameIndex.build(LISTED, threshold=0.94)
    assert len(strict.candidates("Darya Yastrebova")) < len(INDEX.candidates("Darya Yastrebova"))


@pytest.mark.parametrize(
    ("asked", "listed"),
    [
        pytest.param("Darya Yastrebova", "D. Yastrebova", id="initial on the list"),
        pytest.param("D. Yastrebova", "Darya Yastrebova", id="initial of the party"),
        pytest.param("D. O. Yastrebova", "Darya Yastrebova", id="one initial more"),
        pytest.param("Darya O. Yastrebova Zangari", "Darya Okonkwo Yastrebova", id="initial in the middle"),
        pytest.param("Darya Okonkwo Yastrebova", "Darya O. Yastrebova Zangari", id="listed in the middle"),
        pytest.param("VELMORALTD.", "Velmora Ltd", id="form written with the name"),
        pytest.param("Velmora Zangari JSC", "VelmoraZangari JSC", id="two words as one before a form"),
        pytest.param("LLC Velmora Pro", "LLCVELMORA PRO", id="form written with a listed name"),
        pytest.param("S.A. Kestrina", "Kestrina SA", id="party's first letters a form"),
        pytest.param("S.A. Kestrina", "Semyon Arkadievich Kestrina", id="party's first letters initials"),
        pytest.param("Kestrina", "AB Kestrina", id="listed first letters a form"),
        pytest.param("A.T. and T Inc", "AT&T Inc", id="initials only"),
        pytest.param("Velmora Shanghai Ltd", "Velmora Ltd", id="place of the party"),
        pytest.param("Velmora Ltd", "Velmora Shanghai Ltd", id="place on the list"),
        pytest.param("Velmora Trading Import Export", "Velmora Trading Import Export", id="generic words"),
        pytest.param("Daryaya Strebova Omar", "Darya Yastrebova Omar", id="space moved"),
        pytest.param("Za Ki Darya", "Darya Zaki", id="short word parted"),
        pytest.param("Vel Mora Zan LLC", "Velmorazan Ltd", id="three words as one before another form"),
        pytest.param("Reza Zanjafari-Niya", "Reza Zanjaffarinia", id="parted and written otherwise"),
        pytest.param("Reza Zanjaffarinia", "Reza Zanjafari-Niya", id="joined and written otherwise"),
        pytest.param("Zanjafari Niya", "Zanjaffarinia", id="all of it parted and written otherwise"),
    ],
)
def test_a_name_is_found_by_few_words_as_scoring_finds_it(asked: str, listed: str) -> None:
    found = NameIndex.build([entry(1, listed, "unknown"), *LISTED]).candidates(asked)
    assert {each.entry.entry_id: each.score for each in found}["1"] == similarity(asked, listed)


def test_names_that_part_the_same_letters_in_two_places_are_both_found() -> None:
    index = NameIndex.build([entry(1, "Velmora Zan Omar"), entry(2, "Vel Morazan Omar")])
    assert {each.entry.entry_id for each in index.candidates("Omar Velmora Zan")} == {"1", "2"}


@pytest.mark.parametrize("letter", ["K.", "K Ltd"])
def test_one_letter_is_nobodys_name(letter: str) -> None:
    assert NameIndex.build([entry(1, letter)]).candidates(letter) == ()


def test_two_words_and_an_initial_for_another_are_no_match() -> None:
    assert NameIndex.build([entry(1, "Zelmira Babayan")]).candidates("Zelmira B. Hartwright") == ()


@pytest.mark.parametrize(
    ("asked", "letters", "is_found"),
    [
        pytest.param("United Petroleum Trading Company", "UPT", True, id="no word is rare"),
        pytest.param("Velmora Trading Export Co", "VTE", False, id="one word is rare"),
        pytest.param("Velmora United Trading Export Co", "VUTE", True, id="four letters"),
    ],
)
def test_three_letters_are_found_only_by_words_that_are_not_rare(
    asked: str, letters: str, is_found: bool
) -> None:
    assert bool(NameIndex.build([entry(1, letters, "organization")]).candidates(asked)) is is_found


SMALL_WORDS = ("Ltd", "al", "Trading", "Import", "Shanghai", "D.", "Y", "Bin", "5", "Daryaya", "Strebova")
WORDS = st.sampled_from(GIVEN + FAMILY + SMALL_WORDS)


@given(asked=st.lists(WORDS, min_size=1, max_size=5), listed=st.lists(WORDS, min_size=1, max_size=5))
def test_no_name_that_reaches_the_threshold_is_left_out_for_its_weight(
    asked: list[str], listed: list[str]
) -> None:
    one, other = " ".join(asked), " ".join(listed)
    found = NameIndex.build([entry(1, other, "unknown")]).candidates(one)
    score = similarity(one, other)
    assert [each.score for each in found] == ([score] if score >= ALERT_THRESHOLD else [])


def test_an_acronym_finds_the_organization_it_stands_for() -> None:
    index = NameIndex.build([entry(1, "United Velmora Liberation Army", "organization")])
    assert [each.entry.entry_id for each in index.candidates("UVLA")] == ["1"]
    assert index.candidates("Ursula Viola Lena Ahlgren") == ()


def test_an_arabic_name_finds_its_latin_entry() -> None:
    index = NameIndex.build([entry(1, "Karim al-Zubaidi"), entry(2, "Karam al-Zaid")])
    assert [each.entry.entry_id for each in index.candidates("كريم الزبيدي")] == ["1"]


def test_candidates_are_the_same_when_built_twice_or_asked_in_threads() -> None:
    names = [each.name for each in LISTED]
    again = NameIndex.build(LISTED)
    with ThreadPoolExecutor(4) as pool:
        threaded = list(pool.map(again.candidates, names * 3))
    assert threaded == [INDEX.candidates(name) for name in names * 3]


@given(st.text(max_size=80))
def test_any_text_is_screened_without_an_error(name: str) -> None:
    for candidate in INDEX.candidates(name):
        assert candidate.score >= ALERT_THRESHOLD


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "worst", ["a" * 10_000, "a " * 5_000, "bin al kim " * 900, "中" * 10_000, "😀" * 10_000, ""]
)
def test_the_worst_names_are_screened_in_bounded_time(worst: str) -> None:
    assert INDEX.candidates(worst) == ()


def test_names_with_hits_are_remembered_in_few() -> None:
    """A name with forty hits takes 6 kB: 100,000 of them, as for names without, were 600 MB."""
    index = NameIndex.build([entry(1, "Darya Yastrebova")])
    for number in range(9_000):
        index.candidates(f"Darya Yastrebova, c/o {number}")
        index.candidates(f"Zelmir Okonkwo {number}")
    assert len(remembered(index)) <= 8_001


def remembered(index: NameIndex) -> list[object]:
    hits = index._hits
    return [*hits._young, *hits._old]


def test_the_cache_forgets_the_least_lately_used_half() -> None:
    cache: RecallCache[int, str] = RecallCache(4)
    for number in range(3):
        cache.put(number, str(number))
    assert cache.get(0) == "0"
    for number in range(3, 6):
        cache.put(number, str(number))
    assert cache.get(1) is None
    assert cache.get(5) == "5"
