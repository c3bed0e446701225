"""deploy/kafka/acls.yaml becomes the broker's permissions; a file that cannot be used is refused."""

from pathlib import Path

import pytest

from tidewaiter.adapters.kafka_acls import Permission, Principal, permissions, read_principals
from tidewaiter.adapters.kafka_connection import TopicsUnusable


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "acls.yaml"
    path.write_text(text)
    return path


def test_every_field_becomes_its_operations() -> None:
    everything = Principal(
        name="one",
        reason="a test",
        read=("in",),
        write=("out",),
        create=("new",),
        describe=("seen",),
        groups=("mine",),
        group_prefixes=("mine-",),
        watched_groups=("theirs",),
        transactional_id_prefixes=("tx-",),
    )
    assert permissions([everything]) == {
        Permission("one", "TOPIC", "in", "READ"),
        Permission("one", "TOPIC", "out", "WRITE"),
        Permission("one", "TOPIC", "new", "CREATE"),
        Permission("one", "TOPIC", "seen", "DESCRIBE"),
        Permission("one", "TOPIC", "seen", "DESCRIBE_CONFIGS"),
        Permission("one", "GROUP", "mine", "READ"),
        Permission("one", "GROUP", "mine-", "READ", is_prefix=True),
        Permission("one", "GROUP", "theirs", "DESCRIBE"),
        Permission("one", "TRANSACTIONAL_ID", "tx-", "WRITE", is_prefix=True),
    }


def test_the_group_of_the_settings_stands_where_the_file_says_so(tmp_path: Path) -> None:
    text = 'principals: [{name: one, reason: a test, groups: ["{group}", "{group}-insight"]}]'
    (principal,) = read_principals(written(tmp_path, text), "eu")
    assert principal.groups == ("eu", "eu-insight")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("principals: [{name: one, reason: a test, reads: [in]}]", "reads"),
        ("principals: [{name: one}]", "reason"),
        ("principals: [{name: one, reason: a test, read: in}]", "read"),
        ("principals: {", "acls.yaml"),
        ("", "acls.yaml"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line_with_the_field(
    tmp_path: Path, text: str, named: str
) -> None:
    with pytest.raises(TopicsUnusable) as refused:
        read_principals(written(tmp_path, text), "eu")
    assert named in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_permission_reads_as_a_sentence() -> None:
    assert str(Permission("one", "GROUP", "mine-", "READ", is_prefix=True)) == "one: READ on GROUP mine-*"
