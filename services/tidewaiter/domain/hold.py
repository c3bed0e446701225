"""Holds are a set, not a flag: a parcel is free only when its set of open holds is empty (CAMIR 1B/1C)."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct, structs

RemovableBy = Literal["DATA", "OFFICER", "DEA"]
UNREAD: Final = "unread:"
"""How the basis begins of a hold for what a carrier sent and nobody could read."""
UNHEARD: Final = "unheard:"
"""How the basis begins of a hold for what officers sent and nobody could read, or too many to remember."""
ORDERS_UNHEARD: Final = f"{UNHEARD}order:"
"""The latter of them: an officer's order, which is known no more by itself."""
HISTORY_UNREAD: Final = f"{UNHEARD}history:"
"""Another of them: what was known of the parcel, officers' orders among it."""
BEHIND: Final = "R02:behind"
"""The basis of a hold for a later message of the parcel that waits in the lane."""
_STRICTNESS: dict[RemovableBy, int] = {"DATA": 0, "OFFICER": 1, "DEA": 2}


class Hold(Struct, frozen=True, order=True):
    """One open hold. ``severity`` is 1..5; ``basis`` names what it rests on
    ("W01:ofac-sdn/36216@shipper:0c1f5a9e": the rule, the entry, who was taken for it, and by what).

    ``removable_by`` is the least authority that may take it away: DATA means that a corrected
    declaration is enough, OFFICER and DEA that nothing but their action is.
    """

    code: str
    rule_ids: tuple[str, ...]
    severity: int
    removable_by: RemovableBy
    placed_at: datetime
    basis: tuple[str, ...] = ()
    expires_at: datetime | None = None

    @property
    def family(self) -> str:
        return self.code.partition("-")[0]

    @property
    def survives_data(self) -> bool:
        return self.removable_by != "DATA"


def joined(a: Hold, b: Hold) -> Hold:
    """Two holds of one code as one: the graver, the stricter, the earlier, the longer, on both bases.

    Commutative, associative and idempotent, so that the order in which findings come cannot matter.
    """
    return Hold(
        a.code,
        tuple(sorted({*a.rule_ids, *b.rule_ids})),
        max(a.severity, b.severity),
        max(a.removable_by, b.removable_by, key=_STRICTNESS.__getitem__),
        min(a.placed_at, b.placed_at),
        tuple(sorted({*a.basis, *b.basis})),
        None if a.expires_at is None or b.expires_at is None else max(a.expires_at, b.expires_at),
    )


def combined(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """The set of holds: one a code, in the order of their codes."""
    by_code: dict[str, Hold] = {}
    for hold in holds:
        known = by_code.get(hold.code)
        by_code[hold.code] = hold if known is None else joined(known, hold)
    if not by_code:
        return ()
    return tuple(by_code[code] for code in sorted(by_code))


def in_force(holds: Iterable[Hold], at: datetime) -> tuple[Hold, ...]:
    """Those that have not expired at the time given."""
    return tuple(hold for hold in holds if hold.expires_at is None or hold.expires_at > at)


def lasting(holds: Iterable[Hold]) -> tuple[Hold, ...]:
    """The holds that stand whatever data comes after them.

    Of manual holds only what could not be read of officers is among them: orders follow from the officers'
    actions each time, so that they end when those expire.
    """
    return tuple(left for hold in holds if hold.survives_data and (left := _without_orders(hold)))


def _without_orders(hold: Hold) -> Hold | None:
    if hold.family != "MAN":
        return hold
    return without_basis(hold, {basis for basis in hold.basis if not basis.startswith(UNHEARD)})


def without_basis(hold: Hold, removed: AbstractSet[str]) -> Hold | None:
    """What is left of a hold when an officer has set aside some of what it rests on; None if nothing."""
    left = tuple(basis for basis in hold.basis if basis not in removed)
    return structs.replace(hold, basis=left) if left else None
