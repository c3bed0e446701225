"""An ordinary parcel, on which no rule fires, and the same with changes: what cases are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import msgspec
from msgspec import inspect

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.evidence import Evidence, WindowTotals
from tidewaiter.domain.features import Habits
from tidewaiter.domain.parcel import Parcel, Trigger
from tidewaiter.rules.cel.errors import nearest
from tidewaiter.rules.errors import Place, RuleError
from tidewaiter.rules.facts import ParcelFacts
from tidewaiter.rules.facts.habits import ORDINARY_NORM
from tidewaiter.rules.facts.row import Subject
from tidewaiter.rules.ruleset import Ruleset

# As `parcel-events.v1` has it. Names, numbers and places are invented or reserved for examples.
ORDINARY_EVENT: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "event_id": "ordinary-1",
        "event_type": "CREATE",
        "event_time": "2026-11-24T06:00:00Z",
        "schema_version": "1.0",
        "source_carrier": "FX",
        "message_seq": 1,
        "hawb": "770000000001",
        "mawb": "023-12345675",
        "export_country": "CN",
        "first_us_port": "2095",
        "arrival_time": "2026-11-24T10:00:00Z",
        "entry_type": "11",
        "channel": "EXPRESS",
        "claim": "INFORMAL",
        "shipper": {
            "name": "Shenzhen Bright Trading Co Ltd",
            "addr_lines": ["No. 88 Keji Road", "Nanshan District"],
            "city": "Shenzhen",
            "country": "CN",
            "phone": "+86 755 2660 1234",
            "email": "export@bright-trading.example",
            "account": {"number": "AC100200", "established": "2023-05-01", "type": "BUSINESS"},
        },
        "consignee": {
            "name": "Dana Whitfield",
            "addr_lines": ["1180 Neil Ave"],
            "city": "Columbus",
            "region": "OH",
            "postal": "43201",
            "country": "US",
            "phone": "+1 614 299 0142",
            "email": "dana.whitfield@mail.example",
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
        "pieces": 1,
        "gross_weight_kg": "0.8",
        "declared_value": "48.00",
        "currency": "USD",
        "value_usd": "48.00",
        "ship_from_location": "Shenzhen, CN",
    }
)

_FIRST_YEAR, _LAST_YEAR = 1900, 2199  # parcel-events.v1
_EVENT_TYPE: Final = inspect.type_info(ParcelEvent)  # takes 0.4 ms, and a bundle has cases by the hundred


@dataclass(frozen=True, slots=True)
class OrdinaryLaw:
    """The law that cases are judged by: an express parcel entered informally on 2026-11-24.

    Fixed here, so that a change of the policy file never changes what a bundle's cases say of its rules.
    """

    threshold_usd: Decimal | None = Decimal(2500)
    claim_admitted: bool = False
    entry_type_admitted: bool = True
    excluded: tuple[str, ...] = (
        "2203",
        "2204",
        "2205",
        "2206",
        "2207",
        "2208",
        "2401",
        "2402",
        "2403",
        "2404",
    )
    gift_limit_usd: Decimal | None = Decimal(100)
    agencies: tuple[str, ...] = ("FDA",)
    advised: tuple[str, ...] = ()
    mandatory: tuple[str, ...] = (
        "shipper.name",
        "shipper.address",
        "shipper.country",
        "consignee.name",
        "consignee.address",
        "consignee.phone|consignee.email",
        "description_raw|items.description",
        "gross_weight_kg",
        "value_usd|declared_value",
    )
    rows: tuple[str, ...] = ()


def ordinary_event(changes: Mapping[str, Any]) -> ParcelEvent:
    """The ordinary event with changes: maps and lists change only what they name, null takes away.

    Raises RuleError where a changed field is unknown to the event, of another type, or a time that no event
    has: in year 1 or 9999 it has no day in another zone, and without a zone none at all.
    """
    _refuse_unknown(changes, _EVENT_TYPE, "parcel")
    try:
        event = msgspec.convert(changed(ORDINARY_EVENT, changes), ParcelEvent)
    except msgspec.ValidationError as error:
        raise RuleError(f"parcel: {error}", Place("case")) from None
    for moment in (event.event_time, event.eta, event.arrival_time):
        if moment is not None and (not moment.tzinfo or not _FIRST_YEAR <= moment.year <= _LAST_YEAR):
            expected = f"a time with its zone, from {_FIRST_YEAR} to {_LAST_YEAR}"
            raise RuleError(f"parcel: found {moment}, expected {expected}", Place("case"))
    return event


def _refuse_unknown(given: object, kind: inspect.Type, name: str) -> None:
    """Carriers' messages may have fields that nobody knows; a change to one would change nothing."""
    if isinstance(kind, inspect.UnionType):
        kind = next((one for one in kind.types if isinstance(one, inspect.StructType)), kind)
    if isinstance(kind, inspect.VarTupleType) and isinstance(given, list):
        for one in given:
            _refuse_unknown(one, kind.item_type, name)
    if not isinstance(kind, inspect.StructType) or not isinstance(given, Mapping):
        return
    types = {field.encode_name: field.type for field in kind.fields}
    for field, value in given.items():
        if field not in types:
            hint = nearest(str(field), types) or f"known are {', '.join(types)}"
            raise RuleError(f"{name}: unknown field {field!r}; {hint}", Place("case"))
        _refuse_unknown(value, types[field], str(field))


def ordinary_facts(changes: Mapping[str, Any], ruleset: Ruleset) -> ParcelFacts:
    """The facts of the ordinary parcel with changes to its event, as on the stream."""
    event = ordinary_event(changes)
    parcel = Parcel(
        event.key, "DECLARED", event, Trigger(event.event_id, "", event.message_seq, event.event_time)
    )
    return ParcelFacts(Subject(parcel, ORDINARY_EVIDENCE, OrdinaryLaw(), ruleset.word_lists))


ORDINARY_EVIDENCE: Final = Evidence(
    windows=WindowTotals(
        person_day_cents=4_800,
        person_day_parcels=1,
        address_names_7d=1,
        address_names_30d=1,
        contact_parties_30d=1,
        pair_cents_3d=4_800,
        pair_parcels_3d=1,
        account_names_30d=1,
    ),
    habits=Habits(goods=ORDINARY_NORM),
)
"""What is looked up of the ordinary parcel: no hits, itself alone in every window, nothing unusual."""


def changed(usual: Any, change: Any) -> Any:
    """``usual`` with ``change``: maps change what they name; a list of maps is one of changed first ones."""
    if isinstance(usual, Mapping) and isinstance(change, Mapping):
        known = usual.keys() | change.keys()
        return {
            name: changed(usual.get(name), change[name]) if name in change else usual[name] for name in known
        }
    if isinstance(usual, list) and usual and isinstance(usual[0], Mapping) and isinstance(change, list):
        return [changed(usual[min(place, len(usual) - 1)], one) for place, one in enumerate(change)]
    return change
