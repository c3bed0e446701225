"""What an officer did about a parcel: took a hold away, placed one, or reported an examination."""

from datetime import datetime
from typing import Literal

from msgspec import Struct

ActionType = Literal["HOLD_REMOVED", "MANUAL_HOLD", "EXAM_RESULT"]
Authority = Literal["OFFICER", "DEA"]
ExamOutcome = Literal["NEGATIVE", "SEIZED", "DETAINED", "REFERRED"]


class OfficerAction(Struct, frozen=True, kw_only=True):
    """One action, as `officer-actions.v1` publishes it; ``action_id`` makes it idempotent.

    HOLD_REMOVED names the ``hold_code`` that it removes; MANUAL_HOLD may carry ``expires_at``;
    EXAM_RESULT carries the ``outcome`` (domain.md 2.5). ``authority`` is in whose name the officer acts:
    what only the DEA may remove stays under any other.
    """

    action_id: str
    action_type: ActionType
    action_time: datetime
    schema_version: str
    source_carrier: str
    hawb: str
    officer_id: str
    reason: str
    hold_code: str = ""
    decision_id: str = ""
    expires_at: datetime | None = None
    outcome: ExamOutcome | None = None
    substance: str = ""
    weight_kg: str = ""
    authority: Authority = "OFFICER"

    @property
    def key(self) -> str:
        return f"{self.source_carrier}|{self.hawb}"

    @property
    def keeps_the_parcel(self) -> bool:
        """Whether it holds by itself: an ordered hold, until it expires, or an exam that found something."""
        return self.is_a_find or self.action_type == "MANUAL_HOLD"

    @property
    def is_a_find(self) -> bool:
        """Whether it reports an exam that found something."""
        return self.action_type == "EXAM_RESULT" and self.outcome != "NEGATIVE"

    def keeps_the_parcel_at(self, moment: datetime) -> bool:
        """Whether it holds by itself, and that has not ended."""
        has_ended = self.expires_at is not None and self.expires_at <= moment
        return self.is_a_find or (self.action_type == "MANUAL_HOLD" and not has_ended)
