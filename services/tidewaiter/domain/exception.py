"""Remembered exceptions: parties whom an officer has freed from one rule for a time."""

from msgspec import Struct


class RuleException(Struct, frozen=True):
    """A party's exception from a rule, by its own number. Times are ISO 8601 in UTC; it ends at ``until``.

    Whom it is about is not told here: stores keep it under tokens of the party's keys.
    """

    number: str
    rule_id: str
    reason: str
    author: str
    added: str
    until: str

    def stands(self, now: str) -> bool:
        """Whether it has not ended at ``now`` (ISO, UTC)."""
        return now < self.until
