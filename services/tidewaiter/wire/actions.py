"""`officer-actions`: what officers did about parcels."""

from functools import cache

import orjson

from tidewaiter.domain.action import OfficerAction
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.given_fields import given_fields
from tidewaiter.wire.identity import Named, misplaced
from tidewaiter.wire.malformed import Malformed


def decode(value: bytes) -> OfficerAction | Malformed:
    """The action that the bytes of a record say, or why they say none. Never raises on any bytes."""
    return _contract().read(value)


def encode(action: OfficerAction) -> bytes:
    """The record's value: what is given, in the order of the fields."""
    return orjson.dumps(given_fields(action))


def key_problem(key: bytes | None, action: OfficerAction) -> Malformed | None:
    """None if the record's key is ``carrier|hawb`` of its body, as it must be."""
    if key == action.key.encode():
        return None
    return misplaced(key, Named(action.source_carrier, action.hawb, event_id=action.action_id))


@cache
def _contract() -> Contract[OfficerAction]:
    return Contract("officer-actions.v1", OfficerAction)
