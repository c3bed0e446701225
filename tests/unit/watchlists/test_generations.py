"""Generations: switched whole or not at all, carried over, taken back, and never lost to a race."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.watchlists.lists_in_memory import ListsInMemory
from tidewaiter.domain.generation import Generation, Rollback
from tidewaiter.domain.watchlist import Entry, EntryName, Identifier
from tidewaiter.matching.listed import NORMAL_FORM, listed_identifiers
from tidewaiter.watchlists import generations
from tidewaiter.watchlists.formats import ListRefused, Problem, Reading
from tidewaiter.watchlists.generations import (
    RETAINED,
    GenerationUnknown,
    compared,
    diff,
    entries_of,
    load,
    refuse_shrunk,
    rollback,
)
from tidewaiter.watchlists.local import LocalRefused, Warrant

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
WARRANT = Warrant("holds tripled", "officer 7", NOON)


def entry(source: str, number: int, name: str = "") -> Entry:
    phone = Identifier("phone", f"+1617253{number:04}")
    return Entry(
        source, str(number), "person", (EntryName(name or f"Person {number}"),), identifiers=(phone,)
    )


def reading(source: str, numbers: Sequence[int], **names: str) -> Reading:
    entries = tuple(entry(source, number, names.get(f"n{number}", "")) for number in numbers)
    return Reading(source, entries, len(entries), {}, (Problem("x", 3, "y"),), "c" * 64, ("x",))


def put(store: ListsInMemory, *readings: Reading, at: datetime = NOON) -> Generation:
    return load(store, readings, "officer", at=at).generation


def test_first_load_is_in_force_with_its_origin() -> None:
    store = ListsInMemory()
    generation = put(store, reading("a", range(20)))
    version = generation.sources["a"]
    assert store.current() == generation.number == 1
    assert (version.rows, version.loaded_by, version.loaded_at) == (
        20,
        "officer",
        "2026-11-24T12:00:00+00:00",
    )
    assert (version.checksum, version.unread_rows) == ("c" * 64, 1)


def test_load_of_one_source_carries_the_others_over() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)), reading("b", range(5)))
    generation = put(store, reading("a", range(21)))
    assert len(entries_of(store, generation)) == 26
    listed = store.identifiers[generation.number]["phone"]
    assert len(listed) == 21
    assert [one.list for one in listed["+16172530003"]] == ["a", "b"]


@given(
    st.lists(
        st.dictionaries(st.sampled_from("ab"), st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)))),
        max_size=5,
    )
)
def test_identifiers_are_those_of_all_entries_whatever_was_loaded_before(
    days: Sequence[Mapping[str, Sequence[tuple[int, int]]]],
) -> None:
    """Entries of one number more than once, in both sources, and with each other's phones, too."""
    store = ListsInMemory()
    for day in days:
        readings = [
            Reading(source, tuple(carrying(*one) for one in pairs), len(pairs), {})
            for source, pairs in day.items()
        ]
        generation = load(store, readings, "", at=NOON, max_shrink=1).generation
        listed = listed_identifiers(entries_of(store, generation))
        found = store.identifiers.get(generation.number, {}).get("phone", {})
        assert {text: set(those) for text, those in found.items()} == {
            text: set(those) for text, those in listed.get("phone", {}).items()
        }


def carrying(number: int, phone: int) -> Entry:
    """An entry of a list that both sources have."""
    phones = (Identifier("phone", f"+1617253{phone:04}"),)
    return Entry("list", str(number), "person", (EntryName("Anna Berg"),), identifiers=phones)


def test_rollback_puts_the_generation_in_force_that_is_named() -> None:
    store = ListsInMemory()
    for count in (20, 21, 22):
        put(store, reading("a", range(count)))
    assert (rollback(store, WARRANT, 1).number, store.current()) == (1, 1)


def test_diff_tells_of_a_list_that_only_one_of_the_two_has() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    put(store, reading("b", range(3)))
    assert [(one.list, one.entry_id) for one in diff(store, 1, 2).added] == [
        ("b", "0"),
        ("b", "1"),
        ("b", "2"),
    ]
    assert len(diff(store, 2, 1).removed) == 3


