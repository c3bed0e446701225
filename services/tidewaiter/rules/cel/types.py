"""The types of the expression language: what a fact may be and what an expression yields."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CelType:
    """A type by name, with parameters for the three that have them (``list``, ``map``, ``type``).

    A name that begins with "$" is a type parameter of a function and never a fact's type.
    """

    name: str
    parameters: tuple["CelType", ...] = ()

    def __str__(self) -> str:
        if not self.parameters:
            return self.name
        return f"{self.name}({', '.join(map(str, self.parameters))})"

    @property
    def is_parameter(self) -> bool:
        return self.name.startswith("$")


BOOL = CelType("bool")
INT = CelType("int")
UINT = CelType("uint")
DOUBLE = CelType("double")
STRING = CelType("string")
BYTES = CelType("bytes")
NULL = CelType("null_type")
TIMESTAMP = CelType("google.protobuf.Timestamp")
DURATION = CelType("google.protobuf.Duration")
DYN = CelType("dyn")

NUMERIC = (INT, UINT, DOUBLE)
SCALARS = frozenset((BOOL, INT, UINT, DOUBLE, STRING, BYTES, TIMESTAMP, DURATION))


def list_of(element: CelType) -> CelType:
    return CelType("list", (element,))


def map_of(key: CelType, value: CelType) -> CelType:
    return CelType("map", (key, value))


def type_of(instance: CelType) -> CelType:
    """The type of a type denotation: ``int`` in ``type(1) == int`` is a ``type(int)``."""
    return CelType("type", (instance,))


LIST = list_of(DYN)
