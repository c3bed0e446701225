"""The page about quality says what was caught, and of what was missed what was found instead."""

from msgspec import structs

from tests.bench.quality_page import Measured, quality_page
from tests.bench.week import DAYS, Week, label_of, record_of
from tests.unit.backtest.weeks import bench, default, entries
from tidewaiter.backtest.histories import keys_of
from tidewaiter.backtest.replay import replayed
from tidewaiter.backtest.shard import Account
from tidewaiter.backtest.truth import Label, joined

WEEK = Week(seed=1, parcels=7 * 150, listed=entries())
MEASURED = Measured(7, 1050, 1100, 2.0, 1, "a list", "a machine", "2026-11-24")


def truth() -> dict[str, Label]:
    labels: dict[str, Label] = {}
    for label in filter(None, map(label_of, WEEK.messages())):
        labels[label.key] = joined(labels[label.key], label) if label.key in labels else label
    return labels


def account(labels: dict[str, Label]) -> Account:
    messages = tuple(WEEK.messages())
    records = [record_of(message, offset) for offset, message in enumerate(messages)]
    keys = keys_of(records)
    return replayed(records, structs.replace(bench(), followed=frozenset(labels)), keys, 1, lambda _: None)


def test_week_has_seven_days_of_other_parcels() -> None:
    messages = tuple(WEEK.messages())
    created = [message.key for message in messages if message.event_type == "CREATE"]
    assert len({message.at.date() for message in messages}) == DAYS
    assert len(set(created)) == len(created) == WEEK.parcels


def test_records_of_the_week_do_not_carry_its_truth() -> None:
    for offset, message in enumerate(WEEK.messages()):
        record = record_of(message, offset)
        assert record.headers == ()
        if message.label:
            assert message.label.truth.case.encode() not in (record.value or b"")


def test_page_names_what_was_missed_with_what_was_found_instead() -> None:
    labels = truth()
    key, label = next((key, one) for key, one in labels.items() if one.must_hold)
    found = account(labels)
    caught = quality_page(found, {key: label}, default(), MEASURED)
    assert f"| {label.case} | {label.family} | 1 | 1 | 1 | 100.0% |" in caught
    assert "Nothing that was due." in caught
    elsewhere = structs.replace(label, expected_codes=("NAR-CAS",))
    missed = quality_page(found, {key: elsewhere}, default(), MEASURED)
    assert f"| {label.case} | {label.family} | 1 | 1 | 0 | 0.0% |" in missed
    assert f"| {label.case} | 1 | 1 × held, but under" in missed


def test_page_counts_ordinary_parcels_held_and_names_the_rules() -> None:
    found = account({})
    tally = found.tallies[0]
    cancelled = {message.key.decode() for message in WEEK.messages() if message.event_type == "CANCEL"}
    ordinary, held = WEEK.parcels - len(cancelled), len(tally.held.keys() - cancelled)
    page = quality_page(found, {}, default(), MEASURED)
    assert cancelled
    assert f"| ordinary traffic | {ordinary} | {held} |" in page
    assert "Ordinary parcels held, by rule: " in page
