"""The names of the topics, and the published schema of what each of them carries."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

PARCEL_EVENTS: Final = "parcel-events"
OFFICER_ACTIONS: Final = "officer-actions"
RESCREENS: Final = "parcel-rescreens"
DECISIONS: Final = "parcel-decisions"
HOLD_ORDERS: Final = "hold-orders"
DEAD_LETTERS: Final = "parcel-events-dlq"
SHADOW_FINDINGS: Final = "shadow-findings"
SURGE_ALERTS: Final = "surge-alerts"
INSIGHT_SIGHTINGS: Final = "insight-sightings"
INSIGHT_DAYS: Final = "insight-days"

SCHEMAS: Final[Mapping[str, str]] = MappingProxyType(
    {
        PARCEL_EVENTS: "parcel-events.v1",
        OFFICER_ACTIONS: "officer-actions.v1",
        RESCREENS: "parcel-rescreens.v1",
        DECISIONS: "parcel-decisions.v1",
        HOLD_ORDERS: "hold-orders.v1",
        DEAD_LETTERS: "dead-letter.v1",
        SHADOW_FINDINGS: "shadow-findings.v1",
        SURGE_ALERTS: "surge-alerts.v1",
    }
)
TRANSACTIONAL: Final = (
    PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS, DECISIONS, HOLD_ORDERS, DEAD_LETTERS, SHADOW_FINDINGS,
)  # fmt: skip
"""Where a transaction that stays open keeps somebody waiting: screener, carriers, officers, archive."""
INTERNAL: Final = frozenset((INSIGHT_SIGHTINGS, INSIGHT_DAYS))
"""What a service writes for itself alone; no published schema, nothing for others to rely on."""
ALL: Final = SCHEMAS.keys() | INTERNAL
