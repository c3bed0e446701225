"""One suite for every source of evidence: the fake, the backtest's, Redis and Valkey must answer alike."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
import redis as redis_py
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.evidence import FakeEvidence, counted, recount, version
from tests.fakes.in_process import EvidenceInProcess
from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.lookup import Answer, Contribution, Effect, Gathered, Kept, Lookup
from tidewaiter.domain.window import WINDOWS
from tidewaiter.local.server import Server, free_port
from tidewaiter.local.valkey import valkey
from tidewaiter.screener.ports import EvidenceSource

TOKENS = Tokens(b"a secret for the tests")
DAY = 20_000

Fresh = Callable[[], EvidenceSource]
_IN_MEMORY: Mapping[str, Fresh] = {"fake": FakeEvidence, "in process": EvidenceInProcess}


@pytest.fixture(scope="module")
def valkey_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    port, directory = free_port(), Path(tmp_path_factory.mktemp("valkey"))
    server = Server(valkey(directory, port))
    try:
        server.wait_until_it_answers()
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.stop()


@pytest.fixture(params=["fake", "in process", "redis", "redis, all entities busy", "valkey"])
def fresh(request: pytest.FixtureRequest) -> Iterator[Fresh]:
    """Makes an empty source, as often as it is asked."""
    if request.param in _IN_MEMORY:
        yield _IN_MEMORY[request.param]
        return
    url = request.getfixturevalue("valkey_url" if request.param == "valkey" else "redis")
    small_limit = {"redis": 2, "valkey": 16}.get(request.param, 0)
    client = redis_py.Redis.from_url(url, protocol=3)
    source = RedisEvidence(
        url, TOKENS, EvidenceSettings(deadline_seconds=5, chunk=3, small_limit=small_limit)
    )

    def emptied() -> EvidenceSource:
        client.flushall()
        return source

    yield emptied
    source.close()
    client.close()


@pytest.fixture
def emptied(fresh: Fresh) -> EvidenceSource:
    """A source that can lose what it had."""
    source = fresh()
    if isinstance(source, EvidenceInProcess):
        pytest.skip("the backtest's source has one life: nothing is ever restored into it")
    return source


@pytest.fixture
def source(redis: str, client: redis_py.Redis) -> Iterator[RedisEvidence]:
    """A worker's own source, on that Redis."""
    assert client.ping()
    evidence = RedisEvidence(redis, TOKENS, EvidenceSettings(deadline_seconds=5))
    yield evidence
    evidence.close()


def event(parcel: str, seq: int, *contributions: Contribution, effect: Effect = "count") -> Lookup:
    return Lookup(parcel, seq, f"digest {seq}", effect, contributions)


def person_day(amount: int, entity: str = "bob", day: int = DAY) -> Contribution:
    return Contribution("person_day", entity, day, amount)


def at_address(member: str, day: int = DAY, entity: str = "12 main") -> Contribution:
    return Contribution("address_names", entity, day, member=member)


def asked(source: EvidenceSource, *lookups: Lookup) -> tuple[Answer, ...]:
    gathered = source.gather(lookups, 0)
    assert isinstance(gathered, Gathered)
    return gathered.answers


def totals_of(source: EvidenceSource, *contributions: Contribution) -> tuple[tuple[int, ...], ...]:
    return asked(source, event("nobody", 1, *contributions, effect="look"))[0].windows


def test_parcels_of_a_batch_are_counted_one_after_another_each_itself_included(fresh: Fresh) -> None:
    answers = asked(fresh(), *(event(str(n), 1, person_day(100)) for n in range(8)))
    assert [answer.windows for answer in answers] == [((100 * n, n),) for n in range(1, 9)]


