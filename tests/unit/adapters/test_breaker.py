"""The breaker: when a failing server is asked again."""

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.adapters.breaker import Breaker, Patience
from tidewaiter.stream.pressure import retry_seconds


def test_breaker_is_closed_before_anything_failed() -> None:
    assert Breaker().state(0.0) == "closed"
    assert Breaker().allows(0.0)


def test_breaker_opens_at_the_first_failure_and_lets_one_attempt_through_after_its_wait() -> None:
    breaker = Breaker().after_failure(now=10.0)
    assert not breaker.allows(10.04)
    assert breaker.state(10.04) == "open"
    assert breaker.state(10.05) == "half_open"
    assert breaker.allows(10.05)


def test_breaker_closes_after_a_success_and_forgets_the_failures() -> None:
    breaker = Breaker().after_failure(0.0).after_failure(1.0).after_success()
    assert breaker == Breaker()
    assert breaker.after_failure(2.0).retry_at == 2.05


def test_breaker_waits_twice_as_long_at_each_failure_up_to_the_longest() -> None:
    breaker, waits = Breaker(patience=Patience(0.1, 5.0)), []
    for _ in range(8):
        breaker = breaker.after_failure(0.0)
        waits.append(breaker.retry_at)
    assert waits == [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0]


def test_breaker_lets_through_what_the_loop_tries_again_at_first() -> None:
    breaker, now = Breaker(), 0.0
    for failures in range(1, 7):
        breaker = breaker.after_failure(now)
        now += retry_seconds(failures)
        assert breaker.allows(now), failures


@given(st.integers(0, 5000))
def test_breaker_never_waits_longer_than_the_longest(failures: int) -> None:
    assert Breaker(failures).after_failure(0.0).retry_at <= 5.0