def test_list_that_is_not_in_force_has_lost_nothing() -> None:
    found = reading("a", range(2))
    assert refuse_shrunk(ListsInMemory(), found) is found


def test_unchanged_load_makes_no_generation_but_renews_the_age() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    loaded = load(store, [reading("a", range(20))], "x", at=NOON + timedelta(hours=3))
    kept = store.kept[1].sources["a"]
    assert (loaded.is_new, store.current(), store.numbers()) == (False, 1, (1,))
    assert (kept.loaded_at[11:13], kept.checked_at[11:13]) == ("12", "15")


def test_unchanged_list_is_written_anew_when_identifiers_get_another_form(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    monkeypatch.setattr(generations, "NORMAL_FORM", NORMAL_FORM + 1)
    assert put(store, reading("a", range(20))).number == 2


def test_lists_that_are_carried_over_get_the_form_of_those_that_are_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Their identifiers are written anew with the others'."""
    store = ListsInMemory()
    put(store, reading("a", range(20)), reading("b", range(5)))
    assert store.kept[1].is_of_form(NORMAL_FORM)
    monkeypatch.setattr(generations, "NORMAL_FORM", NORMAL_FORM + 1)
    assert put(store, reading("a", range(20))).is_of_form(NORMAL_FORM + 1)


def test_a_generation_in_the_form_of_another_release_is_not_taken_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    monkeypatch.setattr(generations, "NORMAL_FORM", NORMAL_FORM + 1)
    put(store, reading("a", range(20)))
    with pytest.raises(GenerationUnknown, match="generation 1: kept in the form of another release"):
        rollback(store, WARRANT)
    assert store.current() == 2


def test_shrunk_list_is_refused_and_the_old_one_stays() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(100)))
    with pytest.raises(
        ListRefused, match="89 entries, 11% fewer than the 100 in force, expected at most 10% fewer"
    ):
        put(store, reading("a", range(89)))
    assert (store.current(), store.numbers()) == (1, (1,))


def test_list_that_lost_what_stands_beside_its_names_is_refused() -> None:
    store = ListsInMemory()
    whole = reading("a", range(100))
    put(store, whole)
    bare = tuple(msgspec.structs.replace(one, identifiers=()) for one in whole.entries[:50])
    with pytest.raises(ListRefused, match="a: 50 identifiers, 50% fewer than the 100 in force"):
        put(store, msgspec.structs.replace(whole, entries=(*bare, *whole.entries[50:])))
    assert (store.current(), store.numbers()) == (1, (1,))


def test_a_source_of_several_lists_that_lost_one_of_them_is_refused() -> None:
    """A consolidated list whose smallest part did not come that day has lost few of its entries."""
    store = ListsInMemory()
    large, small = reading("csl-sdn", range(100)), reading("csl-fse", range(3))
    whole = msgspec.structs.replace(large, source="csl", entries=large.entries + small.entries)
    put(store, whole)
    cut = msgspec.structs.replace(whole, entries=large.entries)
    with pytest.raises(ListRefused, match="csl: nothing of csl-fse, which is in force"):
        put(store, cut)
    assert store.current() == 1
    assert load(store, [cut], "x", at=NOON, max_shrink=1).is_new


def test_shrunk_list_is_loaded_when_the_guard_is_opened() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(100)))
    assert load(store, [reading("a", range(10))], "x", at=NOON, max_shrink=0.95).generation.number == 2


@pytest.mark.parametrize("share", [-0.1, 1.01, 10, float("nan")])
def test_a_guard_that_is_no_share_is_refused(share: float) -> None:
    with pytest.raises(ListRefused, match=r"max_shrink: found .*, expected a share from 0 to 1"):
        load(ListsInMemory(), [reading("a", range(10))], "x", at=NOON, max_shrink=share)


def test_one_refused_source_of_several_changes_none() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(100)), reading("b", range(100)))
    with pytest.raises(ListRefused, match="b: 50 entries"):
        put(store, reading("a", range(120)), reading("b", range(50)))
    assert store.kept[store.current()].sources["a"].rows == 100