def test_redelivered_event_gets_the_answer_of_the_first_time(fresh: Fresh) -> None:
    source = fresh()
    first = asked(source, event("1", 1, person_day(100), at_address("al")))[0]
    asked(source, event("2", 1, person_day(700), at_address("bo")))
    again = asked(source, event("1", 1, person_day(100), at_address("al")))[0]
    assert again.windows == first.windows == ((100, 1), (1, 1))
    assert (first.standing, again.standing) == ("new", "repeat")
    assert totals_of(source, person_day(0)) == ((800, 2),)


def test_what_was_restored_is_counted_once_and_answered_as_windows_are_when_it_is_asked(
    emptied: EvidenceSource,
) -> None:
    source = emptied
    restored = event("1", 1, person_day(100), at_address("al"), effect="restore")
    assert [answer.windows for answer in asked(source, restored, restored)] == [(), ()]
    asked(source, event("2", 1, person_day(700), at_address("bo"), effect="restore"))
    again = asked(source, event("1", 1, person_day(100), at_address("al")))[0]
    assert (again.standing, again.windows) == ("repeat", ((800, 2), (2, 2)))
    assert asked(source, event("1", 0, person_day(5), effect="restore"))[0].standing == "late"
    assert totals_of(source, person_day(0)) == ((800, 2),)


def test_what_was_restored_is_taken_back_by_a_later_event(emptied: EvidenceSource) -> None:
    source = emptied
    asked(source, event("1", 1, person_day(100), at_address("al"), effect="restore"))
    asked(source, event("1", 2, person_day(300), at_address("bo"), effect="restore"))
    assert totals_of(source, person_day(0), at_address("x")) == ((300, 1), (1, 1))
    asked(source, event("1", 3, effect="withdraw"))
    assert totals_of(source, person_day(0), at_address("x")) == ((0, 0), (0, 0))


def test_in_another_life_nothing_is_counted_answered_or_remembered(emptied: EvidenceSource) -> None:
    source = emptied
    gathered = source.gather([event("1", 1, person_day(100))], 0, "an earlier life")
    assert isinstance(gathered, Gathered)
    assert gathered.answers == ()
    assert source.remember([Kept("1", b"history")], "an earlier life") is not None
    assert source.remember([Kept("2", b"history")], gathered.epoch) is None
    assert [answer.history for answer in asked(source, *map(look, "12"))] == [None, b"history"]
    assert totals_of(source, person_day(0)) == ((0, 0),)


def look(parcel: str) -> Lookup:
    return Lookup(parcel, 0, "", "look")


def test_event_that_comes_twice_in_one_batch_is_counted_once(fresh: Fresh) -> None:
    answers = asked(fresh(), *[event("1", 1, person_day(100))] * 5)
    assert [(answer.standing, answer.windows) for answer in answers] == [
        ("new", ((100, 1),)),
        *[("repeat", ((100, 1),))] * 4,
    ]


def test_update_replaces_amount_day_member_and_entity(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, person_day(100), at_address("al")))
    asked(source, event("1", 2, person_day(300, day=DAY + 1), at_address("bo", entity="9 oak")))
    assert totals_of(source, person_day(0), person_day(0, day=DAY + 1)) == ((0, 0), (300, 1))
    assert totals_of(source, at_address("x"), at_address("x", entity="9 oak")) == ((0, 0), (1, 1))


def test_amount_of_zero_is_taken_back_like_any_other(fresh: Fresh) -> None:
    source = fresh()
    asked(source, *(event(str(n), 1, person_day(0)) for n in range(20)))
    answers = asked(source, *(event(str(n), 2, person_day(n)) for n in range(20)))
    assert answers[-1].windows == ((sum(range(20)), 20),)


def test_event_that_a_later_one_overtook_is_late_and_not_counted(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 2, person_day(300)))
    answer = asked(source, event("1", 1, person_day(100)))[0]
    assert (answer.standing, answer.windows) == ("late", ((300, 1),))


def test_withdrawn_parcel_is_in_no_window_and_stays_out_when_its_creation_comes_late(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, person_day(100), at_address("al")))
    asked(source, event("1", 3, effect="withdraw"), event("2", 2, effect="withdraw"))
    asked(source, event("1", 2, person_day(100)), event("2", 1, person_day(100)))
    assert totals_of(source, person_day(0), at_address("x")) == ((0, 0), (0, 0))


