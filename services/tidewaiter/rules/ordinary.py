"""An ordinary parcel, on which no rule fires: what a rule's cases on whole parcels start from."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import msgspec
from msgspec import Struct

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence, WindowTotals
from tidewaiter.domain.history import EMPTY, with_event
from tidewaiter.domain.parcel import Parcel, Trigger, parcel_of
from tidewaiter.rules.facts import ParcelFacts
from tidewaiter.rules.facts.row import Subject
from tidewaiter.rules.ruleset import Ruleset

_EVENT: Final[Mapping[str, Any]] = {
    "event_id": "ordinary",
    "event_type": "CREATE",
    "event_time": "2026-11-23T06:00:00Z",
    "schema_version": "1.0",
    "source_carrier": "FX",
    "message_seq": 1,
    "hawb": "794600000001",
    "mawb": "023-12345675",
    "export_country": "CN",
    "first_us_port": "2095",
    "entry_type": "11",
    "channel": "EXPRESS",
    "claim": "INFORMAL",
    "eta": "2026-11-24T09:00:00Z",
    "arrival_tz": "America/Chicago",
    "pieces": 1,
    "gross_weight_kg": "0.8",
    "declared_value": "48.00",
    "value_usd": "48.00",
    "currency": "USD",
    "ship_from_location": "Shenzhen",
    "shipper": {
        "name": "Shenzhen Bright Trading Co Ltd",
        "addr_lines": ["12 Keji Road"],
        "city": "Shenzhen",
        "region": "Guangdong",
        "postal": "518057",
        "country": "CN",
        "phone": "+8675586012345",
        "email": "sales@example.cn",
        "account": {"number": "A100200", "established": "2024-05-01", "type": "BUSINESS", "billing": "INVOICE"},
    },
    "consignee": {
        "name": "Dana Whitfield",
        "addr_lines": ["418 Maple Ave"],
        "city": "Columbus",
        "region": "OH",
        "postal": "43215",
        "country": "US",
        "phone": "+16145550142",
        "email": "dana.whitfield@example.org",
    },
    "items": [
        {
            "line": 1,
            "description": "Women's knitted cotton sweater",
            "hts10": "6110202079",
            "qty": "2",
            "unit_value": "24.00",
            "currency": "USD",
            "net_weight_kg": "0.7",
            "origin_country": "CN",
        }
    ],
}
_TOTALS: Final = WindowTotals(
    person_day_cents=4800,
    person_day_parcels=1,
    address_names_7d=1,
    address_names_30d=1,
    contact_parties_30d=1,
    pair_parcels_3d=1,
    account_names_30d=1,
)


class _Law(Struct, frozen=True):
    """The law of an informal express entry in November 2026, in short."""

    threshold_usd: Decimal | None = Decimal(2500)
    claim_admitted: bool = False
    mandatory: tuple[str, ...] = ("shipper.name", "shipper.address", "consignee.name", "consignee.address")
    rows: tuple[str, ...] = ()


def ordinary_event(overrides: Mapping[str, Any]) -> ParcelEvent:
    """An ordinary declaration with fields changed; maps are changed key by key, lists as a whole.

    Raises msgspec.ValidationError for a field of the wrong type.
    """
    return msgspec.convert(_changed(_EVENT, overrides), ParcelEvent, strict=False)


def _changed(fields: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(fields)
    for name, value in changes.items():
        known = fields.get(name)
        is_nested = isinstance(known, Mapping) and isinstance(value, Mapping)
        merged[name] = _changed(known, value) if is_nested else value  # type: ignore[arg-type]
    return merged


def ordinary_parcel(overrides: Mapping[str, Any]) -> Parcel:
    event = ordinary_event(overrides)
    history = with_event(EMPTY, event, b"", "ordinary")
    return parcel_of(history, Trigger(event.event_id, "ordinary", event.message_seq, event.event_time), event)


def facts_of_parcel(overrides: Mapping[str, Any], ruleset: Ruleset) -> ParcelFacts:
    """The facts of an ordinary parcel with fields changed, as the stream works them out."""
    evidence = Evidence(windows=_TOTALS)
    return ParcelFacts(Subject(ordinary_parcel(overrides), evidence, _Law(), ruleset.word_lists))
