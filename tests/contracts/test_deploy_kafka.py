"""deploy/kafka/acls.yaml gives each principal what its code uses, and nobody what is another's."""

import yaml

from tests.contracts.composition import ROOT
from tidewaiter.adapters import kafka_feed, kafka_past, kafka_reader
from tidewaiter.adapters.kafka import GroupMember
from tidewaiter.adapters.kafka_acls import read_principals
from tidewaiter.cli.worker import TOPICS as READ_BY_THE_SCREENER
from tidewaiter.inspection.story import TOPICS as READ_BY_INSPECTORS
from tidewaiter.resources import acls_file
from tidewaiter.settings import Settings
from tidewaiter.wire.columns import COLUMNS
from tidewaiter.wire.topics import ALL, DEAD_LETTERS, DECISIONS, HOLD_ORDERS, PARCEL_EVENTS, RESCREENS

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
    assert may("screener", "write") == {DECISIONS, HOLD_ORDERS, DEAD_LETTERS, RESCREENS}
    assert may("screener", "groups") == {GROUP}
    (prefix,) = may("screener", "transactional_id_prefixes")
    assert GroupMember(GROUP, "0", ()).transactional_id.removeprefix(prefix) == "0"


def test_readers_read_in_the_groups_of_their_code() -> None:
    assert may("archive", "read") == set(COLUMNS)
    assert may("archive", "groups") == {kafka_feed._SETTINGS["group.id"]}
    assert may("inspector", "read") == set(READ_BY_INSPECTORS)
    assert may("inspector", "groups") == {kafka_reader._settings("read_committed")["group.id"]}


def test_carriers_learn_neither_rule_nor_list() -> None:
    assert may("carrier", "read") == {DECISIONS}
    assert may("carrier", "write") == {PARCEL_EVENTS}


def test_only_the_screener_decides_and_only_it_has_transactions() -> None:
    for operation, wanted in (("write", DECISIONS), ("write", HOLD_ORDERS), ("write", DEAD_LETTERS)):
        assert [name for name in PRINCIPALS if wanted in may(name, operation)] == ["screener"]
    assert [one.name for one in LISTED if one.transactional_id_prefixes] == ["screener"]


def test_no_topic_lacks_a_writer_or_a_reader() -> None:
    for operation in ("read", "write"):
        assert set().union(*(may(name, operation) for name in PRINCIPALS)) == ALL