def test_look_changes_nothing_whatever_its_sequence(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, person_day(100)))
    answer = asked(source, event("1", 9, person_day(100), effect="look"))[0]
    assert (answer.standing, answer.windows) == ("new", ((100, 1),))
    assert asked(source, event("1", 2, person_day(200)))[0].windows == ((200, 1),)


def test_contribution_that_is_not_counted_only_asks(fresh: Fresh) -> None:
    source = fresh()
    question = Contribution("person_positive_exams", "bob", DAY, counted=False)
    assert asked(source, event("1", 1, question, person_day(5)))[0].windows == ((0,), (5, 1))
    asked(source, event("9#exam", 1, Contribution("person_positive_exams", "bob", DAY)))
    assert totals_of(source, question) == ((1,),)


def test_member_of_two_parcels_is_one_and_stays_when_one_of_them_is_withdrawn(fresh: Fresh) -> None:
    source = fresh()
    asked(
        source,
        event("1", 1, at_address("al")),
        event("2", 1, at_address("al")),
        event("3", 1, at_address("bo")),
    )
    assert totals_of(source, at_address("x")) == ((2, 2),)
    asked(source, event("1", 2, effect="withdraw"))
    assert totals_of(source, at_address("x")) == ((2, 2),)
    asked(source, event("2", 2, effect="withdraw"))
    assert totals_of(source, at_address("x")) == ((1, 1),)


def test_member_falls_back_to_its_day_before_when_the_latest_is_withdrawn(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, at_address("al", DAY)), event("2", 1, at_address("al", DAY + 20)))
    assert totals_of(source, at_address("x", DAY + 20)) == ((1, 1),)
    asked(source, event("2", 2, effect="withdraw"))
    assert totals_of(source, at_address("x", DAY + 20)) == ((0, 1),)


def test_member_that_comes_again_counts_from_its_later_day_on(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, at_address("al", DAY)))
    later = (event("2", 1, at_address("bo", DAY + 20)), event("3", 1, at_address("al", DAY + 20)))
    assert [answer.windows for answer in asked(source, *later)] == [((1, 2),), ((2, 2),)]


def test_window_ends_with_its_first_day_not_a_day_sooner_or_later(fresh: Fresh) -> None:
    source = fresh()
    asked(source, event("1", 1, at_address("al", DAY), person_day(100)))
    assert totals_of(source, at_address("x", DAY + 6), at_address("x", DAY + 7)) == ((1, 1), (0, 1))
    assert totals_of(source, at_address("x", DAY + 29), at_address("x", DAY + 30)) == ((0, 1), (0, 0))
    assert totals_of(source, person_day(0, day=DAY + 1), person_day(0, day=DAY - 1)) == ((0, 0), (0, 0))


def pair(amount: int, day: int = DAY) -> Contribution:
    return Contribution("pair_values", "s>c", day, amount)


@pytest.mark.parametrize("among", [1, 40])
def test_values_of_three_days_are_added_up_in_whatever_order_they_come(fresh: Fresh, among: int) -> None:
    source = fresh()
    for n in range(among):
        asked(source, event(f"{n}", 1, pair(0)))
    asked(source, event("a", 1, pair(300, DAY + 2)), event("b", 1, pair(20, DAY + 1)))
    (last,) = asked(source, event("c", 1, pair(1)))
    assert last.windows == ((321, among + 3),)
    assert totals_of(source, pair(0, DAY + 3), pair(0, DAY + 4)) == ((320, 2), (300, 1))
    asked(source, event("b", 2, effect="withdraw"))
    assert totals_of(source, pair(0, DAY + 3)) == ((300, 1),)


