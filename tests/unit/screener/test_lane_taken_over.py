"""Workers that die, hang and take over each other's parcels in the middle of the lane."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.screener.test_whatever_fails import (
    MESSAGE_NUMBERS,
    READABLE_NUMBERS,
    Port,
    assert_nothing_is_released_while_more_waits,
    assert_what_is_superseded_was_told,
    document,
)
from tidewaiter.domain.hold import BEHIND
from tidewaiter.wire.topics import DECISIONS


class TwoSlots(Port):
    """Two workers, each of which may hold all parcels for a while."""

    slots = 2


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("message"), MESSAGE_NUMBERS),
        st.tuples(st.just("elsewhere"), READABLE_NUMBERS),
        st.tuples(st.just("turn"), st.sampled_from((1, 2, 3, 60))),
        st.tuples(st.sampled_from(("redis", "start", "hang", "wiped")), st.integers(0, 1)),
        st.tuples(
            st.sampled_from(("repeat", "order", "removal", "fault", "lists", "unseen")), st.integers(0, 5)
        ),
    ),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(MESSAGE_NUMBERS, min_size=2, max_size=8), STEPS)
def test_whoever_reads_the_lane_lets_a_parcel_go_with_the_last_of_it(
    held: list[int], steps: list[tuple[str, int]]
) -> None:
    port = TwoSlots()
    port.redis(1)
    for number in held:
        port.message(number)
    port.turn(60)
    port.redis(0)
    for name, number in steps:
        getattr(port, name)(number)
    port.heal()
    decisions = port.broker.records(DECISIONS)
    for key in {record.key for record in decisions}:
        mine = [one for one in decisions if one.key == key]
        assert_nothing_is_released_while_more_waits(mine)
        assert_what_is_superseded_was_told([document(one) for one in mine])
        left = port.open_holds(key or b"")
        assert (document(mine[-1])["decision"] == "HOLD") == bool(left)
        assert BEHIND not in {basis for hold in left for basis in hold.basis}
