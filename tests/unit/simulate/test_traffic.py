"""The stream as a whole: repeatable, readable, in order, and silent about what is planted in it."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise

import pytest

from tests.unit.simulate.streams import event_of, listed, messages
from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.planted.catalogue import CASES, available, programme
from tidewaiter.simulate.planted.departures import CASES as DEPARTURES
from tidewaiter.simulate.planted.usable import Usable
from tidewaiter.simulate.season import Season
from tidewaiter.simulate.traffic import Traffic, free_positions
from tidewaiter.wire.events import key_problem


def records(seed: int, parcels: int = 800) -> list[tuple[bytes, bytes]]:
    return [(message.key, message.value) for message in Traffic(seed, parcels, listed=listed())]


def test_one_seed_gives_the_same_bytes() -> None:
    assert records(3) == records(3)


def test_crowds_of_different_days_are_different_groups() -> None:
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for message in Season(Traffic(3, 100, planted_share=0), 40):
        if message.label:
            days[message.label.truth.case, message.label.truth.group].add(message.at.date())
    assert {len(found) for found in days.values()} == {1}
    assert len({day for found in days.values() for day in found}) == 12


@pytest.mark.parametrize("parcels", [1, 8, 59, 60, 61, 105, 125, 126])
def test_cases_beside_the_share_are_planted_as_far_as_there_is_room(parcels: int) -> None:
    planted = [
        one.label.truth.case for one in Traffic(3, parcels, planted_share=0, also=DEPARTURES) if one.label
    ]
    assert len(planted) <= parcels
    assert {case.name for case in DEPARTURES if planted.count(case.name) == case.size} == set(planted)
    assert planted


def test_iterating_again_begins_anew() -> None:
    traffic = Traffic(3, 200)
    assert [message.value for message in traffic] == [message.value for message in traffic]


def test_bytes_of_a_seed_are_those_that_figures_were_measured_on() -> None:
    """Fails on another machine if chance is not the same there, and for whoever changes the generator:
    recorded figures are then of other traffic, and the new digest belongs here."""
    digest = sha256(b"\n".join(message.value for message in Traffic(1, 1_000)))
    assert digest.hexdigest()[:16] == "24215e88ad9dd69d"


def test_other_seeds_give_other_parcels() -> None:
    assert {key for key, _ in records(3)}.isdisjoint(key for key, _ in records(4))


def test_every_message_is_accepted_by_the_contract_and_its_key_agrees() -> None:
    for message in messages():
        assert key_problem(message.key, event_of(message)) is None


def test_there_are_as_many_parcels_as_asked_for() -> None:
    kinds = Counter(message.event_type for message in messages())
    assert kinds["CREATE"] == 20_000
    assert len({message.key for message in messages()}) == 20_000
    assert all(0 < kinds[kind] < 1_500 for kind in ("UPDATE", "CANCEL", "ARRIVAL", "SCAN"))


def test_messages_of_a_parcel_are_numbered_from_one_in_the_order_of_time() -> None:
    by_parcel = defaultdict(list)
    for message in messages():
        by_parcel[message.key].append((event_of(message).message_seq, message.at))
    for events in by_parcel.values():
        assert [seq for seq, _ in events] == list(range(1, len(events) + 1))
        assert all(earlier < later for (_, earlier), (_, later) in pairwise(events))


def test_events_have_ids_of_their_own() -> None:
    assert len({message.event_id for message in messages()}) == len(messages())


def test_first_parcel_is_announced_at_the_start() -> None:
    start = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    first = next(iter(Traffic(1, 10, start)))
    assert timedelta(0) <= first.at - start < timedelta(seconds=1)


def test_planted_share_is_kept_to_the_parcel() -> None:
    labels = [message.label for message in messages() if message.label]
    assert len({(label.carrier, label.hawb) for label in labels}) == 200


def test_no_planted_share_means_no_label() -> None:
    assert not any(message.label for message in Traffic(1, 500, planted_share=0.0))


def test_every_case_is_planted_in_20_000_parcels() -> None:
    found = {message.label.truth.case for message in messages() if message.label}
    assert found == {case.name for case in CASES}


def test_labels_expect_codes_unless_innocent_or_of_a_group() -> None:
    for label in (message.label for message in messages() if message.label):
        truth = label.truth
        assert bool(truth.expected_codes) or truth.innocent or truth.group
        assert not (truth.innocent and (truth.expected_codes or truth.must_hold))
        assert truth.expected_codes or not truth.must_hold


def test_every_group_has_a_member_in_which_it_must_be_found() -> None:
    groups = defaultdict(list)
    for message in messages():
        if message.label and message.label.truth.group:
            groups[message.label.truth.case, message.label.truth.group].append(message.label.truth)
    assert groups
    assert all(any(truth.expected_codes for truth in members) for members in groups.values())


def test_labels_say_nothing_in_the_stream() -> None:
    words = ("planted", "innocent", "expected", "label", "truth")
    for message in messages():
        if message.label:
            assert not any(word in message.value.decode().lower() for word in words)


def test_cases_that_need_a_list_are_left_out_without_one() -> None:
    names = {case.name for case in available(Usable())}
    assert "pill-press" in names
    assert "listed-misspelt" not in names


def test_programme_fills_any_number_of_parcels_exactly() -> None:
    usable = Usable.of(listed())
    for parcels in (0, 1, 7, 23, 200, 3_001):
        assert sum(case.size for case in programme(parcels, usable)) == parcels


def test_free_positions_are_found_in_a_full_stream() -> None:
    taken = set(range(50)) - {3, 48, 49}
    assert free_positions(3, 50, taken, Chance(1)) == [3, 48, 49]