def test_entries_that_read_back_otherwise_are_refused() -> None:
    store = ListsInMemory()
    store.loses = True
    with pytest.raises(ListRefused, match="19 entries read back with another checksum, expected the 20"):
        put(store, reading("a", range(20)))
    assert store.current() == 0


def test_switch_by_another_loader_meanwhile_is_carried_over() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    other = put(store, reading("b", range(5)))
    store.pointer = 1
    store.interruptions = [other.number]
    generation = put(store, reading("a", range(22)))
    assert {source: version.rows for source, version in generation.sources.items()} == {"a": 22, "b": 5}
    assert store.current() == generation.number


def test_only_the_newest_generations_and_their_entries_are_retained() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)), reading("b", range(5)))
    for extra in range(1, 9):
        put(store, reading("a", range(20 + extra)))
    assert store.numbers() == (5, 6, 7, 8, 9)
    assert len(store.numbers()) == RETAINED
    assert sum(source == "a" for source, _ in store.versions) == RETAINED
    assert sum(source == "b" for source, _ in store.versions) == 1


def test_rollback_goes_one_back_and_a_later_load_builds_on_it() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    put(store, reading("a", range(25)))
    assert rollback(store, WARRANT).number == store.current() == 1
    generation = put(store, reading("b", range(5)))
    assert (generation.number, generation.sources["a"].rows) == (3, 20)


def test_each_rollback_is_remembered_with_its_reason_and_author() -> None:
    store = ListsInMemory()
    for count in (20, 21, 22):
        put(store, reading("a", range(count)))
    rollback(store, Warrant(" holds tripled ", "officer 7", NOON))
    rollback(store, Warrant("still so", "ann", NOON))
    at = "2026-11-24T12:00:00+00:00"
    assert store.rollbacks() == (
        Rollback(3, 2, "holds tripled", "officer 7", at),
        Rollback(2, 1, "still so", "ann", at),
    )


def test_a_rollback_without_a_reason_is_refused_and_one_that_is_not_done_is_not_remembered() -> None:
    store = ListsInMemory()
    for count in (20, 21):
        put(store, reading("a", range(count)))
    with pytest.raises(LocalRefused, match="reason: empty, expected one, for the record"):
        rollback(store, Warrant(" ", "officer 7", NOON))
    store.interruptions = [1]
    with pytest.raises(GenerationUnknown, match="nothing was changed"):
        rollback(store, WARRANT)
    assert store.rollbacks() == ()


@pytest.mark.parametrize("number", [None, 0, 7])
def test_rollback_to_what_is_not_kept_is_refused(number: int | None) -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)))
    with pytest.raises(GenerationUnknown):
        rollback(store, WARRANT, number)
    assert store.current() == 1


def test_who_takes_back_what_was_loaded_again_does_not_get_the_same_from_before() -> None:
    store = ListsInMemory()
    good, bad = reading("ofac-sdn", range(20)), reading("ofac-sdn", range(19))
    put(store, good)
    for taken_back in (2, 3):
        assert put(store, bad).number == taken_back
        assert rollback(store, WARRANT).number == store.current() == 1


def test_diff_names_what_was_added_removed_and_changed() -> None:
    store = ListsInMemory()
    put(store, reading("a", range(20)), reading("b", range(5)))
    put(store, reading("a", range(1, 22), n5="Renamed"))
    found = diff(store, 1, 2)
    assert [one.entry_id for one in found.added] == ["20", "21"]
    assert [one.entry_id for one in found.removed] == ["0"]
    assert [(old.name, new.name) for old, new in found.changed] == [("Person 5", "Renamed")]


@given(st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)), st.sets(st.integers(0, 30)))
def test_diff_applied_to_the_earlier_gives_the_later(
    before: set[int], after: set[int], renamed: set[int]
) -> None:
    earlier = [entry("a", number) for number in before]
    later = [entry("a", number, "Renamed" if number in renamed else "") for number in after]
    found = compared(earlier, later)
    gone = {*found.removed, *(old for old, _ in found.changed)}
    applied = {*(one for one in earlier if one not in gone), *found.added, *(new for _, new in found.changed)}
    assert applied == set(later)