def test_batch_of_more_windows_than_one_call_reads_at_once_is_answered_each_in_its_place(
    source: RedisEvidence,
) -> None:
    """Redis is asked for a thousand keys at once; 100 parcels of a batch ask for 2,500."""

    def batch(seq: int) -> list[Lookup]:
        return [
            event(f"{n}/{seq}", 1, *(person_day(100 * n + k, f"{n} {k}") for k in range(25)))
            for n in range(100)
        ]

    asked(source, *batch(1))
    answers = asked(source, *batch(2))
    assert [answer.windows for answer in answers] == [
        tuple((2 * (100 * n + k), 2) for k in range(25)) for n in range(100)
    ]


def test_parcel_that_is_remembered_no_more_is_counted_once_in_windows_that_are_longer(
    source: RedisEvidence, client: redis_py.Redis
) -> None:
    asked(source, event("1", 1, pair(300)))
    client.delete(*client.keys("tw:count:*"))
    assert asked(source, event("1", 2, pair(200)))[0].windows == ((200, 1),)


def test_an_answer_to_as_many_other_windows_is_none_to_these(
    source: RedisEvidence, client: redis_py.Redis
) -> None:
    """As a message gets it that comes again after an upgrade: 6 was the form of one, 1,006 is it now."""
    asked(source, event("1", 1, Contribution("pair_parcels", "s>c", DAY)))
    (key,) = client.keys("tw:count:*")
    record = client.get(key)
    assert isinstance(record, bytes)
    client.set(key, record.replace(b"\xcd\x03\xee", b"\x06"))
    (again,) = asked(source, event("1", 1, pair(0)))
    assert again.windows == ((0, 0),)


NONSENSE = {
    "text": lambda client, key: client.set(key, b"no count of ours"),
    "empty": lambda client, key: client.set(key, b""),
    "cut off": lambda client, key: client.set(key, client.get(key)[:-7]),
    "no msgpack": lambda client, key: client.set(key, b"\xc1"),
    "a list": lambda client, key: (client.delete(key), client.lpush(key, b"1")),
}


@pytest.mark.parametrize("spoil", NONSENSE.values(), ids=NONSENSE)
def test_what_is_no_count_of_a_parcel_is_counted_anew_and_stops_no_other(
    client: redis_py.Redis, source: RedisEvidence, spoil: Callable[[redis_py.Redis, bytes], object]
) -> None:
    asked(source, event("1", 1, person_day(100)))
    (key,) = client.scan_iter("tw:count:*")
    spoil(client, key)
    answers = asked(source, event("2", 1, person_day(10)), event("1", 2, person_day(200)))
    assert [answer.windows for answer in answers] == [((110, 2),), ((210, 2),)]
    assert asked(source, event("1", 3, person_day(500)))[0].windows == ((510, 2),)


def test_a_history_of_another_type_is_no_history_and_not_none_at_all(
    client: redis_py.Redis, source: RedisEvidence
) -> None:
    """What was kept of the parcel may have been an order to hold it."""
    source.remember([Kept("1", b"held")])
    (key,) = client.scan_iter("tw:parcel:*")
    client.delete(key)
    client.lpush(key, b"1")
    answers = asked(source, *(event(parcel, 1) for parcel in "01"))
    assert [answer.history for answer in answers] == [None, b""]
    assert source.remember([Kept("1", b"held again", former=b"")]) is None
    assert asked(source, event("1", 2))[0].history == b"held again"


def test_contribution_without_a_member_counts_the_parcel_itself(fresh: Fresh) -> None:
    pair = Contribution("pair_parcels", "s>c", DAY)
    answers = asked(fresh(), event("1", 1, pair), event("2", 1, pair), event("1", 2, pair))
    assert [answer.windows for answer in answers] == [((1,),), ((2,),), ((2,),)]


def test_absurd_amount_and_sequence_are_cut_and_do_not_stop_the_batch(fresh: Fresh) -> None:
    source = fresh()
    answers = asked(source, *(event(str(n), 10**18, person_day(10**18)) for n in range(40)))
    assert answers[-1].windows == ((40 * 10**12, 40),)


