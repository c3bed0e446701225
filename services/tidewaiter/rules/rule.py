"""One rule as an analyst writes it: what it asks, what it does, and the cases that prove it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

from tidewaiter.domain.decision import disposition_of_code
from tidewaiter.domain.finding import Mode
from tidewaiter.domain.hold import RemovableBy
from tidewaiter.rules.errors import Place
from tidewaiter.rules.yamlfile import Entry

Fires = Literal["true", "false", "unknown"]

# What hold orders and decisions carry (hold-orders.v1): an order with another code could not be read again.
_CODE: Final = re.compile(r"[A-Z]{2,4}-[A-Z]{2,8}")
_LONGEST_ID, _LONGEST_TITLE = 40, 300
_SEVERITIES = (1, 5)
_PLACING = ("severity", "removable_by", "disposition")


@dataclass(frozen=True, slots=True)
class Action:
    """What a rule that fires does: hold under ``code``, or add ``weight``, or both with ``holds_when``."""

    code: str
    holds: bool
    weight: int = 0
    severity: int = 1
    removable_by: RemovableBy = "OFFICER"
    holds_when: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One example of a rule: changes to the facts of an ordinary parcel (or to its event), what comes out."""

    name: str
    fires: Fires
    facts: Mapping[str, Entry]
    place: Place
    unknown: tuple[str, ...] = ()
    parcel: Mapping[str, object] | None = None
    holds: bool | None = None
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule with its expressions as text, and where they stand in the bundle."""

    id: str
    family: str
    title: str
    rationale: str
    source: str
    when: Entry
    action: Action
    mode: Mode
    effective_from: date | None
    effective_to: date | None
    cases: tuple[Case, ...]
    entry: Entry
    holds_when: Entry | None = None

    def is_effective(self, on: date) -> bool:
        """Whether the rule is in force on a day; the last day is not included."""
        begun = self.effective_from is None or self.effective_from <= on
        return begun and (self.effective_to is None or on < self.effective_to)


_REQUIRED: Final = ("id", "title", "rationale", "source", "when", "action")
_OPTIONAL: Final = ("mode", "effective", "cases")


def read_rule(entry: Entry, family: str) -> Rule:
    """The rule that stands at ``entry``. Raises RuleError."""
    fields = entry.fields(_REQUIRED, _OPTIONAL)
    effective = fields["effective"].fields((), ("from", "to")) if "effective" in fields else {}
    first, end = (effective[name].date() if name in effective else None for name in ("from", "to"))
    if first is not None and end is not None and end <= first:
        raise effective["to"].error(f"to: found {end}, expected a day after {first}")
    fields["when"].text()
    return Rule(
        id=fields["id"].text(_LONGEST_ID),
        family=family,
        title=fields["title"].text(_LONGEST_TITLE),
        rationale=fields["rationale"].text(),
        source=fields["source"].text(),
        when=fields["when"],
        action=_action(fields["action"]),
        mode=fields["mode"].choice(get_args(Mode)) if "mode" in fields else "enforce",
        effective_from=first,
        effective_to=end,
        cases=tuple(map(_case, fields["cases"].items())) if "cases" in fields else (),
        entry=entry,
        holds_when=fields["action"].entries().get("holds_when"),
    )


def _action(entry: Entry) -> Action:
    named = entry.entries()
    if "score" in named:
        return _scoring(entry)
    fields = entry.fields(("hold", "severity", "removable_by"), ("disposition",))
    code = _code(fields["hold"])
    return Action(code, holds=True, **_placing(code, fields))  # type: ignore[arg-type]


def _code(entry: Entry) -> str:
    found = entry.text()
    if not _CODE.fullmatch(found):
        raise entry.expected("a hold code like WL-NARC")
    return found


def _scoring(entry: Entry) -> Action:
    fields = entry.fields(("score", "weight"), ("holds_when", *_PLACING))
    code, weight = _code(fields["score"]), fields["weight"].integer(1, 100)
    if "holds_when" not in fields:
        entry.fields(("score", "weight"))  # how it holds would be said in vain
        return Action(code, holds=False, weight=weight)
    entry.fields(("score", "weight", "holds_when", "severity", "removable_by"), _PLACING)
    condition = fields["holds_when"].text()
    placing = _placing(code, fields)
    return Action(code, holds=False, weight=weight, holds_when=condition, **placing)  # type: ignore[arg-type]


def _placing(code: str, fields: Mapping[str, Entry]) -> dict[str, object]:
    """How a rule holds. The code tells what that comes to; a rule may say so, too, but nothing else."""
    comes_to = disposition_of_code(code)
    if "disposition" in fields and fields["disposition"].text() != comes_to:
        raise fields["disposition"].expected(f"{comes_to}, which {code} comes to")
    return {
        "severity": fields["severity"].integer(*_SEVERITIES),
        "removable_by": fields["removable_by"].choice(get_args(RemovableBy)),
    }


def _case(entry: Entry) -> Case:
    fields = entry.fields(("name", "fires"), ("facts", "parcel", "unknown", "holds", "on"))
    if "facts" in fields and "parcel" in fields:
        raise entry.error("a case changes either facts or the parcel, not both")
    fires: dict[object, Fires] = {True: "true", False: "false", "unknown": "unknown"}
    return Case(
        name=fields["name"].text(),
        fires=fires[fields["fires"].choice((True, False, "unknown"))],
        facts=fields["facts"].entries() if "facts" in fields else {},
        place=entry.place,
        unknown=fields["unknown"].texts() if "unknown" in fields else (),
        parcel=_parcel(fields["parcel"]) if "parcel" in fields else None,
        holds=fields["holds"].flag() if "holds" in fields else None,
        on=fields["on"].date() if "on" in fields else None,
    )


def _parcel(entry: Entry) -> Mapping[str, object]:
    entry.entries()
    found = entry.value()
    return found if isinstance(found, dict) else {}
