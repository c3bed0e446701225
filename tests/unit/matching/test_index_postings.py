"""Names under pairs of their words: what is walked for a frequent word does not grow with its names."""

import pytest

from tidewaiter.domain.watchlist import Entry, EntryName
from tidewaiter.matching.index_alias import aliases_of
from tidewaiter.matching.index_postings import Postings

NAMES = (
    *(f"Omar Zubaidi {rare}" for rare in ("Yastrebova", "Qaddoumi", "Hartwright")),
    *("Omar Zubaidi", "Omar Velasco", "Omar K. Zubaidi Prokhorenko", "Zelmira"),
)


def postings() -> Postings:
    entries = [Entry("test", str(at), "person", (EntryName(name),)) for at, name in enumerate(NAMES)]
    return Postings([alias for entry in entries for alias in aliases_of(entry, {})], threshold=0.68)


def numbers(one: str, other: str) -> dict[str, set[int]]:
    made = postings()
    pair = made.reach(frozenset({one})), made.reach(frozenset({other}))
    return {
        kind: {number for found in pairs.numbers(*pair) for number in found}
        for kind, pairs in (("rarest", made.rarest), ("further", made.further))
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
    entries = [
        Entry("test", "1", "person", (EntryName("Daryaya Strebova"),)),
        Entry("test", "2", "person", (EntryName("Darya Yastrebova"),)),
        Entry("test", "3", "person", (EntryName("Omar Velasco"),)),
    ]
    made = Postings([alias for entry in entries for alias in aliases_of(entry, {})], threshold=0.68)
    assert made.parted == {"daryayastrebova"}
    assert list(made.joined["omarvelasco"]) == [2]
