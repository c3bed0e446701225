"""The operators that need not have all their operands: ``&&``, ``||`` and the macros over them.

An error or an unknown in one operand is absorbed when another decides the answer. Where nothing
decides, an unknown goes before an error: what is not known yet might still decide.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from tidewaiter.rules.cel.errors import EvaluationError
from tidewaiter.rules.cel.runtime import elements, truth
from tidewaiter.rules.cel.unknown import UNKNOWN, UnknownFact

Operand = Callable[[], Any]
Predicate = Callable[[Any], Any]


def every(*operands: Operand) -> bool:
    """``&&``: false if any operand is false."""
    return not _decided(operands, deciding=False)


def some(*operands: Operand) -> bool:
    """``||``: true if any operand is true."""
    return _decided(operands, deciding=True)


def _decided(operands: Iterable[Operand], deciding: bool) -> bool:
    """Whether an operand has the deciding value. If none has, raises what an operand raised."""
    error: EvaluationError | None = None
    unknown: UnknownFact | None = None
    for operand in operands:
        try:
            value = operand()
            if value is UNKNOWN:
                unknown = unknown or UnknownFact()
            elif truth(value) is deciding:
                return True
        except EvaluationError as raised:
            error = error or raised
        except UnknownFact as raised:
            unknown = unknown or raised
    kept = unknown or error
    if kept is not None:
        raise kept
    return False


def exists(range_: Any, predicate: Predicate) -> bool:
    return _decided(_applied(range_, predicate), deciding=True)


def for_all(range_: Any, predicate: Predicate) -> bool:
    return not _decided(_applied(range_, predicate), deciding=False)


def _applied(range_: Any, predicate: Predicate) -> Iterator[Operand]:
    return (partial(predicate, element) for element in elements(range_))


def exists_one(range_: Any, predicate: Predicate) -> bool:
    """Whether exactly one element satisfies it; here an error is never absorbed."""
    return len(filtered(range_, predicate)) == 1


def filtered(range_: Any, predicate: Predicate) -> tuple[Any, ...]:
    return tuple(element for element in elements(range_) if truth(predicate(element)))


def mapped(range_: Any, body: Predicate, condition: Predicate | None = None) -> tuple[Any, ...]:
    chosen = elements(range_) if condition is None else filtered(range_, condition)
    return tuple(body(element) for element in chosen)
