"""Keys for counting: one person however the name is spelt, and two people at one door still two."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.domain.party import Party
from tidewaiter.matching.alike import Alike, alike, alike_name
from tidewaiter.matching.identity import identity_of, name_key

SPELLINGS = (
    "Jonathan Meyer",
    "Jonathon Meier",
    "Meyer Jonatan",
    "MEYER, JONATHAN P.",
    "Jonahtan Meyre",
    "Jnathan Mayer",
    "Jon Meyer",
    "Jonathan M.",
    "Mr. Jonathan Paul Meyer",
    "Jonathann  Myer",
)


def keys(
    name: str, line: str = "12 Main St", phone: str = "", email: str = "", postal: str = "89501"
) -> Alike:
    party = Party(name, (line,), "Reno", "NV", postal, "US", phone, email)
    return alike(party.name, identity_of(party))


def is_one(first: Alike, second: Alike) -> bool:
    return bool(set(first.keys) & set(second.keys))


@pytest.mark.parametrize(("one", "other"), tuple(combinations(SPELLINGS, 2)))
def test_one_person_at_a_door_is_one_in_ten_spellings(one: str, other: str) -> None:
    assert is_one(keys(one), keys(other))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Robert Smith", "Bob Smith"),
        ("Robert Smith", "ROBBIE SMYTH"),
        ("Katherine O'Neil", "Cathryn ONeill"),
        ("Katherine O'Neil", "Kate O'Neal"),
        ("Mohammed Irfan", "Muhammad Irfaan"),
        ("Maria Garcia", "GARCIA, Maria"),
        ("Tatyana Kuznetsova", "Tatiana Kouznetsova"),
        ("Susan Garcia Lopez", "Susan Garcia"),
        ("Sejal Patel", "Sejaal Pattell"),
        ("王伟", "Wang Wei"),
    ],
)
def test_a_name_in_another_spelling_is_one(one: str, other: str) -> None:
    assert is_one(keys(one), keys(other))


@pytest.mark.parametrize(
    "family",
    [
        ("John Meyer", "Jane Meyer", "Peter Meyer", "Lucy Meyer"),
        ("Jon Meyer", "Joan Meyer", "Jan Meyer", "Jean Meyer"),
        ("Robert Smith", "Roberta Smith", "Albert Smith", "Rupert Smith"),
        ("Francis Hall", "Frances Hall"),
        ("Michael Cole", "Michelle Cole"),
        ("Daniel Ruiz", "Daniela Ruiz", "Danielle Ruiz"),
        ("Hassan Nasser", "Hussein Nasser"),
        ("Jayden Cole", "Jaylen Cole"),
        ("Latoya Hill", "Latonya Hill"),
        ("Mario Rossi", "Maria Rossi", "Mariano Rossi"),
        ("Jose Luis Vega", "Jose Antonio Vega", "Jose Manuel Vega"),
        ("Maria Elena Vega", "Maria Luisa Vega"),
        ("Mohammed Irfan", "Mohammed Imran", "Mohammed Ikram"),
        ("Ali Hassan", "Ali Hussein"),
        ("Lavinia Thomas", "Lavada Thomas"),
        ("Agripina Scott", "Adalynn Scott"),
        ("Wang Wei", "Wang Wen", "Wang Hui"),
        ("Wang Xiaoming", "Wang Xiaohong"),
        ("Kim Min Jun", "Kim Min Ho"),
        ("Nguyen Thi Lan", "Nguyen Thi Linh"),
    ],
)
def test_people_of_one_family_at_one_door_and_phone_are_not_one(family: tuple[str, ...]) -> None:
    found = [keys(name, phone="775 322 0000") for name in family]
    assert not any(is_one(one, other) for one, other in combinations(found, 2))


def test_father_and_son_of_one_name_are_one_as_by_their_exact_keys() -> None:
    assert is_one(keys("Sammy Davis, Jr."), keys("Sammy Davis Sr"))
    assert name_key("Sammy Davis, Jr.") == name_key("Sammy Davis Sr")


@pytest.mark.parametrize(
    "firm", ["Thomas Trading", "Scott Industries LLC", "Velmora Logistics Inc", "Law Office of Ann Hall"]
)
def test_a_firm_has_none_and_so_two_firms_in_a_building_are_two(firm: str) -> None:
    assert keys(firm, phone="775 322 0000") == Alike()


@pytest.mark.parametrize(
    ("line", "is_same"),
    [
        ("12 Mian Street", True),
        ("12 Main St Apt 3", False),
        ("14 Main St", False),
        ("12 Oak St", False),
        ("PO Box 12", False),
        ("Main St", False),
    ],
)
def test_the_door_may_be_misspelt_and_has_to_be_the_very_one(line: str, is_same: bool) -> None:
    assert is_one(keys("Jon Meyer"), keys("Jonathan Meier", line)) is is_same


def test_a_mail_centers_own_door_is_nobodys_and_a_box_in_it_somebodys() -> None:
    assert keys("Jon Meyer", "The UPS Store, 1180 Neil Ave").keys == ()
    assert is_one(*[keys(name, "The UPS Store, 1180 Neil Ave PMB 214") for name in SPELLINGS[:2]])
    assert is_one(*[keys(name, "PO Box 214") for name in SPELLINGS[:2]])


def test_who_varies_the_door_is_known_by_phone_or_email() -> None:
    assert is_one(keys("Jon Meyer", phone="7753220000"), keys("Jonathan Meier", "9 Elm", "+1 775 322 0000"))
    assert is_one(
        keys("Jon Meyer", email="jm@a.example"), keys("Jonathon Mayer", "9 Elm", "", "JM@a.example")
    )
    assert not is_one(keys("Joan Meyer", phone="7753220000"), keys("Jon Meyer", "9 Elm", "7753220000"))


@pytest.mark.parametrize("name", ["J. Meyer", "Meyer J", "MEIER, J.", "J P Mayer"])
def test_an_initial_may_be_anybody_who_has_it(name: str) -> None:
    short = keys(name)
    assert (short.keys, short.has_initial) == ((), True)
    for full in ("Jonathan Meyer", "Jane Meyer"):
        assert keys(full).initials == short.initials
        assert not keys(full).has_initial
    assert keys("Peter Meyer").initials != short.initials


@pytest.mark.parametrize("name", ["", "!!!", "Meyer", "J. P.", "Mr. Meyer"])
def test_a_name_of_one_word_has_no_key(name: str) -> None:
    assert keys(name) == Alike()


@given(st.text(max_size=60), st.text(max_size=40), st.text(max_size=12))
def test_any_party_has_at_most_three_keys_and_none_like_an_exact_one(
    name: str, line: str, phone: str
) -> None:
    party = Party(name, (line,), "Reno", "NV", "89501", "US", phone, "a@b.example")
    identity = identity_of(party)
    found = alike(party.name, identity)
    every = [key for key in (*found.keys, found.initials) if key]
    assert len(every) <= 3
    assert len({*every, *identity.person_keys}) == len(every) + len(identity.person_keys)


@given(st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_a_name_is_read_alike_in_either_case(one: str, other: str) -> None:
    assert alike_name(one.upper()) == alike_name(one.lower())
    assert alike_name(f"{one} {other}") == alike_name(f"{one} {other}".upper())
