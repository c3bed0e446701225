"""Names under pairs of their words: what is walked for a frequent word does not grow with its names."""

import pytest

from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.index_alias import Alias, aliases_of
from tidewaiter.matching.index_postings import Postings

NAMES = (
    *(f"Omar Zubaidi {rare}" for rare in ("Yastrebova", "Qaddoumi", "Hartwright")),
    *("Omar Zubaidi", "Omar Velasco", "Omar K. Zubaidi Prokhorenko", "Zelmira"),
)


def named(*names: str, first: int = 0) -> dict[int, Alias]:
    entries = [Entry("test", name, "person", (EntryName(name),)) for name in names]
    return dict(enumerate([alias for entry in entries for alias in aliases_of(entry, {})], start=first))


def posted(*names: str) -> Postings:
    return Postings(named(*names), threshold=0.68)


def postings() -> Postings:
    return posted(*NAMES)


def numbers(one: str, other: str) -> dict[str, set[int]]:
    made = postings()
    mine, theirs = made.reach(frozenset({one})), made.reach(frozenset({other}))
    return {
        "rarest": {number for found in mine.rarest_with(theirs) for number in found},
        "further": {number for found in mine.further_with(theirs) for number in found},
    }


def test_two_words_find_the_names_that_hold_both_whichever_is_asked_first() -> None:
    assert numbers("omar", "velasco") == numbers("velasco", "omar") == {"rarest": {4}, "further": set()}


def test_two_frequent_words_find_by_themselves_only_the_names_of_nothing_rarer() -> None:
    assert numbers("omar", "zubaidi") == {"rarest": {3, 5}, "further": {0, 1, 2}}


@pytest.mark.parametrize(("text", "beside"), [("omar", set()), ("zubaidi", {"omar"}), ("velasco", {"omar"})])
def test_beside_a_word_stand_only_more_frequent_ones(text: str, beside: set[str]) -> None:
    assert postings().reach(frozenset({text})).beside == beside


def test_words_touch_where_some_name_holds_both() -> None:
    made = postings()
    omar, velasco, zelmira = (made.reach(frozenset({text})) for text in ("omar", "velasco", "zelmira"))
    assert omar.touches(velasco)
    assert velasco.touches(omar)
    assert not omar.touches(zelmira)


def test_a_joint_that_is_parted_in_two_places_is_known_as_such() -> None:
    made = posted("Daryaya Strebova", "Darya Yastrebova", "Omar Velasco")
    assert made.parted == {"daryayastrebova"}
    assert list(made.joined["omarvelasco"]) == [2]


def test_all_words_of_one_frame_are_under_it() -> None:
    (words,) = posted("Zanjaffarinia", "Zanjafarinia").framed.values()
    assert {word.text for word in words} == {"zanjaffarinia", "zanjafarinia"}


def under(postings: Postings) -> dict[str, dict[str, list[int]]]:
    """The numbers in each of its tables, by key; pairs in whatever order."""
    names = ("all", "joined", "acronyms", "whole", "initials", "_lone", "_signed")
    tables: dict[str, dict[str, list[int]]] = {
        name: {key: sorted(numbers) for key, numbers in vars(postings)[name].items() if numbers}
        for name in names
    }
    for name, pairs in (("rarest", postings.rarest), ("further", postings.further)):
        tables[name] = {
            " ".join(sorted((rarer, other))): sorted(numbers)
            for rarer, others in pairs._under.items()
            for other, numbers in others.items()
            if numbers
        }
    return tables


def test_renewed_postings_hold_what_those_of_all_hold_and_leave_the_former_as_they_were() -> None:
    firms = ("Kestrina Overseas Shipping Bureau", "KOSB", "Velmora Co", "Co Velmora", "Zelmira K.", "J K & L")
    names = named(*NAMES, *firms, "Daryaya Strebova", "Zoltan Zangari")
    more = named("Omar Q.", "Darya Yastrebova", "Quirin Zangari", "Vel Mora", "O. Z. Q.", first=len(names))
    gone = {number: names[number] for number in (1, 4, 7, 9, 11, 12, len(names) - 1)}
    left = {number: alias for number, alias in (names | more).items() if number not in gone}
    former = Postings(names, 0.68)
    before, renewed = under(former), former.renewed(gone, more)
    anew = Postings(left, 0.68, former._frequent)
    assert under(renewed) == under(anew)
    assert all(under(renewed)[table] != before[table] for table in before)
    assert renewed.parted >= anew.parted > former.parted
    assert renewed.words.keys() >= anew.words.keys()
    assert all({*words} <= {*renewed.framed[frame]} for frame, words in anew.framed.items())
    assert under(former) == before
    assert renewed.all["prokhorenko"] is former.all["prokhorenko"]
