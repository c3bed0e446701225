"""The operators that need not have all their operands: ``&&``, ``||`` and the macros over them.

An error or an unknown in one operand is absorbed when another decides the answer. Where nothing
decides, an unknown goes before an error: what is not known yet might still decide.
"""

from collections.abc import Callable
from typing import Any

from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.runtime import elements, truth
from tidewaiter.rules.cel.unknown import UnknownFact

Operand = Callable[[], Any]
Predicate = Callable[[Any], Any]


class _Absorbed:
    """The first error and the first unknown met so far, and whether either was."""

    __slots__ = ("error", "unknown")

    def __init__(self) -> None:
        self.error: EvaluationError | None = None
        self.unknown: UnknownFact | None = None

    def decides(self, operand: Operand, deciding: bool) -> bool:
        """Whether ``operand`` has the deciding value; what it raises is kept."""
        try:
            return truth(operand()) is deciding
        except EvaluationError as error:
            self.error = self.error or error
        except UnknownFact as unknown:
            self.unknown = self.unknown or unknown
        return False

    def released(self) -> None:
        """Raises what was kept."""
        kept = self.unknown or self.error
        if kept is not None:
            raise kept


def every(*operands: Operand) -> bool:
    """``&&``: false if any operand is false."""
    return not _any_is(operands, False)


def some(*operands: Operand) -> bool:
    """``||``: true if any operand is true."""
    return _any_is(operands, True)


def _any_is(operands: tuple[Operand, ...], deciding: bool) -> bool:
    absorbed = _Absorbed()
    if any(absorbed.decides(operand, deciding) for operand in operands):
        return True
    absorbed.released()
    return False


def exists(range_: Any, predicate: Predicate) -> bool:
    return some(*_applied(range_, predicate))


def for_all(range_: Any, predicate: Predicate) -> bool:
    return every(*_applied(range_, predicate))


def _applied(range_: Any, predicate: Predicate) -> list[Operand]:
    return [lambda element=element: predicate(element) for element in elements(range_)]  # type: ignore[misc]


def exists_one(range_: Any, predicate: Predicate) -> bool:
    """Whether exactly one element satisfies it; here an error is never absorbed."""
    return len(filtered(range_, predicate)) == 1


def filtered(range_: Any, predicate: Predicate) -> tuple[Any, ...]:
    return tuple(element for element in elements(range_) if truth(predicate(element)))


def mapped(range_: Any, body: Predicate, condition: Predicate | None = None) -> tuple[Any, ...]:
    chosen = elements(range_) if condition is None else filtered(range_, condition)
    return tuple(body(element) for element in chosen)
