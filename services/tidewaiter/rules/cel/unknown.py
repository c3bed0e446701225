"""The value of a fact whose source is unavailable, and how it spoils whatever is computed from it."""

from typing import Any, Final, NoReturn


class UnknownFact(Exception):
    """An expression needed a fact that is not available."""


class Unknown:
    """The one value UNKNOWN: any use of it but ``is`` raises UnknownFact.

    That way the compiled rule is plain Python without a test for each operand: it either finds its
    answer without the missing fact or stops at the first use of it, and only then is it evaluated
    again with CEL's absorbing ``&&`` and ``||``. Compare with ``is``, never with ``==``.
    """

    __slots__ = ()

    def _refuse(self, *_operands: object) -> NoReturn:
        raise UnknownFact

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse
    __truediv__ = __rtruediv__ = __mod__ = __rmod__ = __neg__ = _refuse
    __bool__ = __len__ = __iter__ = __contains__ = __getitem__ = _refuse

    def __hash__(self) -> int:
        raise UnknownFact

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # copy, pickle and inspection ask for these: they are not there
            raise AttributeError(name)
        raise UnknownFact

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __reduce__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
