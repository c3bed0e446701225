"""What a Redis that is away, slow, full, emptied or behind makes of a batch (fault matrix, rows 6 to 10)."""

import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest
import redis as redis_py

from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Contribution, Gathered, Kept, Lookup
from tidewaiter.domain.watchlist import IdentifierKind
from tidewaiter.local.server import Launch, Server, free_port
from tidewaiter.local.valkey import redis_command, speaks_redis, valkey
from tidewaiter.stream.outcome import Unavailable

TOKENS = Tokens(b"a secret for the tests")
BATCH = [Lookup("UPS|1", 1, "digest", "count", (Contribution("person_day", "bob", 20_000, 500),))]
PATIENT = EvidenceSettings(deadline_seconds=5)


class RestartableRedis:
    """A server on one port that a test may kill, stop and start."""

    def __init__(self, directory: Path) -> None:
        self.port = free_port()
        self._launch = _launch(directory, self.port)
        self.start()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def client(self) -> redis_py.Redis:
        return redis_py.Redis(port=self.port, protocol=3, socket_timeout=5)

    def written(self) -> dict[bytes, bytes]:
        """All that it has, as a replica has it that lags from now on."""
        return {key: self.client.dump(key) or b"" for key in self.client.scan_iter()}

    def fall_back(self, behind: dict[bytes, bytes]) -> None:
        """Have that and nothing else, as after the replica's promotion."""
        self.client.flushall()
        for key, value in behind.items():
            self.client.restore(key, 0, value)

    def start(self) -> None:
        self.server = Server(self._launch)
        self.server.wait_until_it_answers()


def _launch(directory: Path, port: int) -> Launch:
    binary = shutil.which("redis-server")
    if binary is None:
        return valkey(directory, port)
    return Launch("redis", redis_command(binary, directory, port), directory, lambda: speaks_redis(port))


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RestartableRedis]:
    redis = RestartableRedis(tmp_path)
    yield redis
    redis.server.kill()


@pytest.fixture
def source(server: RestartableRedis) -> Iterator[RedisEvidence]:
    evidence = RedisEvidence(server.url, TOKENS, PATIENT)
    yield evidence
    evidence.close()


def gathered(source: RedisEvidence, generation: int = 0) -> Gathered:
    answer = source.gather(BATCH, generation)
    assert isinstance(answer, Gathered), answer
    return answer


def unavailable(source: RedisEvidence) -> str:
    answer = source.gather(BATCH, 0)
    assert isinstance(answer, Unavailable), answer
    return answer.reason


def answered_within_seconds(
    source: RedisEvidence, seconds: float, batch: Sequence[Lookup] = BATCH
) -> Gathered:
    """The answer once the breaker lets an attempt through."""
    until = time.monotonic() + seconds
    while isinstance(answer := source.gather(batch, 0), Unavailable):
        assert time.monotonic() < until, answer.reason
        time.sleep(0.02)
    return answer


