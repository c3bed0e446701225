"""A message that comes again gets the same bytes while that is what was told last, else an answer under an id
of its own, which nobody who drops what was seen can miss."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from msgspec import structs

from tests.unit.rules.test_exceptions import Excepted
from tests.unit.screener.desk import (
    LISTED_PARTY,
    LISTING,
    PHONE,
    Desk,
    another_parcel,
    event,
    in_force,
    shipped_rules,
)
from tests.unit.screener.test_degraded import LONG_ENOUGH, aged, back, is_ready_within, stale_desk
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.features import USUAL, Habits, TextSpread
from tidewaiter.domain.party import Party
from tidewaiter.matching.identity import person_keys
from tidewaiter.screener.habits import FixedHabits
from tidewaiter.screener.in_force import InForce
from tidewaiter.wire.topics import RESCREENS

SOMEBODY = Party("Dana Whitfield", phone="+1 614 299 0142", country="US")
EXCEPTION = RuleException("1", "D01", "known", "officer-7", "2026-11-01", "2027-01-01T00:00:00+00:00")
EXCEPTED = Excepted(dict.fromkeys(person_keys(SOMEBODY), EXCEPTION))
VAGUE = [{"description": "Gifts", "hts10": "6110202079", "origin_country": "CN"}]


@dataclass
class Turns:
    """What is in force, turned from one to another before each message; another parcel comes in between."""

    kinds: Sequence[InForce]
    told: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = 0
        self.desk = Desk(lambda wanted: structs.replace(self.kinds[self.at], wanted=wanted))

    def turn(self, at: int, *documents: Mapping[str, object]) -> None:
        self.at = at
        self.desk.source.local_version += 1
        self.desk.events(another_parcel())
        self.desk.clock.ms += 1_000
        for document in documents:
            self.told += self.desk.events(document).decisions

    @property
    def heard(self) -> list[str]:
        """What somebody hears who drops what bears an id that was heard before."""
        return [str(one["decision"]) for one in {one["decision_id"]: one for one in self.told}.values()]


def vague(seq: int = 1, event_type: str = "CREATE", **changes: Any) -> dict[str, Any]:
    somebody = {**event()["consignee"], "name": SOMEBODY.name, "phone": SOMEBODY.phone}
    return event(seq, event_type, items=VAGUE, consignee=somebody, **changes)


def exceptions() -> Sequence[InForce]:
    """Without an exception, and with one."""
    return in_force(), structs.replace(in_force(), rule_exceptions=EXCEPTED)


def test_what_comes_to_a_hold_and_a_release_in_turns_is_heard_each_time() -> None:
    turns = Turns(exceptions())
    for at in (0, 1, 0, 1, 0):
        turns.turn(at, vague())
    assert turns.heard == ["HOLD", "RELEASE", "HOLD", "RELEASE", "HOLD"]
    assert_one_chain(turns.told)


def test_what_was_told_between_by_another_message_is_heard_too() -> None:
    turns = Turns(exceptions())
    first, second = vague(1), vague(2, "UPDATE", pieces=2)
    turns.turn(0, first, second)
    turns.turn(1, first)
    turns.turn(0, second)
    assert turns.heard == ["HOLD", "HOLD", "RELEASE", "HOLD"]
    assert_one_chain(turns.told)


def test_what_is_held_for_one_thing_more_is_told_anew() -> None:
    """The inspection, too, drops what it has seen."""
    desk, held = Desk(), event(1, shipper={**LISTED_PARTY, "phone": PHONE[1]}, export_country="MT")
    first = desk.events(held)
    desk.source.listed[PHONE] = (LISTING,)
    again = [desk.events(held) for _ in range(2)]
    assert (first.codes, again[0].codes) == (["WL-NARC"], ["WL-ID", "WL-NARC"])
    told = [*first.decisions, *again[0].decisions]
    assert told[0]["decision_id"] != told[1]["decision_id"]
    assert_one_chain(told)
    assert [one.value for one in again[0].outgoing] == [one.value for one in again[1].outgoing]


def test_a_message_under_another_key_and_the_same_under_its_own_get_two_answers() -> None:
    """They are of two times, the record's and the message's."""
    desk = Desk()
    desk.events(event(1))
    astray = desk.answers(desk.record(orjson.dumps(event(1)), key="FX|770000000009"))
    lane = desk.answers(*(desk.again(one) for one in astray.of(RESCREENS)))
    again = desk.events(event(1))
    assert (lane.codes, again.codes) == (["DOC-IDFMT"], ["DOC-IDFMT"])
    assert again.decisions[0]["supersedes"] == lane.decisions[0]["decision_id"]


def test_habits_that_come_and_go_give_another_answer_each_time() -> None:
    spread = Habits(text=TextSpread(400, 400))
    kinds = [structs.replace(in_force(), habits=FixedHabits(habits)) for habits in (USUAL, spread)]
    turns = Turns(kinds)
    for at in (0, 1, 0, 1):
        turns.turn(at, event(1))
    assert len(turns.heard) == 4
    assert_one_chain(turns.told)


def test_rules_that_are_rolled_back_give_another_answer_than_before() -> None:
    turns = Turns((in_force(), structs.replace(in_force(), ruleset=Renamed(shipped_rules()))))
    for at in (0, 1, 0):
        turns.turn(at, event(1))
    assert len(turns.heard) == 3
    assert_one_chain(turns.told)


def test_messages_that_are_repeated_in_turns_are_one_chain() -> None:
    desk = Desk()
    messages = (event(1), event(2, "UPDATE", pieces=2))
    told = [one for _ in range(3) for message in messages for one in desk.events(message).decisions]
    told += desk.events(event(3, "UPDATE", pieces=3)).decisions
    assert_one_chain(told)


def test_a_message_that_was_held_while_redis_was_out_is_released_for_all_to_hear() -> None:
    """It had been released before, under an id that was seen."""
    desk = Desk()
    told = desk.events(event(1)).decisions
    desk.source.reason = "Redis: no answer"
    blind = desk.answers(desk.event(event(1)), waited=LONG_ENOUGH)
    back(desk)
    known = desk.answers(*(desk.again(one) for one in blind.of(RESCREENS)))
    told += [*blind.decisions, *known.decisions]
    assert [one["decision"] for one in {one["decision_id"]: one for one in told}.values()] == [
        "RELEASE",
        "HOLD",
        "RELEASE",
    ]
    assert told[2]["supersedes"] == told[1]["decision_id"]


def test_a_message_that_was_held_for_a_list_too_old_is_released_for_all_to_hear() -> None:
    desk = stale_desk()
    desk.clock.ms -= 49 * 3_600_000
    told = desk.events(event(1)).decisions
    aged(desk)
    stale = [desk.events(event(2, "UPDATE", pieces=2)), desk.events(event(1))]
    desk.source.confirmed = 1
    assert is_ready_within(desk, seconds=3)
    lane = [desk.again(one) for answers in stale for one in answers.of(RESCREENS)]
    told += [one for answers in (*stale, desk.answers(*lane)) for one in answers.decisions]
    assert [one["decision"] for one in told] == ["RELEASE", "HOLD", "HOLD", "HOLD", "RELEASE"]
    assert_one_chain(told)


def test_an_answer_that_was_aborted_and_comes_to_something_else_supersedes_what_was_told() -> None:
    turns = Turns(exceptions())
    turns.turn(0, vague())
    turns.turn(1)
    repeated = turns.desk.event(vague())
    turns.desk.answers(repeated)
    turns.turn(0)
    turns.told += turns.desk.answers(repeated).decisions
    assert {one["supersedes"] for one in turns.told} <= {"", turns.told[0]["decision_id"]}
    assert all(one["supersedes"] != one["decision_id"] for one in turns.told)


class Renamed:
    """The same rules under another version."""

    version = "another"

    def __init__(self, rules: Any) -> None:
        self._rules = rules

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rules, name)


def assert_one_chain(told: Sequence[Mapping[str, Any]]) -> None:
    """Every decision names the one before it, and one that comes again is the same in all."""
    seen: dict[str, Mapping[str, Any]] = {}
    for one in told:
        assert seen.setdefault(one["decision_id"], one) == one
    assert [one["supersedes"] for one in seen.values()] == ["", *list(seen)[:-1]]
