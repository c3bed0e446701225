"""Which rules a parcel is excepted from: those that an officer has freed one of its parties from."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tidewaiter.domain.event import ParcelEvent
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.party import Role
from tidewaiter.matching.identity import ExactKey, person_keys

_ROLES: tuple[Role, ...] = ("shipper", "consignee")


class RuleExceptions(Protocol):
    """Remembered exceptions from rules."""

    def __len__(self) -> int: ...

    def covering(self, person_keys: Sequence[ExactKey], now: datetime) -> Mapping[str, RuleException]:
        """The exceptions that stand at ``now`` for whoever has one of the keys, by rule."""
        ...


class NoRuleExceptions:
    """Nobody is excepted from anything."""

    def __len__(self) -> int:
        return 0

    def covering(self, person_keys: Sequence[ExactKey], now: datetime) -> Mapping[str, RuleException]:  # noqa: ARG002
        """See ``RuleExceptions``."""
        return {}


def excepted_rules(event: ParcelEvent, exceptions: RuleExceptions, now: datetime) -> Mapping[str, str]:
    """The rules that the shipper or the consignee is excepted from, with what an officer is shown of it."""
    if not len(exceptions):
        return {}
    keys = [key for role, party in event.parties() if role in _ROLES for key in person_keys(party)]
    return {rule: _shown(one) for rule, one in exceptions.covering(keys, now).items()} if keys else {}


def _shown(one: RuleException) -> str:
    return f"{one.reason} ({one.author}, {one.added[:10]}, until {one.until})"
