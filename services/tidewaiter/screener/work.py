"""The screener's work on one batch: read, look everything up, decide, answer. First gather, then decide."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from msgspec import structs

from tidewaiter.domain.answers import settled
from tidewaiter.domain.decision import Decision
from tidewaiter.domain.history import EMPTY, History
from tidewaiter.domain.lookup import Gathered
from tidewaiter.screener import replies
from tidewaiter.screener.asking import ask_again, examinations, first_question, remembered
from tidewaiter.screener.behind import BehindInLane, note_put_into_lane
from tidewaiter.screener.case import Case
from tidewaiter.screener.deciding import Decided, Deciding, match_names
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted, named_in
from tidewaiter.screener.ports import EvidenceSource, Followed
from tidewaiter.screener.questions import Question
from tidewaiter.screener.reading import read
from tidewaiter.screener.told import ToldAnswers
from tidewaiter.stream.outcome import DeadLetter, Done, Later, Outcome, Unavailable
from tidewaiter.stream.record import Record
from tidewaiter.wire import history as history_wire
from tidewaiter.wire.topics import RESCREENS


class Clock(Protocol):
    def now_ms(self) -> int: ...
    def monotonic(self) -> float: ...


class Watcher:
    """Told what was decided and how the gathering went; metrics and logs hang on here.

    This one looks away.
    """

    def decided(self, record: Record, decision: Decision, latency_ms: int) -> None: ...
    def for_inspection(self, case: Case, one: Decided) -> None: ...
    def gathered(self, seconds: float) -> None: ...
    def degraded(self, reason: str | None) -> None: ...
    def switched(self, in_force: InForce) -> None: ...
    def refused(self, stage: str) -> None: ...
    def displaced(self, record: Record) -> None: ...
    def forget(self) -> None: ...


@dataclass(frozen=True)
class ScreeningSettings:
    """``patience_seconds`` is how long a batch waits for Redis before it is decided without."""

    patience_seconds: float = 2.0
    probe_seconds: float = 1.0


class ScreeningWork:
    """The loop's ``Work``: one outcome a record, and nothing written but what Redis remembers of parcels.

    Redis is written before the outcomes are committed. Should the commit fail, the same records come
    again, find their own traces, and get the same decisions: counting and remembering are idempotent.
    """

    def __init__(
        self,
        source: EvidenceSource,
        switch: Switch,
        draw: ControlDraw,
        clock: Clock,
        watcher: Watcher,
        settings: ScreeningSettings | None = None,
    ) -> None:
        self._source, self._switch, self._draw = source, switch, draw
        self._clock, self._watcher = clock, watcher
        self._beside = ThreadPoolExecutor(1, "lookups")
        self._settings = settings or ScreeningSettings()
        self._is_degraded = False
        self._is_lane_closed = False
        self._asked_at = float("-inf")
        self._taken_up: Wanted | None = None
        self._told, self._behind = ToldAnswers(), BehindInLane()
        self._decided_with: InForce | None = None

    def follow(self, log: Followed) -> None:
        """From now on ask there how far answers are committed, and what else waits in the lane."""
        self._told.follow(log)
        self._behind.follow(log)

    @property
    def in_force(self) -> InForce:
        """What decides now; may be read from any thread."""
        return self._switch.latest

    def ready_for(self, topic: str) -> bool:
        """The lane is read only while Redis answers and no list is too old: its records would stay.

        When no batch asks Redis it is asked here, between the polls: so a worker without parcels, too,
        learns that Redis is back, and of newer lists before its next parcel comes.
        """
        if topic != RESCREENS:
            return True
        if self._clock.monotonic() - self._asked_at >= self._settings.probe_seconds:
            self._heard(self._gather((), self._taking_up()))
        self._is_lane_closed = self._is_degraded or self._has_stale_lists()
        return not self._is_lane_closed

    def process(self, batch: Sequence[Record], waited_seconds: float) -> tuple[Outcome, ...] | Unavailable:
        """See ``stream.work.Work``."""
        self._watcher.forget()
        in_force = self._taking_up(is_waiting=waited_seconds > 0)
        cases = [read(record) for record in batch]
        if self._is_past_the_lane() and not all(case.is_again for case in cases):
            return self._still_without_redis(cases, in_force)
        outcomes = self._with_redis(cases, in_force)
        self._heard(outcomes)
        if isinstance(outcomes, Unavailable):
            self._watcher.forget()
            # The first batch waits. While Redis is known to be out no other comes here: parcels would stop.
            if waited_seconds < self._settings.patience_seconds:
                return outcomes
            self._set_degraded(outcomes.reason)
            self._told.note_blind(cases)
            return self._without_redis(cases, in_force)
        self._told.note_answered(cases)
        return outcomes

    def _is_past_the_lane(self) -> bool:
        """Whether what waits in the lane was passed over when this batch was read, and nothing would hold it
        now: Redis is back, or younger lists were taken up since.
        """
        return self._is_degraded or (self._is_lane_closed and not self._has_stale_lists())

    def _still_without_redis(self, cases: Sequence[Case], in_force: InForce) -> tuple[Outcome, ...]:
        """Held, even if Redis is back: of what was held before nothing is known there until the lane is read,
        and that comes first. A parcel's next message would be answered as its only one.
        """
        self._heard(self._gather((), in_force))
        self._told.note_unasked(cases)
        match_names(cases, in_force.names)
        return self._without_redis(cases, in_force)

    def _has_stale_lists(self) -> bool:
        now = datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC)
        return bool(self._switch.latest.lists(now).stale)

    def _taking_up(self, *, is_waiting: bool = False) -> InForce:
        """What decides now. A batch that was decided, and waits since Redis did not say that it remembers,
        keeps what it was decided with: Redis may remember, and those holds would stand beside what newer ones
        find. Not so in another life of Redis, which remembers nothing.
        """
        in_force = self._switch.current(self._clock.monotonic())
        if in_force.wanted != self._taken_up:
            self._taken_up = in_force.wanted
            self._watcher.switched(in_force)
        if not is_waiting or (self._decided_with or in_force).wanted.epoch != in_force.wanted.epoch:
            self._decided_with = None
        return self._decided_with or in_force

    def _heard(self, answer: object) -> None:
        if self._is_degraded and not isinstance(answer, Unavailable):
            self._set_degraded(None)

    def _set_degraded(self, reason: str | None) -> None:
        if self._is_degraded != (reason is not None):
            self._is_degraded = reason is not None
            self._watcher.degraded(reason)

    def _with_redis(self, cases: Sequence[Case], in_force: InForce) -> tuple[Outcome, ...] | Unavailable:
        if refusal := self._behind.note(cases):
            return refusal
        for case in cases:
            case.first = first_question(case, in_force.ruleset)
        asking = [case for case in cases if case.first is not None]
        if len(asking) < len(cases):
            note_put_into_lane(cases)
        # Redis works on the answers while the names are matched here: its 50 us a parcel are not waited for.
        answers = self._beside.submit(self._gather, [case.first for case in asking if case.first], in_force)
        match_names(cases, in_force.names)
        gathered = answers.result()
        if isinstance(gathered, Unavailable):
            return gathered
        for case, answer in zip(asking, gathered.answers, strict=True):
            case.answer = answer
        return self._ask_again(cases, in_force) or self._decide(cases, in_force)

    def _ask_again(self, cases: Sequence[Case], in_force: InForce) -> Unavailable | None:
        again = ask_again(cases, in_force.ruleset)
        if not again:
            return None
        gathered = self._gather([case.second for case in again if case.second], in_force)
        if isinstance(gathered, Unavailable):
            return gathered
        for case, answer in zip(again, gathered.answers, strict=True):
            case.second_answer = answer
        return None

    def _gather(self, asked: Sequence[Question], in_force: InForce) -> Gathered | Unavailable:
        """The answers, if they are given on the very lists that are in force here.

        A Redis that was emptied, or a replica that lags, has others or none until they are loaded again.
        """
        wanted = in_force.wanted
        self._asked_at = started = self._clock.monotonic()
        lookups = [question.lookup for question in asked]
        gathered = self._source.gather(lookups, wanted.generation, wanted.epoch)
        if isinstance(gathered, Unavailable):
            return gathered
        now = self._clock.monotonic()
        self._watcher.gathered(now - started)
        self._switch.notice(named_in(gathered), now)
        if not gathered.has_identifiers:
            return Unavailable(f"Redis: the identifiers of generation {wanted.generation} are not there")
        if gathered.epoch != wanted.epoch:
            return Unavailable("Redis: it was emptied or has fallen back, what it lost is not taken up yet")
        return gathered

    def _deciding(self, in_force: InForce) -> Deciding:
        now_ms = self._clock.now_ms()
        lists = in_force.lists(datetime.fromtimestamp(now_ms / 1000, UTC))
        return Deciding(in_force, lists, self._draw, now_ms)

    def _decide(self, cases: Sequence[Case], in_force: InForce) -> tuple[Outcome, ...] | Unavailable:
        deciding, epoch = self._deciding(in_force), in_force.wanted.epoch
        known: dict[str, History] = {}
        former: dict[str, bytes] = {}
        for case in cases:
            if case.answer.history is not None and case.key not in known:
                known[case.key] = remembered(case)
                former[case.key] = case.answer.history
        was_told = self._told.before(cases, known)
        self._told.note_decided(cases)
        self._decided_with = in_force
        histories = {key: settled(history, was_told) for key, history in known.items()}
        outcomes = [self._outcome(case, deciding, histories) for case in cases]
        counted = [question.lookup for question in examinations(cases, histories)]
        if counted and isinstance(refusal := self._source.gather(counted, 0, epoch), Unavailable):
            return refusal
        kept = history_wire.kept(histories, former)
        return self._source.remember(kept, epoch) or tuple(outcomes)

    def _outcome(self, case: Case, deciding: Deciding, histories: dict[str, History]) -> Outcome:
        if case.message is None:
            return self._set_aside(case, None)
        if case.is_foreign:
            return self._passed_on(case, deciding.answered(case, EMPTY))
        if case.is_displaced:
            return self._handed_over(case, deciding)
        one = deciding.answered(case, histories.get(case.key, EMPTY))
        has_stale_list = "lists" in one.decision.degraded_components
        if has_stale_list and case.is_again:
            return self._stays()
        histories[case.key] = one.history
        if one.order is not None:
            self._watcher.for_inspection(case, one)
        comes_again = has_stale_list or case.may_be_the_last
        return self._into_the_lane(case, one) if comes_again else self._replied(case, one)

    def _without_redis(self, cases: Sequence[Case], in_force: InForce) -> tuple[Outcome, ...]:
        deciding = self._deciding(in_force)
        return tuple(self._blind_outcome(case, deciding) for case in cases)

    def _blind_outcome(self, case: Case, deciding: Deciding) -> Outcome:
        if case.message is None:
            return self._set_aside(case, None)
        one = deciding.blind(case)
        return self._passed_on(case, one) if case.is_foreign else self._screened_again(case, one)

    def _screened_again(self, case: Case, one: Decided) -> Outcome:
        """Held, since Redis is out or a list too old; and the record once more into the lane. One that came
        from there was answered before, and stays there: written again, it would come after what came later.
        """
        return self._stays() if case.is_again else self._into_the_lane(case, one)

    def _stays(self) -> Later:
        """For a record of the lane: what of its batch is decided anew without it is read past the lane."""
        self._is_lane_closed = True
        return Later()

    def _passed_on(self, case: Case, one: Decided) -> Outcome:
        """Held, and the record once more into the lane under its parcel's own key: there it is remembered,
        and holds the parcel until it can be read, as whatever nobody could read does.
        """
        return self._replied(case, one) if case.is_again else self._into_the_lane(case, one)

    def _handed_over(self, case: Case, deciding: Deciding) -> Outcome:
        """Held as while Redis is out, and screened again by its parcel's worker, out of the lane."""
        return self._into_the_lane(case, deciding.blind(case))

    def _into_the_lane(self, case: Case, one: Decided) -> Outcome:
        if case.record.is_displaced:
            self._watcher.displaced(case.record)
        lane = replies.rescreen(case, one.decision.decision_id)
        outcome = self._replied(case, one)
        return structs.replace(outcome, outgoing=(*outcome.outgoing, lane))

    def _replied(self, case: Case, one: Decided) -> Done | DeadLetter:
        event_ms = int(one.decision.event_time.timestamp() * 1000)
        self._watcher.decided(case.record, one.decision, one.decided_at_ms - event_ms)
        return self._set_aside(case, one) if case.malformed and not case.is_again else replies.done(case, one)

    def _set_aside(self, case: Case, one: Decided | None) -> DeadLetter:
        """What comes again from the lane was set aside before: the letter itself is written once."""
        assert case.malformed is not None
        self._watcher.refused(case.malformed.stage)
        return replies.dead_letter(case, one)
