"""What became of parcels that somebody wants to know of, held or not: their findings and their score."""

from msgspec import Struct

from tidewaiter.domain.decision import Decision


class Followed(Struct, frozen=True):
    """The findings of all decisions on a parcel, the codes that it was held under, and the greatest score."""

    rules: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    score: int = 0

    def after(self, decision: Decision) -> "Followed":
        """The same with one more decision."""
        rules = {*self.rules, *(finding.rule_id for finding in decision.findings)}
        codes = {*self.codes, *(hold.code for hold in decision.holds)}
        return Followed(tuple(sorted(rules)), tuple(sorted(codes)), max(self.score, decision.score))
