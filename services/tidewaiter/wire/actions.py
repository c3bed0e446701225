"""`officer-actions`: what officers did about parcels."""

from functools import cache

import orjson

from tidewaiter.domain.action import OfficerAction
from tidewaiter.wire.contract import Contract
from tidewaiter.wire.given_fields import given_fields
from tidewaiter.wire.identity import Named, displaced, misplaced
from tidewaiter.wire.malformed import Malformed


def decode(value: bytes) -> OfficerAction | Malformed:
    """The action that the bytes of a record say, or why they say none. Never raises on any bytes."""
    return _contract().read(value)


def encode(action: OfficerAction) -> bytes:
    """The record's value: what is given, in the order of the fields."""
    return orjson.dumps(given_fields(action))


def key_problem(key: bytes | None, action: OfficerAction, *, is_displaced: bool = False) -> Malformed | None:
    """None if the record's key is ``carrier|hawb`` of its body, as it must be, and lies where it belongs."""
    is_own = key == action.key.encode()
    if is_own and not is_displaced:
        return None
    body = Named(action.source_carrier, action.hawb, event_id=action.action_id)
    return displaced(body) if is_own else misplaced(key, body)


@cache
def _contract() -> Contract[OfficerAction]:
    return Contract("officer-actions.v1", OfficerAction)
