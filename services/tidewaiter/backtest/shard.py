"""The replay of some parcels with all of their records: first everything is asked, then it is decided."""

from collections import deque
from collections.abc import Container, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from msgspec import Struct, structs

from tidewaiter.backtest.bench import Bench, Period, lists_in_force
from tidewaiter.backtest.followed import Followed
from tidewaiter.backtest.habits import ReplayedHabits, sighted
from tidewaiter.backtest.identifiers import ListedIdentifiers
from tidewaiter.backtest.officers import ShownThen
from tidewaiter.backtest.stamps import FAR_MS
from tidewaiter.backtest.tally import Tally
from tidewaiter.backtest.threshold import Seen
from tidewaiter.backtest.windows import Answers
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.features import Features
from tidewaiter.domain.history import EMPTY
from tidewaiter.domain.lookup import Answer, Lookup, Standing
from tidewaiter.insight.sighting import Sighting
from tidewaiter.screener.asking import Terms, ask_again, examinations, first_question
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided, Deciding, match_names
from tidewaiter.screener.habits import HabitSource
from tidewaiter.screener.questions import Question
from tidewaiter.screener.reading import read
from tidewaiter.screener.replies import rescreen
from tidewaiter.stream.record import Record
from tidewaiter.wire.history import decode, encode
from tidewaiter.wire.instant import from_ms
from tidewaiter.wire.topics import RESCREENS

Answered = tuple[Standing, Answers]
AskedOfLane = list[tuple[Lookup, ...]]
_NOTHING: Answered = ("new", ())
_Cases = tuple[Case, ...]
"""What a record opens: a case and, where it came under another parcel's key, that of the lane."""


class Asked(Struct, frozen=True):
    """What some records ask of the windows, by lane and record, and what they count for in habits."""

    lanes: list[AskedOfLane]
    seen: list[Sighting]


class Account(Struct):
    """What a replay came to: a tally a ruleset, the examinations of the days reported, and the records
    without a parcel.

    ``seen`` has for each parcel what the watched rule read, where one is watched; ``followed`` what was found
    of those that are.
    """

    tallies: list[Tally]
    examined: dict[str, str] = {}
    seen: dict[str, list[Seen]] = {}
    followed: dict[str, Followed] = {}
    unreadable: int = 0

    @classmethod
    def empty(cls, bench: Bench) -> "Account":
        return cls([Tally() for _ in bench.rulesets])

    def merge(self, other: "Account") -> None:
        """Add the account of other parcels."""
        for mine, theirs in zip(self.tallies, other.tallies, strict=True):
            mine.merge(theirs)
        self.examined.update(other.examined)
        self.seen.update(other.seen)
        self.followed.update(other.followed)
        self.unreadable += other.unreadable


class Shard:
    """Some parcels' records in their order. ``again`` holds the keys that more than one record has.

    Decides every record as a screener whose batches hold one record would. In fuller ones what asks a second
    time sees windows in which the declarations of the whole batch are counted; what it counts itself, and
    what an exam found, is not seen by what asks once.
    """

    def __init__(self, bench: Bench, again: Container[str]) -> None:
        self.account = Account.empty(bench)
        self._period, self._names = bench.period, bench.names
        self._learns, self._habits = bench.learns, ReplayedHabits()
        self._lanes = [_Lane(bench, places, again, self._habits) for places in bench.lanes()]

    def ask(self, records: Sequence[Record]) -> Asked:
        """What the records ask and count for. Call ``decide`` with the answers, in this order."""
        opened = [self._opened(record) for record in records]
        cases = [case for both in opened for case in both]
        match_names(cases, self._names)
        others = [[tuple(map(replace, both)) for both in opened] for _ in self._lanes[1:]]
        lanes = [lane.ask(ours) for lane, ours in zip(self._lanes, (opened, *others), strict=True)]
        return Asked(lanes, [one for case in cases for one in sighted(case)] if self._learns else [])

    def decide(self, answers: Sequence[Sequence[Sequence[Answered]]], features: Features) -> None:
        """Decide the records asked for longest, with the answers of each lane and what is known of habits."""
        self._habits.learn(features)
        for lane, ours in zip(self._lanes, answers, strict=True):
            lane.decide(ours, self.account, self._period)

    def _opened(self, record: Record) -> _Cases:
        case = self._noted(read(record))
        return (case, read(_in_the_lane(case))) if case.is_foreign and case.message else (case,)

    def _noted(self, case: Case) -> Case:
        """The case; one later than the days reported without its message, so that it counts for nothing."""
        if case.message is None:
            self.account.unreadable += 1
        elif day_of(case) > self._period.last:
            return replace(case, message=None)
        elif (
            isinstance(case.message, OfficerAction)
            and case.message.outcome is not None
            and day_of(case) >= self._period.first
        ):
            self.account.examined[case.key] = case.message.outcome
        return case


