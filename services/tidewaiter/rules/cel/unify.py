"""Which type goes where: assignability and type parameters, as CEL's checker defines them."""

from tidewaiter.rules.cel.types import DURATION, DYN, NULL, SCALARS, TIMESTAMP, CelType

_NOT_NULLABLE = (SCALARS - {TIMESTAMP, DURATION}) | {CelType("type")}


class Unifier:
    """The types found so far for the type parameters of one expression."""

    def __init__(self) -> None:
        self._found: dict[CelType, CelType] = {}
        self._count = 0

    def fresh(self) -> CelType:
        self._count += 1
        return CelType(f"${self._count}")

    def instance(self, kind: CelType, names: dict[str, CelType]) -> CelType:
        """``kind`` with its declared parameters replaced by fresh ones, the same name by the same."""
        if kind.is_parameter:
            return names.setdefault(kind.name, self.fresh())
        return CelType(kind.name, tuple(self.instance(inner, names) for inner in kind.parameters))

    def resolved(self, kind: CelType) -> CelType:
        """``kind`` with what is known of its parameters put in."""
        if kind.is_parameter:
            known = self._found.get(kind)
            return kind if known is None else self.resolved(known)
        if not kind.parameters:
            return kind
        return CelType(kind.name, tuple(map(self.resolved, kind.parameters)))

    def settled(self, kind: CelType) -> CelType:
        """As ``resolved``, with ``dyn`` for what stayed open."""
        known = self.resolved(kind)
        if known.is_parameter:
            return DYN
        return CelType(known.name, tuple(map(self.settled, known.parameters)))

    def fits(self, given: tuple[CelType, ...], wanted: tuple[CelType, ...]) -> bool:
        """Whether each given type may stand where the wanted one is; keeps what was learnt only if so."""
        if len(given) != len(wanted):
            return False
        before = dict(self._found)
        if all(map(self._assign, given, wanted)):
            return True
        self._found = before
        return False

    def joined(self, one: CelType, other: CelType) -> CelType:
        """The element type of a literal that holds both: the more general, or ``dyn``."""
        if self.fits((other,), (one,)):
            return self._general(one, other)
        return DYN

    def _assign(self, given: CelType, wanted: CelType) -> bool:
        first, second = self.resolved_top(given), self.resolved_top(wanted)
        if not self._fits(first, second):
            return False
        for variable, other in ((wanted, first), (given, second)):
            self._widen(variable, other)
        return True

    def _fits(self, given: CelType, wanted: CelType) -> bool:
        if given == wanted:
            return True
        if wanted.is_parameter:
            return self._bind(wanted, given)
        if given.is_parameter:
            return self._bind(given, wanted)
        if DYN in (given, wanted):
            return True
        if NULL in (given, wanted):
            return self._nullable(wanted if given == NULL else given)
        return self._same_shape(given, wanted)

    def _widen(self, variable: CelType, other: CelType) -> None:
        """A parameter that has met two types stands for the more general: int and dyn make dyn."""
        if variable not in self._found or other.is_parameter:
            return
        while self._found[variable].is_parameter and self._found[variable] in self._found:
            variable = self._found[variable]
        if not self._found[variable].is_parameter:
            self._found[variable] = self._general(self._found[variable], other)

    def resolved_top(self, kind: CelType) -> CelType:
        """What a parameter stands for, as far as known; any other type is itself."""
        while kind in self._found:
            kind = self._found[kind]
        return kind

    def _same_shape(self, given: CelType, wanted: CelType) -> bool:
        if given.name == wanted.name == "type":
            return True
        if given.name != wanted.name or len(given.parameters) != len(wanted.parameters):
            return False
        pairs = zip(given.parameters, wanted.parameters, strict=True)
        return bool(given.parameters) and all(self._assign(one, other) for one, other in pairs)

    def _bind(self, variable: CelType, kind: CelType) -> bool:
        if self._mentions(kind, variable):
            return False
        self._found[variable] = kind
        return True

    def _mentions(self, kind: CelType, variable: CelType) -> bool:
        known = self.resolved(kind)
        return known == variable or any(self._mentions(inner, variable) for inner in known.parameters)

    @staticmethod
    def _nullable(kind: CelType) -> bool:
        """Messages, among them timestamps and durations, and abstract types take null."""
        return kind not in _NOT_NULLABLE and kind.name not in ("list", "map", "type")

    def _general(self, one: CelType, other: CelType) -> CelType:
        first, second = self.resolved(one), self.resolved(other)
        return one if self._is_at_least(first, second) else other

    def _is_at_least(self, one: CelType, other: CelType) -> bool:
        if one == DYN or one.is_parameter:
            return True
        if other == DYN or other.is_parameter:
            return False
        if one == NULL or other == NULL:
            return other == NULL
        return all(map(self._is_at_least, one.parameters, other.parameters))
