"""What a history is decided with: rulesets side by side, under the same lists and the same law."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

from msgspec import Struct

from tidewaiter.backtest.habits import reads_habits
from tidewaiter.backtest.identifiers import ListedIdentifiers
from tidewaiter.backtest.officers import Source
from tidewaiter.backtest.threshold import Watch
from tidewaiter.domain.party import Role
from tidewaiter.domain.watchlist import Entry
from tidewaiter.matching.identity import ExactKey
from tidewaiter.rules.findings import ScreeningRules
from tidewaiter.rules.policy import Policy
from tidewaiter.rules.ruleset import Ruleset
from tidewaiter.screener.evidence import ControlDraw, Lists, NameScreen
from tidewaiter.screener.habits import HabitSource
from tidewaiter.screener.in_force import InForce, Wanted
from tidewaiter.screener.names import ListedNames

_GENERATION = 1
_REPLAYED = datetime(1970, 1, 1, tzinfo=UTC)


class NoExceptions:
    """History is decided without officers' remembered exceptions: those of today are not those of then."""

    def __len__(self) -> int:
        return 0

    def covering(self, person_keys: Sequence[ExactKey], entry: Entry, now: datetime) -> None:
        """None: there are no exceptions."""


class Period(Struct, frozen=True):
    """The days that are reported, both included. Earlier ones only fill windows, later ones are left out."""

    first: date = date.min
    last: date = date.max


class Bench(Struct, frozen=True):
    """One or two rulesets, the lists and the law. ``watched`` is a rule whose facts are to be taken down, of
    one ruleset; ``then`` see ``officers.ShownThen``."""

    rulesets: tuple[ScreeningRules, ...]
    names: NameScreen
    listed: ListedIdentifiers
    policy: Policy
    draw: ControlDraw
    period: Period = Period()
    watched: str = ""
    followed: frozenset[str] = frozenset()
    then: Mapping[str, Source] = {}

    def lanes(self) -> tuple[tuple[int, ...], ...]:
        """The places of the rulesets that ask the same of every parcel, together.

        What the windows count depends on the word lists alone (parts of presses): rulesets with the same
        ones are decided on the same evidence, gathered once.
        """
        first, *others = [rules.ruleset for rules in self.rulesets]
        if others and not _has_lists_of(others[0], first):
            return ((0,), (1,))
        return (tuple(range(len(self.rulesets))),)

    def watch(self) -> Watch | None:
        """What takes down the facts of the watched rule, if there is one."""
        ruleset = self.rulesets[0].ruleset
        rule = ruleset.rule(self.watched)
        return Watch(rule, ruleset, self.policy) if rule else None

    @property
    def learns(self) -> bool:
        """Whether a rule asks for habits, which are then learned from the history."""
        return reads_habits(rules.ruleset for rules in self.rulesets)

    def in_force(self, place: int, habits: HabitSource) -> InForce:
        """What decides, for the ruleset of that place."""
        rules = self.rulesets[place]
        wanted = Wanted(_GENERATION, rules.version, 0)
        return InForce(wanted, self.names, rules, self.policy, {}, {}, timedelta.max, habits=habits)


def bench_of(rulesets: Iterable[Ruleset], entries: Iterable[Entry], policy: Policy, secret: bytes) -> Bench:
    """The bench for some rulesets and list entries; builds the name index, which takes seconds."""
    listed = tuple(entries)
    names = ListedNames(listed, (), NoExceptions(), lambda: _REPLAYED)
    return Bench(
        _beside_each_other(tuple(rulesets), policy.calendar.person_day_key),
        names,
        ListedIdentifiers(listed),
        policy,
        ControlDraw(secret),
    )


def _beside_each_other(rulesets: tuple[Ruleset, ...], person: Role) -> tuple[ScreeningRules, ...]:
    """The rulesets ready to decide; those with the word lists of the first read its facts."""
    first, *others = rulesets
    known = ScreeningRules(first, person=person)
    return known, *(
        ScreeningRules(one, known if _has_lists_of(one, first) else None, person) for one in others
    )


def _has_lists_of(one: Ruleset, other: Ruleset) -> bool:
    return dict(one.bundle.word_lists) == dict(other.bundle.word_lists)


def lists_in_force() -> Lists:
    """The lists as decisions name them: those of the replay, never stale."""
    return Lists(_GENERATION)
