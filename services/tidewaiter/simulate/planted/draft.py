"""What a planted case is made of: declarations with the truth about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tidewaiter.simulate.chance import Chance
from tidewaiter.simulate.declaration import Desk, Slot
from tidewaiter.simulate.places import Fields
from tidewaiter.simulate.planted.usable import Usable


@dataclass(frozen=True, slots=True)
class Truth:
    """What is to be found in an event.

    The case is found when **any** of ``expected_codes`` (hold or score codes) comes out; ``must_hold`` says
    whether the event must be held, and not only scored. Of an innocent case nothing may hold. The events of
    a crowd, of which only the last go too far, have one ``group``: it is found by any of its members.
    """

    case: str
    family: str
    expected_codes: tuple[str, ...] = ()
    must_hold: bool = False
    innocent: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A declaration that is to be sent as CREATE, and perhaps again, changed, as UPDATE."""

    declaration: Fields
    truth: Truth
    resend: "Draft | None" = None


@dataclass(frozen=True, slots=True)
class Scene:
    """What cases are made with: a desk for ordinary parts, chance of their own, entries of lists."""

    desk: Desk
    chance: Chance
    listed: Usable

    def ordinary(self, slot: Slot, **changes: object) -> Fields:
        """An ordinary declaration with some fields changed; a field set to None is left out."""
        changed = self.desk.ordinary(slot) | changes
        return {name: value for name, value in changed.items() if value is not None}


def group_of(slots: Sequence[Slot]) -> str:
    """The name of the crowd that has these slots, which no crowd of another day has."""
    return f"{slots[0].at:%Y-%m-%d}-from-{slots[0].position}"


Make = Callable[[Scene, Sequence[Slot]], Sequence[Draft]]


@dataclass(frozen=True, slots=True)
class Case:
    """A case of the catalogue: ``make`` turns ``size`` slots into as many drafts.

    ``needs`` names what a list must have for it, an attribute of ``Usable``; "" for nothing.
    """

    name: str
    family: str
    make: Make
    size: int = 1
    needs: str = ""


def party(declaration: Fields, role: str) -> Fields:
    """The fields of a party, to be changed in a copy."""
    found = declaration[role]
    if not isinstance(found, dict):
        raise TypeError(f"{role}: found {type(found).__name__}, expected the fields of a party")
    return dict(found)
