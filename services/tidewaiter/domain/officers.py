"""What officers' actions do to a parcel's history: what they set aside, and the orders that keep it."""

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import get_args

from msgspec import structs

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.evidence import Source
from tidewaiter.domain.history import History, with_standing
from tidewaiter.domain.hold import BEHIND, ORDERS_UNHEARD, Hold, without_basis

MAX_ACTIONS = 64
_NEVER = datetime.max.replace(tzinfo=UTC)
_UNANSWERED = frozenset(f"R02:{source}" for source in get_args(Source)) | {BEHIND}
# 1B "released after intensive exam" answers what 1A asked for, not missing data or a wrong entry type.
ANSWERED_BY_EXAM = frozenset({"WL", "NAR", "EQP", "ADR", "SHP", "VAL", "LNK", "RND", "MAN"})


def with_action(history: History, action: OfficerAction) -> History:
    """The history with one more officer's action. Idempotent by ``action_id``."""
    if _is_known(action, history.actions):
        return history
    cleared = {*history.cleared, *_cleared_by(action, history)}
    if action.keeps_the_parcel:
        cleared.discard(f"R03:{action.action_id}")  # set aside was another one under that id
    actions = (*history.actions, action)
    folded = structs.replace(
        history,
        actions=actions,
        cleared=tuple(sorted(cleared)),
        unread=_still_unread(history.unread, cleared),
    )
    return folded if len(actions) <= MAX_ACTIONS else _without_hindmost(folded, action.action_time)


def _still_unread(unread: tuple[Hold, ...], cleared: AbstractSet[str]) -> tuple[Hold, ...]:
    """Less what was set aside of it; where that is all, as it was: the parcel has turned up all the same."""
    left = [without_basis(hold, cleared) for hold in unread]
    return tuple(hold for hold in left if hold) or unread


def _is_known(action: OfficerAction, actions: tuple[OfficerAction, ...]) -> bool:
    """Whether it was heard before. One that holds is heard under the id of another action, too, since its
    parcel would go free; any other repeats what bears its id.
    """
    same = [known for known in actions if known.action_id == action.action_id]
    return action in same or (bool(same) and not action.keeps_the_parcel)


def _without_hindmost(history: History, now: datetime) -> History:
    """The history less one action: the oldest that holds nothing, else what expires first. That one still
    holds, and nobody would know what has to be set aside: in its place stands a hold without end.
    """

    def holds(one: OfficerAction) -> bool:
        return one.keeps_the_parcel_at(now) and f"R03:{one.action_id}" not in history.cleared

    spared = min(
        history.actions, key=lambda one: (holds(one), one.keeps_the_parcel, one.expires_at or _NEVER)
    )
    left = structs.replace(history, actions=tuple(one for one in history.actions if one is not spared))
    if not holds(spared):
        return left
    basis = f"{ORDERS_UNHEARD}{spared.action_id}"
    return with_standing(left, Hold("MAN-OFF", ("R03",), 4, "OFFICER", spared.action_time, (basis,)))


def _cleared_by(action: OfficerAction, history: History) -> frozenset[str]:
    """The bases that an action sets aside: of the code removed, or those that a negative exam answers.

    Of an action that names the decision before the officer, no more than that one showed: what was found
    since, or while Redis was out, the officer has not seen. A decision that is not remembered showed nothing.

    A hold that only the DEA may remove (press, die: 21 CFR 1310) stays unless it acts in the DEA's name. One
    for a source without answer stays until it answers: its basis set aside, no later outage would hold. Nor
    does anybody but a message that waits lift the hold for it.
    """
    holds = [hold for hold in history.open_holds if hold.removable_by != "DEA" or action.authority == "DEA"]
    if action.action_type == "HOLD_REMOVED":
        codes = {hold.code for hold in holds if action.hold_code in (hold.code, "ALL")}
    elif action.action_type == "EXAM_RESULT" and action.outcome == "NEGATIVE":
        codes = {hold.code for hold in holds if hold.family in ANSWERED_BY_EXAM}
    else:
        codes = set()
    cleared = frozenset(basis for hold in holds if hold.code in codes for basis in hold.basis) - _UNANSWERED
    return cleared.intersection(history.shown.get(action.decision_id, ())) if action.decision_id else cleared
