"""The windows that parcels are counted into: what each one counts, over how many days of event time."""

from typing import Final, Literal

from msgspec import Struct

WindowName = Literal[
    "person_day",
    "address_names",
    "contact_parties",
    "person_press_parts",
    "pair_parcels",
    "account_names",
    "person_positive_exams",
    "person_gifts",
    "pair_values",
]


class Window(Struct, frozen=True):
    """A count over ``spans`` days, asked at a day D.

    ``totals`` has one span and answers (cents, parcels) of the days D - span + 1 … D + span - 1: a person-day
    is one day, and what is dated tomorrow is not in it; of a longer span what comes after D is in it, since
    parcels come out of order. ``distinct`` answers the number of different members dated later than D - span,
    one number a span: members of all days after D are in it, since a name that is known already is known. It
    saturates at about 10,000 an entity.
    ``counts`` is what is counted: carriers' declarations, or finds of officers' exams.
    """

    name: WindowName
    measure: Literal["totals", "distinct"]
    spans: tuple[int, ...]
    counts: Literal["declarations", "exams"] = "declarations"

    @property
    def days(self) -> int:
        """The longest span."""
        return max(self.spans)


WINDOWS: Final[tuple[Window, ...]] = (
    Window("person_day", "totals", (1,)),
    Window("address_names", "distinct", (7, 30)),
    Window("contact_parties", "distinct", (30,)),
    Window("person_press_parts", "distinct", (30,)),
    Window("pair_parcels", "distinct", (3,)),
    Window("account_names", "distinct", (30,)),
    Window("person_positive_exams", "distinct", (90,), "exams"),
    Window("person_gifts", "totals", (1,)),
    Window("pair_values", "totals", (3,)),
)
"""In the order of their numbers in Redis: append only, since keys carry the number. Nothing is counted into
``pair_parcels`` any more; what was is taken back there."""
