"""Features on a real Redis: what insight writes part by part is what a screener reads as one table."""

import pytest
from redis import Redis

from tidewaiter.adapters.redis_features import FEATURES, Part, RedisFeatures
from tidewaiter.domain.features import (
    AddressStart,
    Features,
    GoodsNorm,
    Quantiles,
    ShipperPace,
    Table,
    TextSpread,
)

pytestmark = pytest.mark.redis
NORM = GoodsNorm(4_711, Quantiles(90.0, 200.0, 2_400.0, 9_000.0, 30_000.0), None)


def test_features_read_back_as_they_were_written(client: Redis) -> None:
    store = RedisFeatures(client)
    store.write("shipper", 0, Part(1, 10, 20, {"a": ShipperPace(60, 4.5, 28)}))
    store.write("text", 0, Part(1, 11, 21, {"b": TextSpread(40, 12)}))
    store.write("address", 0, Part(1, 12, 22, {"c": AddressStart(3, 9)}))
    store.write("goods", 0, Part(1, 13, 23, {"6110": NORM}))
    assert store.read() == Features(
        shipper=Table(10, 20, {"a": ShipperPace(60, 4.5, 28)}),
        text=Table(11, 21, {"b": TextSpread(40, 12)}),
        address=Table(12, 22, {"c": AddressStart(3, 9)}),
        goods=Table(13, 23, {"6110": NORM}),
    )


def test_features_are_begun_with_the_first_part_readable_or_not(client: Redis) -> None:
    client.hset(FEATURES, "text:0", b"not msgpack")
    assert RedisFeatures(client).read() == Features()


def test_table_is_as_old_as_the_oldest_of_its_parts(client: Redis) -> None:
    store = RedisFeatures(client)
    store.write("text", 0, Part(2, 100, 900, {"a": TextSpread(6, 5)}))
    store.write("text", 1, Part(2, 300, 400, {"b": TextSpread(9, 9)}))
    rows = {"a": TextSpread(6, 5), "b": TextSpread(9, 9)}
    assert store.read() == Features(text=Table(100, 400, rows))


def test_kind_is_unknown_while_one_of_its_parts_is_missing(client: Redis) -> None:
    store = RedisFeatures(client)
    store.write("text", 0, Part(2, 1, 1, {}))
    store.write("address", 0, Part(1, 1, 1, {}))
    assert store.read() == Features(address=Table(1, 1))


def test_parts_left_over_from_more_partitions_are_passed_over(client: Redis) -> None:
    store = RedisFeatures(client)
    store.write("text", 3, Part(4, 1, 1, {"old": TextSpread(9, 9)}))
    store.write("text", 0, Part(1, 500, 500, {"new": TextSpread(6, 5)}))
    assert store.read() == Features(text=Table(500, 500, {"new": TextSpread(6, 5)}))


@pytest.mark.parametrize("part", [b"\xff\x00", b"\x94\x01\x01\x01\x81\xa2\xff\xfe\x92\x01\x01"])
def test_kind_is_unknown_when_a_part_cannot_be_read(client: Redis, part: bytes) -> None:
    store = RedisFeatures(client)
    store.write("text", 0, Part(1, 1, 1, {}))
    client.hset(FEATURES, "address:0", part)
    assert store.read() == Features(text=Table(1, 1))


@pytest.mark.parametrize("field", ["carrier:0", "text:0:more", "text", b"\xff:0"])
def test_parts_of_a_later_release_are_passed_over(client: Redis, field: str | bytes) -> None:
    store = RedisFeatures(client)
    store.write("text", 0, Part(1, 1, 1, {}))
    client.hset(FEATURES, field, b"what it wrote")
    assert store.read() == Features(text=Table(1, 1))


def test_part_takes_the_place_of_the_one_before(client: Redis) -> None:
    store = RedisFeatures(client)
    store.write("shipper", 0, Part(1, 1, 1, {"a": ShipperPace(60, 4.5, 28)}))
    store.write("shipper", 0, Part(1, 2, 2, {}))
    assert store.read() == Features(shipper=Table(2, 2))


def test_nothing_written_is_nothing_known(client: Redis) -> None:
    assert RedisFeatures(client).read() == Features(is_begun=False)
