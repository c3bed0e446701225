"""The value of a fact as a case writes it in YAML, brought to the type that the catalogue gives it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from msgspec import structs

from tidewaiter.rules.catalogue import Record
from tidewaiter.rules.cel.clock import duration_of, timestamp_of
from tidewaiter.rules.cel.errors import EvaluationError, nearest
from tidewaiter.rules.cel.types import BOOL, DOUBLE, DURATION, DYN, INT, STRING, TIMESTAMP, CelType
from tidewaiter.rules.cel.values import Duration, Timestamp
from tidewaiter.rules.yamlfile import Entry


@dataclass(frozen=True, slots=True)
class CaseValues:
    """Reads the values that cases give facts, of CEL's types and of these record types."""

    records: Mapping[str, Record]

    def value(self, entry: Entry, kind: CelType, ordinary: object) -> object:
        """The value at ``entry`` as ``kind``. Raises RuleError where it is of another type.

        A map gives only what differs from the ordinary value; in a list, from the ordinary first element.
        """
        return self._converted(entry, entry.value(), kind, ordinary)

    def _converted(self, entry: Entry, value: object, kind: CelType, ordinary: object) -> object:
        if value is None:
            return None
        if kind.name == "list":
            return self._list(entry, value, kind, ordinary)
        if kind.name == "map":
            return self._map(entry, value, kind, ordinary)
        if kind.name in self.records:
            return self._record(entry, value, self.records[kind.name])
        convert = _SCALARS.get(kind)
        try:
            return _dynamic(value, ordinary) if convert is None else convert(value)
        except (EvaluationError, ValueError, OverflowError):
            raise entry.error(f"{entry.name}: found {value!r}, expected {kind}") from None

    def _list(self, entry: Entry, value: object, kind: CelType, ordinary: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise entry.error(f"{entry.name}: found {value!r}, expected {kind}")
        first = ordinary[0] if isinstance(ordinary, tuple) and ordinary else None
        return tuple(self._converted(entry, one, kind.parameters[0], first) for one in value)

    def _map(self, entry: Entry, value: object, kind: CelType, ordinary: object) -> dict[object, object]:
        if not isinstance(value, dict):
            raise entry.error(f"{entry.name}: found {value!r}, expected {kind}")
        usual: Mapping[object, object] = ordinary if isinstance(ordinary, Mapping) else {}
        element = kind.parameters[1]
        given = {key: self._converted(entry, one, element, usual.get(key)) for key, one in value.items()}
        return {**usual, **given}

    def _record(self, entry: Entry, value: object, record: Record) -> object:
        """The ordinary record with the fields that ``value`` gives."""
        if not isinstance(value, dict):
            raise entry.error(f"{entry.name}: found {value!r}, expected {record.name}")
        types = record.types
        for name in value:
            if name not in types:
                hint = nearest(str(name), types)
                raise entry.error(f"{entry.name}: {record.name} has no field {name!r}; {hint}")
        given = {name: self._converted(entry, one, types[name], None) for name, one in value.items()}
        return structs.replace(record.ordinary, **given)


def _dynamic(value: object, ordinary: object) -> object:
    """A value of any type, in the type that it usually has where YAML cannot tell (3 for 3.0, lists)."""
    if isinstance(value, list):
        return tuple(_dynamic(one, None) for one in value)
    if isinstance(ordinary, float) and type(value) is int:
        return float(value)
    return value


def _exactly(kind: type) -> Callable[[object], object]:
    def convert(value: object) -> object:
        if type(value) is not kind:
            raise ValueError(value)
        return value

    return convert


def _double(value: object) -> object:
    return float(value) if type(value) is int else _exactly(float)(value)


def _timestamp(value: object) -> Timestamp:
    if isinstance(value, datetime):
        return Timestamp.of(value if value.tzinfo else value.replace(tzinfo=UTC))
    return timestamp_of(str(value))


def _duration(value: object) -> Duration:
    return Duration.of(timedelta(seconds=value)) if isinstance(value, int) else duration_of(str(value))


_SCALARS: Mapping[CelType, Callable[[object], object] | None] = {
    BOOL: _exactly(bool),
    INT: _exactly(int),
    STRING: _exactly(str),
    DOUBLE: _double,
    TIMESTAMP: _timestamp,
    DURATION: _duration,
    DYN: None,
}
