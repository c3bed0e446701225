"""deploy/kafka/acls.yaml gives each principal what its code uses, and nobody what is another's."""

import yaml

from tests.contracts.composition import ROOT
from tidewaiter.adapters import kafka_feed, kafka_lag, kafka_past, kafka_reader
from tidewaiter.adapters.kafka import GroupMember
from tidewaiter.adapters.kafka_acls import read_principals
from tidewaiter.cli import insight_process
from tidewaiter.cli.lag import services_of
from tidewaiter.cli.worker import TOPICS as READ_BY_THE_SCREENER
from tidewaiter.inspection.story import TOPICS as READ_BY_INSPECTORS
from tidewaiter.resources import acls_file
from tidewaiter.settings import Settings
from tidewaiter.wire.columns import COLUMNS
from tidewaiter.wire.topics import (
    ALL,
    DEAD_LETTERS,
    DECISIONS,
    HOLD_ORDERS,
    PARCEL_EVENTS,
    RESCREENS,
    SHADOW_FINDINGS,
    SURGE_ALERTS,
)

GROUP = Settings.model_fields["kafka_group"].default
LISTED = read_principals(acls_file(), GROUP)
PRINCIPALS = {one.name: one for one in LISTED}
_ON_TOPICS = ("read", "write", "create", "describe")


def may(name: str, operation: str) -> set[str]:
    return set(getattr(PRINCIPALS[name], operation))


def test_every_permission_is_on_a_topic_that_there_is() -> None:
    created = {
        one["name"] for one in yaml.safe_load((ROOT / "deploy/kafka/topics.yaml").read_text())["topics"]
    }
    assert len(PRINCIPALS) == len(LISTED)
    for one in LISTED:
        assert {topic for operation in _ON_TOPICS for topic in may(one.name, operation)} <= created, one.name
    assert may("administrator", "create") == may("administrator", "describe") == created == ALL


def test_the_screener_may_do_what_its_code_does() -> None:
    assert may("screener", "read") == {*READ_BY_THE_SCREENER, *kafka_past.TOPICS}
    assert may("screener", "write") == {DECISIONS, HOLD_ORDERS, DEAD_LETTERS, RESCREENS, SHADOW_FINDINGS}
    assert may("screener", "groups") == {GROUP}
    (prefix,) = may("screener", "transactional_id_prefixes")
    assert GroupMember(GROUP, "0", ()).transactional_id.removeprefix(prefix) == "0"


def test_readers_read_in_the_groups_of_their_code() -> None:
    assert may("archive", "read") == set(COLUMNS)
    assert may("archive", "watched_groups") == {kafka_feed._SETTINGS["group.id"]}
    assert may("inspector", "read") == set(READ_BY_INSPECTORS)
    assert may("inspector", "watched_groups") == {kafka_reader._settings("read_committed")["group.id"]}


def test_lag_reads_what_the_readers_read_and_watches_their_groups() -> None:
    readers = services_of(Settings())
    read = {topic for one in readers for topic in one.topics}
    assert may("lag", "read") == read | set(COLUMNS)
    assert may("lag", "watched_groups") == {*(one.group for one in readers), kafka_lag._NO_GROUP}
    assert not may("lag", "write") | may("lag", "groups")


def test_insight_reads_counts_and_warns_in_its_own_group() -> None:
    topics = insight_process.TOPICS
    assert may("insight", "read") == {*topics.read, topics.bundles, topics.table}
    assert may("insight", "write") == {topics.bundles, topics.table, SURGE_ALERTS}
    assert may("insight", "groups") == {insight_process.group_of(Settings())}


def test_carriers_learn_neither_rule_nor_list() -> None:
    assert may("carrier", "read") == {DECISIONS}
    assert may("carrier", "write") == {PARCEL_EVENTS}


def test_only_the_screener_decides_and_only_it_has_transactions() -> None:
    for wanted in (DECISIONS, HOLD_ORDERS, DEAD_LETTERS, SHADOW_FINDINGS):
        assert [name for name in PRINCIPALS if wanted in may(name, "write")] == ["screener"]
    assert [one.name for one in LISTED if one.transactional_id_prefixes] == ["screener"]


def test_no_topic_lacks_a_writer_or_a_reader() -> None:
    for operation in ("read", "write"):
        assert set().union(*(may(name, operation) for name in PRINCIPALS)) == ALL