class _Lane:
    """Rulesets that are decided on the same evidence."""

    def __init__(
        self, bench: Bench, places: Sequence[int], again: Container[str], habits: HabitSource
    ) -> None:
        self._places, self._again = places, again
        self._terms: Terms = bench.rulesets[places[0]]
        self._listed: ListedIdentifiers = bench.listed
        self._deciding = [
            Deciding(bench.in_force(place, habits), lists_in_force(), bench.draw, now_ms=0)
            for place in places
        ]
        self._asked: dict[str, bytes] = {}
        self._decided: list[dict[str, bytes]] = [{} for _ in places]
        self._shown = [ShownThen(bench.then) for _ in places]
        self._waiting: deque[_Cases] = deque()
        self._watch, self._followed = bench.watch(), bench.followed

    def ask(self, opened: Sequence[_Cases]) -> AskedOfLane:
        self._waiting.extend(opened)
        return [
            tuple(question.lookup for case in both for question in self._questions(case)) for both in opened
        ]

    def _questions(self, case: Case) -> list[Question]:
        case.first = first_question(case, self._terms)
        if case.first is None:
            return []
        blob = self._asked.get(case.key)
        case.answer = Answer(blob)
        ask_again([case], self._terms)
        history = case.folded_into(EMPTY if blob is None else decode(blob))
        if case.key in self._again:
            self._asked[case.key] = encode(history)
        seconds = [case.second] if case.second else []
        return [case.first, *seconds, *examinations([case], {case.key: history})]

    def decide(self, answers: Sequence[Sequence[Answered]], account: Account, period: Period) -> None:
        for each in answers:
            for case in self._waiting.popleft():  # of two the first asks nothing
                if case.first:
                    case.answer = self._answer(case.first, each[0])
                if case.second:
                    case.second_answer = self._answer(case.second, each[1])
                if case.message is not None:
                    self._decide(case, account, period)

    def _answer(self, question: Question, answered: Answered) -> Answer:
        standing, windows = answered
        return Answer(None, windows, self._listed.answers(question.lookup), standing)

    def _decide(self, case: Case, account: Account, period: Period) -> None:
        day = day_of(case)
        kept = zip(self._places, self._deciding, self._decided, self._shown, strict=True)
        for place, deciding, histories, shown in kept:
            blob = None if case.is_foreign else histories.get(case.key)
            before = EMPTY if blob is None else decode(blob)
            if period.first <= day:
                one = deciding.answered(shown.heeded(case, before), before)
                shown.note(case, one.decision.decision_id)
                is_first = not (before.last_decision_id or case.is_foreign)
                account.tallies[place].add(one, day, is_first=is_first)
                if place == 0:
                    self._take_down(one, day, account)
                after = one.history
            else:
                after = shown.heeded(case, before).folded_into(before)
            if case.key in self._again and not case.is_foreign:
                # Nothing is aborted here: what is kept until a commit would grow by every message.
                histories[case.key] = encode(structs.replace(after, unsettled=None))

    def _take_down(self, one: Decided, day: date, account: Account) -> None:
        key = one.parcel.key
        if key in self._followed:
            account.followed[key] = account.followed.get(key, Followed()).after(one.decision)
        values = self._watch.values(one) if self._watch else None
        if values is not None:
            account.seen.setdefault(key, []).append((day, values))


def _in_the_lane(case: Case) -> Record:
    """What the screener writes of a record under another parcel's key: see ``replies.rescreen``."""
    lane, record = rescreen(case, ""), case.record
    place = (RESCREENS, record.partition, record.offset)
    return Record(*place, lane.key, lane.value, lane.headers, record.timestamp_ms)


def day_of(case: Case) -> date:
    """The day, in UTC, of a record's message, and of the record where the message is dated days ahead of it;
    the first of all days where none can be read.
    """
    message, stamp = case.message, case.record.timestamp_ms
    if message is None:
        return date.min
    moment: datetime = message.action_time if isinstance(message, OfficerAction) else message.event_time
    is_ahead = stamp > 0 and moment.timestamp() * 1000 > stamp + FAR_MS
    return (from_ms(stamp) if is_ahead else moment.astimezone(UTC)).date()
