"""A complete declaration to start from: tests change one thing in it."""

from typing import Any

import orjson

Document = dict[str, Any]


def party(name: str, country: str) -> Document:
    return {
        "name": name,
        "addr_lines": ["1188 Canal Street", "Unit 4"],
        "city": "Los Angeles",
        "region": "CA",
        "postal": "90012",
        "country": country,
        "phone": "+1 213 555 0142",
        "email": "someone@example.com",
        "account": {"number": "ACC-1", "known_consignor": True},
    }


def item() -> Document:
    return {
        "line": 1,
        "description": "women's cotton sweater, long sleeve",
        "hts10": "6110202079",
        "qty": "2",
        "unit_value": "12.50",
        "currency": "USD",
        "net_weight_kg": "0.45",
        "origin_country": "CN",
        "pga": [{"agency": "CPSC", "program": "GEN", "data_present": True}],
    }


def declaration(**changes: object) -> Document:
    """A valid CREATE; a change to None takes the field away."""
    document: Document = {
        "event_id": "01J0000000000000000000001",
        "event_type": "CREATE",
        "event_time": "2026-11-24T07:12:09.123Z",
        "schema_version": "1",
        "source_carrier": "FDX",
        "message_seq": 1,
        "hawb": "7712345678",
        "mawb": "023-12345675",
        "flight_date": "2026-11-24",
        "eta": "2026-11-24T19:40:00+08:00",
        "channel": "EXPRESS",
        "claim": "INFORMAL",
        "shipper": party("Shenzhen Bright Trading Co Ltd", "CN"),
        "consignee": party("Maria Gonzalez", "US"),
        "items": [item()],
        "pieces": 1,
        "gross_weight_kg": "1.10",
        "declared_value": "25.00",
        "currency": "USD",
    }
    document.update(changes)
    return {name: value for name, value in document.items() if value is not None}


def encoded(**changes: object) -> bytes:
    return orjson.dumps(declaration(**changes))
