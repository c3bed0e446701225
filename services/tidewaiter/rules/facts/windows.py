"""Facts from the windows: how much and how many, of one person, address, contact, pair or account."""

from collections.abc import Callable
from typing import Final

from tidewaiter.domain.evidence import WindowTotals
from tidewaiter.rules.catalogue import Fact
from tidewaiter.rules.cel.types import DOUBLE, INT, CelType
from tidewaiter.rules.cel.unknown import UNKNOWN
from tidewaiter.rules.facts.row import Row, Subject


def _window(value: Callable[[WindowTotals], object]) -> Callable[[Subject], object]:
    def of(subject: Subject) -> object:
        windows = subject.evidence.windows
        return UNKNOWN if windows is None else value(windows)

    return of


def _window_row(
    name: str, type_: CelType, meaning: str, ordinary: object, value: Callable[[WindowTotals], object]
) -> Row:
    unit = "USD" if type_ is DOUBLE else ""
    return Row(Fact(name, type_, meaning, "windows", unit, may_be_unknown=True), ordinary, _window(value))


WINDOWS: Final = (
    _window_row(
        "windows.person_day_usd",
        DOUBLE,
        "value of one person's parcels on the day of entry, this one included, formal entries left out",
        48.0,
        lambda w: w.person_day_cents / 100,
    ),
    _window_row(
        "windows.person_day_parcels", INT, "number of those parcels", 1, lambda w: w.person_day_parcels
    ),
    _window_row(
        "windows.person_gifts_usd",
        DOUBLE,
        "value of one person's gifts on the day of entry, this one included; 0 for a parcel that is none",
        0.0,
        lambda w: w.person_gifts_cents / 100,
    ),
    _window_row(
        "windows.address_names_7d",
        INT,
        "different consignees at this address in 7 days",
        1,
        lambda w: w.address_names_7d,
    ),
    _window_row(
        "windows.address_names_30d",
        INT,
        "different consignees at this address in 30 days",
        1,
        lambda w: w.address_names_30d,
    ),
    _window_row(
        "windows.contact_parties_30d",
        INT,
        "different consignees with this phone or e-mail in 30 days",
        1,
        lambda w: w.contact_parties_30d,
    ),
    _window_row(
        "windows.press_parts_30d",
        INT,
        "parcels with press parts to this person in 30 days",
        0,
        lambda w: w.person_press_parts_30d,
    ),
    _window_row(
        "windows.pair_parcels_3d",
        INT,
        "parcels from this shipper to this consignee in 3 days",
        1,
        lambda w: w.pair_parcels_3d,
    ),
    _window_row(
        "windows.pair_usd_3d",
        DOUBLE,
        "value of those parcels, formal entries left out",
        48.0,
        lambda w: w.pair_cents_3d / 100,
    ),
    _window_row(
        "windows.account_names_30d",
        INT,
        "different shippers on this account in 30 days; without one on this phone, or from this IP address",
        1,
        lambda w: w.account_names_30d,
    ),
    _window_row(
        "windows.positive_exams_90d",
        INT,
        "parcels of these parties with a positive exam in 90 days",
        0,
        lambda w: w.person_positive_exams_90d,
    ),
)
