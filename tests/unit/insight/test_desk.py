"""The desk: records become bundles for those who keep the entities, and shards move from one to another."""

from collections.abc import Iterator, Mapping

import msgspec
import pytest

from tests.surges import told_surge
from tests.unit.insight.counting import PlainTokens
from tests.unit.simulate.streams import event_of
from tidewaiter.domain.surge import SurgeAlert
from tidewaiter.insight.book import InsightBook
from tidewaiter.insight.desk import Bundles, BundleUnreadable, Desk
from tidewaiter.insight.ledger import partition_of
from tidewaiter.insight.publishing import Part, Publication
from tidewaiter.insight.telling import record_of
from tidewaiter.simulate.season import HABIT_DAYS, Season
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Record
from tidewaiter.wire.topics import INSIGHT_SIGHTINGS, PARCEL_EVENTS, SURGE_ALERTS

PARTITIONS = 3
SEASON = Season(Traffic(3, 150), HABIT_DAYS + 1)
Table = dict[bytes, bytes]


class Counts:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.seen: dict[str, int] = {}
        self.alerts: list[SurgeAlert] = []

    def sighted(self, seen: Mapping[str, int]) -> None:
        for kind, count in seen.items():
            self.seen[kind] = self.seen.get(kind, 0) + count

    def alerted(self, alert: SurgeAlert) -> None:
        self.alerts.append(alert)


def records() -> Iterator[list[Record]]:
    """The season in batches, as the stream brings it."""
    batch: list[Record] = []
    for message in SEASON:
        batch.append(Record(PARCEL_EVENTS, 0, len(batch), message.key, message.value))
        if len(batch) == 400:
            yield batch
            batch = []
    yield batch


def run(desks: list[Desk], table: Table, bundles: Bundles) -> None:
    """Every bundle to the desk whose turn it is, with what is passed on."""
    for partition, some in bundles.items():
        for bundle in some:
            run(desks, table, desks[partition % len(desks)].count(partition, bundle, table).passed_on)


def rows(desks: list[Desk]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for desk in desks:
        for shard in desk.shards.values():
            for kind, some in shard.rows().items():
                found.setdefault(kind, {}).update(some)
    return found


def test_many_shards_say_what_one_book_says_though_all_are_restored_in_between() -> None:
    table: Table = {}
    observer = Counts()
    desks = [Desk(PlainTokens(), PARTITIONS, observer) for _ in range(2)]
    for number, batch in enumerate(records()):
        if number % 4 == 3:
            desks = [Desk(PlainTokens(), PARTITIONS, observer) for _ in range(2)]
            desks[0].keep({0, 2}, table)
            desks[1].keep({1}, table)
        run(desks, table, desks[number % 2].sort(batch))
    book = InsightBook(PlainTokens())
    alerts = {alert.alert_id for message in SEASON for alert in book.take(event_of(message))}
    features = book.features()
    assert features.shipper is not None
    assert features.address is not None
    assert rows(desks)["shipper"] == features.shipper.rows
    assert rows(desks)["address"] == features.address.rows
    assert alerts
    assert {alert.alert_id for alert in observer.alerts} == alerts
    assert observer.seen["shipper"] >= 150 * (HABIT_DAYS + 1)


def test_desk_that_keeps_other_partitions_names_the_keys_to_let_go_of() -> None:
    table: Table = {}
    desk = Desk(PlainTokens(), PARTITIONS, Counts())
    run([desk], table, desk.sort(next(records())))
    foreign = desk.keep({1}, table)
    assert set(desk.shards) == {1}
    assert set(foreign) == {key for key in table if partition_of(key, PARTITIONS) != 1}
    assert foreign
    assert len(foreign) < len(table)


def test_bundle_of_what_cannot_be_read_is_none_at_all() -> None:
    assert Desk(PlainTokens(), PARTITIONS, Counts()).sort([Record(PARCEL_EVENTS, 0, 0, b"k", b"?")]) == {}


MEASURED = (1_790_000_000_000, "FDX|1", 5, 2_000, 300, False)


@pytest.mark.parametrize(
    "bundle",
    [
        b"",
        b"garbage",
        msgspec.msgpack.encode([("shipper", b"\xff", MEASURED)]),
        b"\x91\x93\xa7shipper\xa1\xff\x90",
        msgspec.msgpack.encode([("carrier", "a", MEASURED)]),
        msgspec.msgpack.encode([("shipper", "a", (-1, *MEASURED[1:]))]),
        msgspec.msgpack.encode([("shipper", "a", (1 << 62, *MEASURED[1:]))]),
        msgspec.msgpack.encode([("shipper", "a", (*MEASURED[:2], 1 << 32, *MEASURED[3:]))]),
        msgspec.msgpack.encode([("text", "a", MEASURED, 5, 1 << 16)]),
    ],
)
def test_bundle_that_nobody_here_wrote_is_refused_and_nothing_of_it_counted(bundle: bytes) -> None:
    table: Table = {}
    desk = Desk(PlainTokens(), 1, Counts())
    with pytest.raises(BundleUnreadable):
        desk.count(0, bundle, table)
    assert table == {}


def test_features_are_written_when_they_change_and_as_a_sign_of_life() -> None:
    desk = Desk(PlainTokens(), 1, Counts())
    publication = Publication(10.0)

    def written(now: float) -> list[Part]:
        parts = list(publication.due(desk.shards, now))
        for part in parts:
            publication.written(part, now)
        return parts

    assert written(0) == []
    desk.keep({0}, {})
    assert {part.kind for part in written(1)} == {"shipper", "text", "address", "goods"}
    assert written(2) == []
    assert len(written(2 + publication.heartbeat_seconds)) == 4


def test_part_that_was_not_written_is_due_again() -> None:
    desk = Desk(PlainTokens(), 1, Counts())
    desk.keep({0}, {})
    publication = Publication(10.0)
    assert len(list(publication.due(desk.shards, 1))) == len(list(publication.due(desk.shards, 1))) == 4


def test_alert_is_told_of_under_its_entity_with_the_bundle_as_its_cause() -> None:
    observer = Counts()
    table: Table = {}
    desk = Desk(PlainTokens(), 1, observer)
    for batch in records():
        run([desk], table, desk.sort(batch))
    alert = observer.alerts[0]
    told = record_of(alert, Record(INSIGHT_SIGHTINGS, 0, 7, None, None))
    found = told_surge(told.value)
    assert (told.topic, told.key) == (SURGE_ALERTS, f"{found.kind}|{found.entity}".encode())
    headers = dict(told.headers)
    assert headers["ce_id"].decode() == found.alert_id == alert.alert_id
    assert headers["tw_source"] == b"insight-sightings/0/7"
