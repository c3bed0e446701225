"""The permissions of deploy/kafka/acls.yaml: read, compared with what the broker has, put in force."""

import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import (  # type: ignore[attr-defined]  # re-exported there without __all__
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)
from msgspec import Struct, ValidationError, convert

from tidewaiter.adapters.kafka_connection import (
    KafkaConnection,
    KafkaUnavailable,
    TopicsUnusable,
    admin_of,
    error_of,
    in_words,
)
from tidewaiter.rules.errors import RuleError
from tidewaiter.rules.yamlfile import read

_ANY_HOST = "*"
_EVERYTHING = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # any name, principal and host: the stubs do not know of it
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ALLOW,
)


class Principal(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom the broker knows by a name, and what it may do. ``describe`` is of topics, with their settings."""

    name: str
    reason: str
    read: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    create: tuple[str, ...] = ()
    describe: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    group_prefixes: tuple[str, ...] = ()
    watched_groups: tuple[str, ...] = ()
    transactional_id_prefixes: tuple[str, ...] = ()


class Permission(Struct, frozen=True, order=True):
    """One operation that a principal may do on one resource, or on all whose names begin so."""

    principal: str
    resource: str
    name: str
    operation: str
    is_prefix: bool = False

    def __str__(self) -> str:
        named = f"{self.name}*" if self.is_prefix else self.name
        return f"{self.principal}: {self.operation} on {self.resource} {named}"


class _AclsFile(Struct, frozen=True, forbid_unknown_fields=True):
    principals: tuple[Principal, ...]


# Field of the file -> resource, operations, whether the name is a prefix. The broker itself lets who may
# read or write also describe, and who may write to a topic also produce idempotently.
_MEANINGS: Mapping[str, tuple[str, tuple[str, ...], bool]] = {
    "read": ("TOPIC", ("READ",), False),
    "write": ("TOPIC", ("WRITE",), False),
    "create": ("TOPIC", ("CREATE",), False),
    "describe": ("TOPIC", ("DESCRIBE", "DESCRIBE_CONFIGS"), False),
    "groups": ("GROUP", ("READ",), False),
    "group_prefixes": ("GROUP", ("READ",), True),
    "watched_groups": ("GROUP", ("DESCRIBE",), False),
    "transactional_id_prefixes": ("TRANSACTIONAL_ID", ("WRITE",), True),
}


def read_principals(path: Path, group: str) -> tuple[Principal, ...]:
    """The principals of the file, ``{group}`` in it being the screener's consumer group.

    TopicsUnusable names the file and the field when it cannot be used.
    """
    try:
        text = path.read_text().replace("{group}", group)
        return convert(read(text, str(path)).value(), _AclsFile).principals
    except RuleError as error:
        raise TopicsUnusable(str(error)) from error
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise TopicsUnusable(f"{path}: {' '.join(str(error).split())}") from error


def permissions(principals: Iterable[Principal]) -> frozenset[Permission]:
    """What all of them may do, an operation each."""
    return frozenset(one for principal in principals for one in _permissions_of(principal))


class Differences(Struct, frozen=True):
    """What the broker lacks, and what it allows our principals beyond the file, each in order."""

    missing: tuple[Permission, ...]
    beyond: tuple[Permission, ...]


def acl_differences(connection: KafkaConnection, principals: Iterable[Principal]) -> Differences:
    """Compare the broker's permissions for these principals with the wanted. Changes nothing.

    Raises KafkaUnavailable, TopicsUnusable when the broker has no authorizer or refuses to tell.
    """
    known = tuple(principals)
    wanted, found = permissions(known), _found(connection, {one.name for one in known})
    return Differences(tuple(sorted(wanted - found)), tuple(sorted(found - wanted)))


def put_acls_in_force(connection: KafkaConnection, differences: Differences) -> None:
    """Allow what is missing, then take back what is beyond the file. Idempotent.

    Blocks until the broker also acts by it, which it does up to a second later. Raises as acl_differences
    does; what was done before stays done, and doing it again goes on from there.
    """
    admin, timeout = admin_of(connection), connection.request_timeout_seconds
    try:
        if differences.missing:
            created = admin.create_acls(
                [_binding(one) for one in differences.missing], request_timeout=timeout
            )
            for future in created.values():
                future.result()
        if differences.beyond:
            deleted = admin.delete_acls([_filter(one) for one in differences.beyond], request_timeout=timeout)
            for future in deleted.values():
                future.result()
    except KafkaException as exception:
        raise _refused(connection, exception) from exception
    _wait_until_in_force(connection, differences)


def _permissions_of(principal: Principal) -> Iterator[Permission]:
    for field, (resource, operations, is_prefix) in _MEANINGS.items():
        for name in getattr(principal, field):
            for operation in operations:
                yield Permission(principal.name, resource, name, operation, is_prefix)


def _found(connection: KafkaConnection, names: set[str]) -> frozenset[Permission]:
    admin = admin_of(connection)
    try:
        timeout = connection.request_timeout_seconds
        bindings = admin.describe_acls(_EVERYTHING, request_timeout=timeout).result()
    except KafkaException as exception:
        raise _refused(connection, exception) from exception
    permitted = (_permission(one) for one in bindings if one.host == _ANY_HOST)
    return frozenset(one for one in permitted if one.principal in names)


def _wait_until_in_force(connection: KafkaConnection, changed: Differences) -> None:
    missing, beyond = set(changed.missing), set(changed.beyond)
    names = {one.principal for one in missing | beyond}
    until = time.monotonic() + connection.request_timeout_seconds
    while missing - (found := _found(connection, names)) or beyond & found:
        if time.monotonic() > until:
            raise KafkaUnavailable(f"{connection.bootstrap_servers}: changed, but not acted by yet")
        time.sleep(0.05)


def _refused(connection: KafkaConnection, exception: KafkaException) -> Exception:
    error = error_of(exception)
    words = f"{connection.bootstrap_servers}: {in_words(error)}"
    return KafkaUnavailable(words) if error.retriable() else TopicsUnusable(words)


def _permission(binding: AclBinding) -> Permission:
    return Permission(
        binding.principal.removeprefix("User:"),
        ResourceType(binding.restype).name,
        binding.name,
        AclOperation(binding.operation).name,
        binding.resource_pattern_type == ResourcePatternType.PREFIXED,
    )


def _binding(one: Permission) -> AclBinding:
    return AclBinding(*_named(one), AclPermissionType.ALLOW)


def _filter(one: Permission) -> AclBindingFilter:
    return AclBindingFilter(*_named(one), AclPermissionType.ALLOW)


def _named(one: Permission) -> tuple[ResourceType, str, ResourcePatternType, str, str, AclOperation]:
    pattern = ResourcePatternType.PREFIXED if one.is_prefix else ResourcePatternType.LITERAL
    return (
        ResourceType[one.resource],
        one.name,
        pattern,
        f"User:{one.principal}",
        _ANY_HOST,
        AclOperation[one.operation],
    )
