"""What a batch leaves in Redis: tokens, one hash tag a key, an end to every key, bounded busy ledgers."""

import re
from collections.abc import Iterator

import pytest
import redis as redis_py

from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Contribution, Gathered, Kept, Lookup
from tidewaiter.domain.window import WINDOWS

TOKENS = Tokens(b"a secret for the tests")
DAY_MS = 86_400_000
PLAIN = (b"WALDO", b"waldo", b"1Z999", b"UPS")


@pytest.fixture
def source(redis: str, client: "redis_py.Redis") -> Iterator[RedisEvidence]:
    evidence = RedisEvidence(redis, TOKENS, EvidenceSettings(deadline_seconds=5, small_limit=2))
    yield evidence
    evidence.close()


def lookup(number: int) -> Lookup:
    contributions = tuple(
        Contribution(window.name, "waldo|12 main", 20_000, 100, f"waldo {number}") for window in WINDOWS
    )
    return Lookup(f"UPS|1Z999{number}", 1, "digest", "count", contributions)


def counted(source: RedisEvidence, parcels: int) -> Gathered:
    answer = source.gather([lookup(number) for number in range(parcels)], 0)
    assert isinstance(answer, Gathered), answer
    return answer


@pytest.mark.parametrize("parcels", [1, 5])
def test_nothing_of_names_addresses_and_waybills_is_in_redis(
    client: "redis_py.Redis", source: RedisEvidence, parcels: int
) -> None:
    counted(source, parcels)
    assert source.remember([Kept("UPS|1Z9990", b"opaque")]) is None
    dumped = b"".join(key + (client.dump(key) or b"") for key in client.scan_iter())
    assert not [plain for plain in PLAIN if plain in dumped]


@pytest.mark.parametrize("parcels", [1, 5])
def test_every_key_of_a_parcel_or_entity_has_one_hash_tag_and_an_end(
    client: "redis_py.Redis", source: RedisEvidence, parcels: int
) -> None:
    counted(source, parcels)
    keys = [key for key in client.scan_iter() if not key.startswith((b"tw:epoch", b"tw:answered:"))]
    assert len(keys) >= parcels + len(WINDOWS)
    assert all(re.fullmatch(rb"tw:[a-z0-9]+:\{[\w-]{22}\}(:m|:\d+)?", key) for key in keys)
    assert min(client.pttl(key) for key in keys) > 2 * DAY_MS


def test_a_worker_that_waits_for_lists_leaves_no_key_of_each_time_it_looks(
    redis: str, client: "redis_py.Redis", source: RedisEvidence
) -> None:
    for _ in range(3):
        waiting = RedisEvidence(redis, TOKENS)
        assert isinstance(waiting.gather((), 0), Gathered)
        waiting.close()
    assert client.keys("tw:answered:*") == []
    counted(source, 1)
    (key,) = client.keys("tw:answered:*")
    client.pexpire(key, 60_000)
    assert isinstance(source.gather((), 0), Gathered)
    assert client.pttl(key) > DAY_MS, "one that has asked is known, though no parcels come"


def test_history_that_officers_have_seen_is_kept_longer_than_any_other(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    assert source.remember([Kept("UPS|free", b"f"), Kept("UPS|held", b"h", is_inspected=True)]) is None
    lives = {client.get(key): client.pttl(key) / DAY_MS for key in client.scan_iter("tw:parcel:*")}
    assert 13.9 < lives[b"f"] <= 14
    assert 179.9 < lives[b"h"] <= 180


def test_ledger_lives_two_days_longer_than_its_window(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    counted(source, 1)
    for number, window in enumerate(WINDOWS):
        (key,) = client.scan_iter(f"tw:w{number}:*")
        assert (window.days + 1) * DAY_MS < client.pttl(key) <= (window.days + 2) * DAY_MS


@pytest.mark.parametrize("parcels", [1, 5])
@pytest.mark.parametrize(("ahead", "kept"), [(10, 10), (30_000, 60)])
def test_ledger_lives_two_days_longer_than_the_window_of_its_latest_day(
    client: "redis_py.Redis", source: RedisEvidence, parcels: int, ahead: int, kept: int
) -> None:
    today = int(client.time()[0]) * 1000 // DAY_MS
    for parcel, day in enumerate((*[today + ahead] * parcels, today)):
        contributions = tuple(Contribution(window.name, "waldo", day, 100, "w") for window in WINDOWS)
        source.gather([Lookup(f"UPS|1Z999{parcel}", 1, "digest", "count", contributions)], 0)
    for number, window in enumerate(WINDOWS):
        lives = {key: client.pttl(key) for key in client.scan_iter(f"tw:w{number}:*")}
        lives = {key: life for key, life in lives.items() if not key.endswith(f":{today}".encode())}
        assert lives
        for key, life in lives.items():
            assert (kept + window.days + 1) * DAY_MS < life <= (kept + window.days + 2) * DAY_MS, key


def test_busy_entity_keeps_the_latest_ten_thousand_members(
    client: "redis_py.Redis", source: RedisEvidence
) -> None:
    batch = [
        Lookup(str(n), 1, "d", "count", (Contribution("account_names", "big", 20_000, 0, str(n)),))
        for n in range(10_400)
    ]
    answer = source.gather(batch, 0)
    assert isinstance(answer, Gathered)
    assert answer.answers[9_999].windows == ((10_000,),)
    assert 10_000 <= answer.answers[-1].windows[0][0] <= 10_200
    (members,) = client.scan_iter("tw:w*:m")
    assert client.zcard(members) == 10_000
