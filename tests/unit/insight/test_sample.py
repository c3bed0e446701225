"""Samples: exact while small, near enough when large, and the same whatever the order."""

import random

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.insight.sample import HASH_SPAN, Parcels, Parties
from tidewaiter.insight.sighting import hash_of

SIZE = 8
VALUES = st.tuples(st.integers(0, 1439), st.integers(0, 1 << 31), st.integers(0, 1 << 31), st.integers(0, 1))
MEMBERS = st.lists(st.tuples(st.integers(0, 40).map(lambda n: n * 7_919 * 10_007 % HASH_SPAN), VALUES))


def parcels(members: list[tuple[int, tuple[int, ...]]], size: int = SIZE) -> Parcels:
    made = Parcels(size)
    for hashed, values in members:
        made.add(hashed, values)
    return made


@given(MEMBERS, st.randoms(use_true_random=False))
def test_sample_is_the_same_in_any_order_and_with_any_repetition(
    members: list[tuple[int, tuple[int, ...]]], chance: random.Random
) -> None:
    shuffled = members + chance.sample(members, len(members) // 2)
    chance.shuffle(shuffled)
    assert parcels(shuffled).packed() == parcels(members).packed()


@given(MEMBERS)
def test_packed_sample_goes_on_as_the_one_that_it_was(members: list[tuple[int, tuple[int, ...]]]) -> None:
    half = len(members) // 2
    again = Parcels(SIZE, parcels(members[:half]).packed())
    for hashed, values in members[half:]:
        again.add(hashed, values)
    assert again.packed() == parcels(members).packed()
    assert again.count == parcels(members).count


@given(MEMBERS)
def test_addition_that_changes_nothing_says_so(members: list[tuple[int, tuple[int, ...]]]) -> None:
    made = parcels(members)
    before = made.packed()
    for hashed, values in members:
        assert not made.add(hashed, values)
    assert made.packed() == before


def test_count_is_exact_below_the_size() -> None:
    made = Parties(64)
    for number in range(63):
        made.add(hash_of(f"party {number}"), (20_000,))
        made.add(hash_of(f"party {number}"), (19_000,))
    assert made.count == 63
    assert made.weight == 1.0


def test_count_of_many_is_within_three_standard_errors() -> None:
    made = Parties(256)
    for number in range(30_000):
        made.add(hash_of(f"party {number}"), (20_000,))
    assert abs(made.count / 30_000 - 1) < 3 / 254**0.5


def test_party_keeps_the_earliest_day_on_which_it_was_seen() -> None:
    made = Parties(4)
    made.add(7, (20_000,))
    made.add(7, (19_990,))
    made.add(7, (20_005,))
    assert made.members == {7: (19_990,)}