def test_redis_that_is_down_is_unavailable_and_is_used_again_by_itself(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    gathered(source)
    server.server.kill()
    assert "redis: " in unavailable(source)
    assert source.remember([Kept("UPS|1", b"history")]) is not None
    states = [source.breaker_state]
    server.start()
    assert answered_within_seconds(source, 8).answers[0].windows == ((500, 1),)
    assert [*states, source.breaker_state] == ["open", "closed"]


def test_redis_that_hangs_is_given_up_and_not_asked_at_every_batch(server: RestartableRedis) -> None:
    stopped: list[float] = []
    source = RedisEvidence(server.url, TOKENS, clock=lambda: stopped[0] if stopped else time.monotonic())
    answered_within_seconds(source, 8)
    os.kill(server.server.pid, signal.SIGSTOP)
    stopped.append(time.monotonic())
    try:
        assert "Timeout" in unavailable(source)
        assert "not asked again yet: TimeoutError" in unavailable(source)
    finally:
        os.kill(server.server.pid, signal.SIGCONT)
    stopped.clear()
    assert answered_within_seconds(source, 8).answers[0].standing == "repeat"
    source.close()


def at_each_look_a_minute_later() -> Callable[[], float]:
    minutes = count(step=60.0)
    return lambda: next(minutes)


def test_an_answer_that_has_come_is_taken_however_late_the_worker_looks_at_it(
    server: RestartableRedis,
) -> None:
    """On a busy machine it waits for the processor longer than Redis took."""
    source = RedisEvidence(server.url, TOKENS, PATIENT, at_each_look_a_minute_later())
    assert gathered(source).answers[0].windows == ((500, 1),)
    source.close()


def test_calls_that_take_too_long_together_are_given_up_before_the_last(server: RestartableRedis) -> None:
    settings = EvidenceSettings(deadline_seconds=5, chunk=1)
    source = RedisEvidence(server.url, TOKENS, settings, at_each_look_a_minute_later())
    answer = source.gather([*BATCH, Lookup("UPS|2", 1, "digest", "look")], 0)
    assert answer == Unavailable("redis: TimeoutError: some calls took longer than 5 s each")
    source.close()


def test_late_answer_of_a_batch_given_up_is_not_taken_for_the_next_ones(server: RestartableRedis) -> None:
    source = RedisEvidence(server.url, TOKENS)
    answered_within_seconds(source, 8)
    os.kill(server.server.pid, signal.SIGSTOP)
    try:
        unavailable(source)
    finally:
        os.kill(server.server.pid, signal.SIGCONT)
    other = [Lookup("UPS|2", 1, "digest", "count", (Contribution("person_day", "eve", 20_000, 7),))]
    until = time.monotonic() + 8
    while isinstance(answer := source.gather(other, 0), Unavailable):
        assert time.monotonic() < until
        time.sleep(0.02)
    assert answer.answers[0].windows == ((7, 1),)
    source.close()


def test_emptied_redis_shows_another_epoch(server: RestartableRedis, source: RedisEvidence) -> None:
    before = gathered(source).epoch
    assert gathered(source).epoch == before
    server.client.flushall()
    after = gathered(source).epoch
    assert after not in ("", before)
    assert gathered(source).epoch == after


def test_redis_that_forgot_answered_calls_shows_another_epoch_to_all_workers(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    """As after the promotion of a replica that lagged: the epoch's key is there, the last writes are not."""
    other = RedisEvidence(server.url, TOKENS, PATIENT)
    before = gathered(source).epoch
    behind = server.written()
    gathered(source)
    server.fall_back(behind)
    after = gathered(source).epoch
    assert after != before
    assert gathered(other).epoch == after
    other.close()


def test_redis_that_forgot_only_the_last_histories_shows_another_epoch(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    before = gathered(source).epoch
    behind = server.written()
    assert source.remember([Kept("UPS|1", b"held")]) is None
    server.fall_back(behind)
    assert source.remember([Kept("UPS|2", b"of the next batch")]) is not None
    assert gathered(source).epoch != before


def test_call_whose_answer_came_too_late_hides_no_later_loss(server: RestartableRedis) -> None:
    source = RedisEvidence(server.url, TOKENS)
    before = answered_within_seconds(source, 8).epoch
    os.kill(server.server.pid, signal.SIGSTOP)
    unavailable(source)
    os.kill(server.server.pid, signal.SIGCONT)
    answered_within_seconds(source, 8)
    behind = server.written()
    answered_within_seconds(source, 8)
    server.fall_back(behind)
    assert answered_within_seconds(source, 8).epoch != before
    source.close()


@pytest.mark.parametrize("former", [None, b"at first"])
def test_history_that_another_worker_kept_since_stays_and_so_does_the_rest_of_the_batch(
    server: RestartableRedis, source: RedisEvidence, former: bytes | None
) -> None:
    """As a worker finds it that slept in mid-batch, beyond its session."""
    if former is not None:
        assert source.remember([Kept("UPS|1", former)]) is None
    other = RedisEvidence(server.url, TOKENS, PATIENT)
    assert other.remember([Kept("UPS|1", b"since", former=former)]) is None
    refused = source.remember([Kept("UPS|2", b"late"), Kept("UPS|1", b"late", former=former)])
    assert refused == Unavailable("Redis: another worker has kept a history since this batch was read")
    assert [server.client.get(key) for key in server.client.scan_iter("tw:parcel:*")] == [b"since"]
    other.close()


def test_parcels_that_ask_for_very_much_are_answered_under_the_deadline_of_the_stream(
    server: RestartableRedis,
) -> None:
    """In one call they would be given up at every attempt, and the worker would hold all parcels for good."""
    hurried = RedisEvidence(server.url, TOKENS)
    kind: IdentifierKind = "address"
    makers = tuple((kind, f"maker {number}") for number in range(5_000))
    batch = [Lookup(f"UPS|{number}", 1, "digest", "look", (), makers) for number in range(100)]
    assert len(answered_within_seconds(hurried, 30, batch).answers) == len(batch)
    hurried.close()


def test_parcels_with_very_large_histories_are_answered_under_the_deadline_of_the_stream(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    hurried = RedisEvidence(server.url, TOKENS)
    histories = [Kept(f"UPS|{number}", os.urandom(1_000_000)) for number in range(40)]
    assert source.remember(histories) is None
    batch = [Lookup(kept.parcel, 1, "digest", "look") for kept in histories]
    answers = answered_within_seconds(hurried, 30, batch).answers
    assert [answer.history for answer in answers] == [kept.history for kept in histories]
    hurried.close()


def test_full_redis_is_unavailable_with_its_reason_until_there_is_room(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    gathered(source)
    server.client.config_set("maxmemory", 1)
    assert "OutOfMemory" in unavailable(source)
    server.client.config_set("maxmemory", 0)
    answered_within_seconds(source, 8)


def test_replica_that_takes_no_writes_is_unavailable(server: RestartableRedis, source: RedisEvidence) -> None:
    gathered(source)
    server.client.replicaof("127.0.0.1", str(free_port()))
    assert "ReadOnly" in unavailable(source)


def test_functions_that_were_flushed_are_loaded_again_within_the_batch(
    server: RestartableRedis, source: RedisEvidence
) -> None:
    gathered(source)
    server.client.function_flush()
    assert gathered(source).answers[0].standing == "repeat"


def test_wrong_password_is_unavailable_with_its_reason(server: RestartableRedis) -> None:
    server.client.config_set("requirepass", "right")
    source = RedisEvidence(f"redis://:wrong@127.0.0.1:{server.port}/0", TOKENS)
    assert "password" in unavailable(source)
    source.close()


def test_url_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="redis://"):
        RedisEvidence("http://127.0.0.1", TOKENS)