def test_history_is_what_was_remembered_last_byte_for_byte(fresh: Fresh) -> None:
    source = fresh()
    assert asked(source, event("1", 1))[0].history is None
    assert source.remember([Kept("1", b"old"), Kept("2", bytes(range(256)))]) is None
    assert source.remember([Kept("1", b"new", former=b"old")]) is None
    assert [each.history for each in asked(source, event("1", 2), event("2", 1), event("3", 1))] == [
        b"new",
        bytes(range(256)),
        None,
    ]


def test_empty_batch_is_answered_with_the_versions(fresh: Fresh) -> None:
    gathered = fresh().gather([], 0)
    assert isinstance(gathered, Gathered)
    assert gathered.answers == ()
    assert gathered.epoch


# Few parcels, entities and members, so that they meet; days as far apart as the window's spans.
_MEMBERS = st.sampled_from(["", "al", "bo", "cy"])


@st.composite
def contributions(draw: st.DrawFn) -> Contribution:
    window = draw(st.sampled_from(WINDOWS))
    day = DAY + draw(st.sampled_from(sorted({0, 1, *(span - 1 for span in window.spans), window.days})))
    entity = draw(st.sampled_from(["e1", "e2"]))
    return Contribution(window.name, entity, day, draw(st.integers(0, 500)), draw(_MEMBERS), draw(_MOSTLY))


_MOSTLY = st.sampled_from([True, True, True, False])
_EFFECTS: Sequence[Effect] = ("count", "count", "count", "withdraw", "look")


@st.composite
def events(draw: st.DrawFn) -> Lookup:
    made = draw(st.lists(contributions(), max_size=4))
    distinct = {(each.window, each.entity): each for each in made}
    effect = draw(st.sampled_from(_EFFECTS))
    seq, digest = draw(st.integers(1, 3)), draw(st.sampled_from("ab"))
    return Lookup(draw(st.sampled_from("123456")), seq, digest, effect, tuple(distinct.values()))


_SEVERAL = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@_SEVERAL
@given(st.lists(st.lists(events(), max_size=8), max_size=5))
def test_any_batches_are_answered_as_the_fake_answers_them(fresh: Fresh, batches: list[list[Lookup]]) -> None:
    source, fake = fresh(), FakeEvidence()
    for batch in batches:
        assert asked(source, *batch) == asked(fake, *batch)


@_SEVERAL
@given(st.lists(events(), max_size=14), st.randoms(use_true_random=False))
def test_windows_equal_a_recount_of_the_log_in_any_order_with_repetitions(
    fresh: Fresh, log: list[Lookup], chance: random.Random
) -> None:
    log = one_content_a_version(log)
    shuffled = [*log, *chance.sample(log, len(log) // 2)]
    chance.shuffle(shuffled)
    source = fresh()
    asked(source, *shuffled)
    questions = tuple(every_question())
    assert totals_of(source, *questions) == tuple(recount(each, standing_of(log)) for each in questions)


def one_content_a_version(log: Sequence[Lookup]) -> list[Lookup]:
    """The log without events that have another's parcel, sequence and digest but not its content."""
    first: dict[tuple[str, int, str], Lookup] = {}
    return [each for each in log if first.setdefault((each.parcel, *version(each)), each) == each]


def standing_of(log: Sequence[Lookup]) -> dict[str, dict[tuple[str, str], Contribution]]:
    """What each parcel contributes in the end: what its event of the greatest version says."""
    last: dict[str, Lookup] = {}
    for each in log:
        if each.effect != "look" and (each.parcel not in last or version(each) >= version(last[each.parcel])):
            last[each.parcel] = each
    return {parcel: dict(counted(each)) for parcel, each in last.items()}


def every_question() -> Iterator[Contribution]:
    for window in WINDOWS:
        for day in range(DAY, DAY + window.days + 2):
            yield from (Contribution(window.name, entity, day) for entity in ("e1", "e2"))
