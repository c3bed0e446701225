"""The composition root: settings become adapters, adapters become the work of a worker."""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from tidewaiter.adapters import clock
from tidewaiter.adapters.kafka import GroupMember, KafkaLog
from tidewaiter.adapters.kafka_connection import KafkaConnection
from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.screener.evidence import ControlDraw
from tidewaiter.screener.in_force import InForce, Switch, Wanted
from tidewaiter.screener.watching import Watch
from tidewaiter.screener.work import ScreeningSettings, ScreeningWork
from tidewaiter.settings import Settings


class SystemClock:
    """This machine's clocks, as the work asks for them."""

    def now_ms(self) -> int:
        return clock.epoch_ms()

    def monotonic(self) -> float:
        return clock.monotonic_seconds()


@dataclass(frozen=True)
class Worker:
    """A wired worker: its work, and what watches it."""

    work: ScreeningWork
    watch: Watch
    source: RedisEvidence


def wired(
    settings: Settings,
    first: InForce,
    load: Callable[[Wanted], InForce],
    executor: Executor,
    watch: Watch,
    evidence: EvidenceSettings | None = None,
) -> Worker:
    """The work of one worker over real Redis; ``evidence`` says how Redis is asked, by default as live."""
    source = RedisEvidence(settings.redis_url, Tokens(settings.secret), evidence)
    switch = Switch(first, load, executor, watch.not_loaded)
    patience = ScreeningSettings(settings.redis_patience_seconds)
    work = ScreeningWork(source, switch, ControlDraw(settings.secret), SystemClock(), watch, patience)
    return Worker(work, watch, source)


def kafka_log(
    settings: Settings, slot: str, topics: Sequence[str], on_stats: Callable[[str], None] | None = None
) -> KafkaLog:
    """The worker's log. Blocks; raises KafkaUnavailable and TopicsUnusable."""
    connection = KafkaConnection(settings.kafka_bootstrap_servers, settings.kafka_config, on_stats)
    return KafkaLog(connection, GroupMember(settings.kafka_group, slot, tuple(topics)))
