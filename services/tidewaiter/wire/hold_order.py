"""A hold order as the inspection reads it back from the stream."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from tidewaiter.domain.decision import Disposition, Outcome
from tidewaiter.domain.hold import Hold
from tidewaiter.domain.party import Role

OrderStatus = Literal["OPEN", "WITHDRAWN"]


class SeenValue(Struct, frozen=True):
    """A fact that a rule read, and its value as it may be shown."""

    field: str
    value_masked: str


class Reason(Struct, frozen=True, kw_only=True):
    """A rule that fired, or that could not be answered."""

    rule_id: str
    title: str
    hold_code: str
    holds: bool
    weight: int
    severity: int
    unavailable: bool
    evidence: tuple[SeenValue, ...]
    basis: tuple[str, ...]
    excepted: str = ""


class MatchedToken(Struct, frozen=True):
    """A word of the party's name beside the word of the entry's."""

    query: str
    entry: str
    relation: str
    similarity: float


class MatchedEntry(Struct, frozen=True, kw_only=True):
    """A list entry that a party's name matched."""

    role: Role
    list: str
    entry_id: str
    entry_name: str
    alias: str
    score: float
    programs: tuple[str, ...] = ()
    tokens: tuple[MatchedToken, ...] = ()
    corroborated: tuple[str, ...] = ()
    contradicted: tuple[str, ...] = ()
    holds: bool = False
    excepted: str = ""


class MatchedIdentifier(Struct, frozen=True, kw_only=True):
    """A listed identifier that a party carries."""

    role: Role
    kind: str
    list: str
    entry_id: str
    entry_name: str
    programs: tuple[str, ...] = ()


class OmittedParcel(Struct, frozen=True):
    """What is known of a declaration that was too large, or nested too deep, to be quoted."""

    size: int
    sha256: str


class HoldOrder(Struct, frozen=True, kw_only=True):
    """An order as `hold-orders.v1` publishes it. ``parcel`` is the declaration with its unknown fields."""

    decision_id: str
    supersedes: str
    event_id: str
    source_carrier: str
    hawb: str
    message_seq: int
    status: OrderStatus
    priority: int
    decision: Outcome
    disposition: Disposition
    public_reason: str
    officer_reason: str
    holds: tuple[Hold, ...]
    score: int
    score_band: str
    reasons: tuple[Reason, ...]
    hits: tuple[MatchedEntry, ...] = ()
    identifiers: tuple[MatchedIdentifier, ...] = ()
    policy_version: str
    policy_rows: tuple[str, ...]
    rules_version: str
    watchlist_generation: int
    watchlist_versions: Mapping[str, str]
    degraded: bool
    degraded_components: tuple[str, ...]
    event_time: datetime
    decided_at: datetime
    latency_ms: int
    trace_id: str
    sampled_control: bool
    parcel: dict[str, Any] | None = None
    parcel_omitted: OmittedParcel | None = None

    @property
    def key(self) -> str:
        return f"{self.source_carrier}|{self.hawb}"
