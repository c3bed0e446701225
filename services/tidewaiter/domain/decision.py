"""The answer about a parcel: HOLD or RELEASE, and all that explains it."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Literal

from msgspec import Struct

from tidewaiter.domain.evidence import IdentifierHit, PartyHit
from tidewaiter.domain.finding import Finding
from tidewaiter.domain.hold import HISTORY_UNREAD, ORDERS_UNHEARD, UNHEARD, UNREAD, Hold

Outcome = Literal["RELEASE", "HOLD"]
Disposition = Literal["1C", "1A", "RFI", "RFS", "PGA", "TRADE", "SYS"]

# domain.md 2.6. A family that is not named here is examined: the strictest answer is the safe one.
_DISPOSITIONS: Mapping[str, Disposition] = {
    "WL": "1A",
    "NAR": "1A",
    "EQP": "1A",
    "DOC": "RFI",
    "PGA": "PGA",
    "ELG": "TRADE",
    "TR": "TRADE",
    "SYS": "SYS",
}
_GRAVEST_FIRST: tuple[Disposition, ...] = ("1A", "RFS", "RFI", "PGA", "TRADE", "SYS")

# What the carrier is told: never a rule or a list, only what to do (design.md, contracts).
PUBLIC_REASONS: Mapping[Disposition, str] = {
    "1C": "RELEASED",
    "1A": "EXAM_REQUIRED",
    "RFS": "SCREENING_REQUIRED",
    "RFI": "INFORMATION_REQUIRED",
    "PGA": "AGENCY_DATA_REQUIRED",
    "TRADE": "ENTRY_REQUIRED",
    "SYS": "SCREENING_PENDING",
}


class Versions(Struct, frozen=True):
    """Under what a decision was made. ``lists`` maps a list's name to the version in force."""

    ruleset: str
    policy: str
    generation: int
    lists: Mapping[str, str] = {}


class Decision(Struct, frozen=True, kw_only=True):
    """One decision. When it was made and how long it took is added at the edge: deciding has no clock."""

    decision_id: str
    event_id: str
    carrier: str
    hawb: str
    message_seq: int
    supersedes: str
    outcome: Outcome
    disposition: Disposition
    holds: tuple[Hold, ...]
    score: int
    score_band: str
    findings: tuple[Finding, ...]
    policy_rows: tuple[str, ...]
    versions: Versions
    degraded_components: tuple[str, ...]
    event_time: datetime
    port: str = ""
    is_control_sample: bool = False
    hits: tuple[PartyHit, ...] = ()
    identifiers: tuple[IdentifierHit, ...] = ()

    @property
    def is_degraded(self) -> bool:
        return bool(self.degraded_components)

    @property
    def public_reason(self) -> str:
        return PUBLIC_REASONS[self.disposition]

    @property
    def officer_reason(self) -> str:
        """One sentence for the officer: each hold with the rules behind it, and what could not be read."""
        titles = {finding.rule_id: finding.title for finding in self.findings}
        return "; ".join(f"{hold.code}: {', '.join(_behind(hold, titles))}" for hold in self.holds)


def _behind(hold: Hold, titles: Mapping[str, str]) -> Iterator[str]:
    forgotten = [basis for basis in hold.basis if basis.startswith(HISTORY_UNREAD)]
    lost = [basis for basis in hold.basis if basis.startswith((UNREAD, UNHEARD))]
    lost = [basis for basis in lost if not basis.startswith((ORDERS_UNHEARD, HISTORY_UNREAD))]
    if len(lost) + len(forgotten) < len(hold.basis):
        yield from (f"{rule} {titles.get(rule, '')}".strip() for rule in hold.rule_ids)
    if lost:
        yield f"what could not be read ({len(lost)}, see the dead letters)"
    if forgotten:
        yield "what was known of the parcel could not be read in Redis, and may have been an order to hold it"


def disposition_of(holds: tuple[Hold, ...]) -> Disposition:
    """The gravest customs code among those that the open holds map to; 1C when there are none."""
    if not holds:
        return "1C"
    codes = {disposition_of_code(hold.code) for hold in holds}
    return next((code for code in _GRAVEST_FIRST if code in codes), "1C")


def disposition_of_code(code: str) -> Disposition:
    """The customs code that a hold of this code maps to, by its family (domain.md, section 2.6)."""
    return _DISPOSITIONS.get(code.partition("-")[0], "1A")


def id_of_another_answer(first: str, superseded: str) -> str:
    """The id of an answer to a message that had another before, which is told after that of ``superseded``.

    ``first`` is the id that it would have alone. The same knowledge may come to something else under the same
    versions (an exception that begins or ends, a Redis that was emptied), versions come back, and so may an
    answer after another: whoever de-duplicates must not miss it. Nothing is told twice after one decision.
    """
    return hashlib.blake2b(f"{first}\n{superseded}".encode(), digest_size=16).hexdigest()


def decision_id(known: str, trigger: str, versions: Versions, degraded: tuple[str, ...]) -> str:
    """The same for the same parcel, message, knowledge and versions: consumers de-duplicate by it.

    ``known`` is the parcel's key and fingerprint, ``trigger`` the digest of the message answered.
    """
    text = "\n".join(
        (known, trigger, versions.ruleset, versions.policy, str(versions.generation), ",".join(degraded))
    )
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
