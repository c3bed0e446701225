"""A rule that fired, or could not be answered, with the values that it saw."""

from typing import Literal

from msgspec import Struct

from tidewaiter.domain.hold import RemovableBy

Mode = Literal["enforce", "shadow"]


class Seen(Struct, frozen=True):
    """A fact that a rule read, and its value as text; what could identify a person is masked."""

    fact: str
    value: str


class Finding(Struct, frozen=True):
    """One rule's answer about one parcel.

    ``weight`` is what it adds to the score (0 if it only holds); ``holds`` whether it places a hold
    under ``code``. ``is_unavailable`` says that the rule could not be answered because a source was
    out; such a finding neither holds nor scores by itself, the fail-closed rule sees it.
    ``is_tolerated`` marks an unavailable finding that the fail-closed rule passes over: nothing but habits
    was missing, to a rule that only scores; ``is_unlearned`` one of those where nobody has ever learned a
    habit: it is counted, and no officer is told. ``is_on_habits`` says that habits were read, which change
    while all versions stay. ``basis`` is what a hold of it would rest on. ``excepted`` says why an officer
    has freed a party from the rule; such a finding is shown, and neither holds nor scores.
    """

    rule_id: str
    title: str
    code: str
    mode: Mode = "enforce"
    holds: bool = False
    weight: int = 0
    severity: int = 1
    removable_by: RemovableBy = "OFFICER"
    seen: tuple[Seen, ...] = ()
    basis: tuple[str, ...] = ()
    is_unavailable: bool = False
    is_tolerated: bool = False
    is_unlearned: bool = False
    is_on_habits: bool = False
    excepted: str = ""
