"""What a Redis that was emptied has lost comes back from the topics, whoever reads them and in what order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from msgspec import structs

from tests.fakes.rebuild import FakeStore, Notes
from tests.unit.screener.desk import (
    CARRIER,
    KEY,
    LISTING,
    PHONE,
    Answers,
    Desk,
    another_parcel,
    event,
    follow_up,
    listed,
    shipped_rules,
)
from tidewaiter.domain.history import History
from tidewaiter.screener.rebuilding import Rebuilding, RebuildInterrupted
from tidewaiter.stream.outcome import Unavailable
from tidewaiter.stream.record import Outgoing, Record
from tidewaiter.wire.headers import CAUSE
from tidewaiter.wire.history import decode as decode_history
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

SHARES = 2
HAWBS = ("770000000001", "770000000002", "770000000003")
LONG_ENOUGH = 2.5


class Port:
    """A desk whose records lie in topics of two partitions, as the workers read and write them."""

    def __init__(self) -> None:
        self.desk = Desk()
        self.topics: dict[str, list[Record]] = {}

    def said(self, *records: Record, waited: float = 0.0) -> list[Outgoing]:
        """Records that come in one batch, and what they are answered."""
        placed = [structs.replace(record, partition=place_of(record)) for record in records]
        for record in placed:
            self.topics.setdefault(record.topic, []).append(record)
        outgoing = list(self.desk.answers(*placed, waited=waited).outgoing)
        for one in outgoing:
            self._written(one)
        return outgoing

    def said_blindly(self, record: Record) -> None:
        """What comes while Redis is out, and again from the lane once it is back."""
        self.desk.source.reason = "Redis: no answer"
        lane = [one for one in self.said(record, waited=LONG_ENOUGH) if one.topic == RESCREENS]
        self.desk.source.reason = ""
        for one in lane:
            self.said(self.desk.again(one))

    def said_elsewhere(self, record: Record) -> None:
        """What comes in another partition than its key's, and again from the lane."""
        lane = [
            one for one in self.said(structs.replace(record, is_displaced=True)) if one.topic == RESCREENS
        ]
        self.said(*map(self.desk.again, lane))

    def _written(self, one: Outgoing) -> None:
        topic = self.topics.setdefault(one.topic, [])
        if one.topic != RESCREENS:
            topic.append(Record(one.topic, share_of(one.key), len(topic), one.key, one.value, one.headers))

    @property
    def histories(self) -> dict[str, History]:
        """As they are once the last batch is committed."""
        decoded = {key: decode_history(blob) for key, blob in self.desk.source.histories.items()}
        return {key: structs.replace(history, unsettled=None) for key, history in decoded.items()}

    @property
    def counted(self) -> Mapping[str, object]:
        """What each parcel counts in the windows."""
        records = self.desk.source.records.items()
        return {parcel: record.contributions for parcel, record in records if record.contributions}

    def wiped(self) -> None:
        """Redis begins another life."""
        self.desk.source.histories, self.desk.source.records = {}, {}
        self.desk.source.epoch = "another life"


@dataclass(frozen=True)
class FakePast:
    """The topics of a port, in batches of a size."""

    topics: Mapping[str, Sequence[Record]]
    size: int = 3

    def shares(self) -> int:
        return SHARES

    def is_empty(self) -> bool:
        return not self.topics

    def read(self, topic: str, share: int) -> Iterator[Sequence[Record]]:
        records = [record for record in self.topics.get(topic, ()) if record.partition == share]
        for first in range(0, len(records), self.size):
            yield records[first : first + self.size]

    def since_ms(self, share: int) -> int:
        return 0


def share_of(key: bytes | None) -> int:
    return sum(key or b"") % SHARES


def place_of(record: Record) -> int:
    own = share_of(record.key)
    return (own + 1) % SHARES if record.is_displaced else own


def rebuilt(port: Port, size: int = 3, refuses_after: int = 1_000_000) -> Notes:
    """Read the port's topics back into its Redis. Raises RebuildInterrupted when Redis refuses."""
    store, notes = FakeStore(port.desk.source, refuses_after=refuses_after), Notes()
    rebuilding = Rebuilding(store, FakePast(port.topics, size), notes, lambda _: None)
    rebuilding.until_warm(port.desk.source.epoch, shipped_rules())
    return notes


@pytest.fixture
def port() -> Port:
    return Port()


def test_a_watchlist_hold_stands_over_an_update_after_redis_was_emptied(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(event(2, "UPDATE")).codes == ["WL-NARC"]


def take_up(port: Port) -> None:
    """The worker meets the new life of Redis, and takes it up in the next batch."""
    assert isinstance(port.desk.taken(port.desk.event(event(1))), Unavailable)


def test_what_an_officer_cleared_is_not_held_anew_after_redis_was_emptied(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    port.said(port.desk.action(hold_code="WL-NARC"))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(listed(2, "UPDATE", pieces=2)).outcome == "RELEASE"


def test_an_earlier_declaration_that_comes_late_corrects_nothing_of_what_lay_elsewhere(port: Port) -> None:
    port.said(port.desk.event(event(4)))
    port.said_elsewhere(port.desk.record(b"{"))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert "DOC-MISS" in port.desk.events(event(2)).codes


def test_what_an_officer_cleared_is_not_taken_for_a_message_of_the_same_offset(port: Port) -> None:
    """Topics count each for themselves: the message at 5 has nothing to do with the action at 5."""
    cleared, held = HAWBS[0], HAWBS[2]
    assert share_of(f"FX|{cleared}".encode()) == share_of(f"FX|{held}".encode())
    port.said(port.desk.event(listed(1, hawb=cleared)))
    port.said(structs.replace(port.desk.event(listed(2, hawb=held)), offset=5))
    port.said(structs.replace(port.desk.action(hawb=cleared, hold_code="ALL"), offset=5))
    before = port.histories
    assert [bool(before[f"FX|{hawb}"].open_holds) for hawb in (cleared, held)] == [False, True]
    port.wiped()
    rebuilt(port)
    assert port.histories == before


def test_what_an_order_shows_after_an_officers_removal_is_held_after_redis_was_emptied(port: Port) -> None:
    """The entry was listed between a commit that failed and the next attempt, which knew of the removal."""
    records = port.desk.event(event(1)), port.desk.action(hold_code="ALL")
    port.desk.answers(*[structs.replace(one, partition=share_of(one.key)) for one in records])
    port.desk.source.listed[PHONE] = (LISTING,)
    assert Answers(tuple(port.said(*records))).codes == ["WL-ID"]
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(event(2, "UPDATE")).codes == ["WL-ID"]


def test_a_repeated_message_gets_the_same_bytes_after_redis_was_emptied(port: Port) -> None:
    record = port.desk.event(listed(1))
    first = port.said(record)
    port.desk.clock.ms += 60_000
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.answers(record).of(DECISIONS)[0].value == first[0].value


def test_a_repeated_message_that_comes_to_something_else_gets_an_id_of_its_own(port: Port) -> None:
    """The windows that it is asked for are those of now: what they were when it came first is lost."""
    worth = {"declared_value": "1500.00", "value_usd": "1500.00"}
    record = port.desk.event(event(1, **worth))
    (first, *_), _ = port.said(record), port.said(port.desk.event(another_parcel(**worth)))
    port.wiped()
    rebuilt(port)
    take_up(port)
    again = port.desk.answers(record)
    (before,), (after,) = Answers((first,)).decisions, again.decisions
    assert (before["decision"], after["decision"]) == ("RELEASE", "HOLD")
    assert after["supersedes"] == before["decision_id"] != after["decision_id"]
    assert port.desk.answers(record).outgoing == again.outgoing


def test_a_parcel_whose_events_are_in_the_log_no_longer_can_be_freed_by_an_officer(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    port.topics[PARCEL_EVENTS].clear()
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.acts(hold_code="WL-NARC").outcome == "RELEASE"


def test_nothing_is_known_of_a_parcel_that_was_free_when_its_events_went_out_of_the_log(port: Port) -> None:
    port.said(port.desk.event(event(1)))
    del port.topics[PARCEL_EVENTS]
    port.wiped()
    assert rebuilt(port).is_warm
    assert port.histories == {}


def test_a_parcel_is_screened_on_its_last_declaration_though_that_is_in_the_log_no_longer(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    port.said(port.desk.action(hold_code="ALL"))
    vague = [{**item, "description": "goods"} for item in event()["items"]]
    port.said(port.desk.event(listed(2, "UPDATE", items=vague, description_raw="goods")))
    port.topics[PARCEL_EVENTS].clear()
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(follow_up(3, "SCAN", scanned_weight_kg="0.8")).codes == ["DOC-DESC"]


def test_a_parcel_is_held_though_the_declaration_that_its_order_quotes_is_none_to_this_release(
    port: Port,
) -> None:
    port.said(port.desk.event(listed(1)))
    port.topics[PARCEL_EVENTS].clear()
    (order,) = port.topics[HOLD_ORDERS]
    quoted = {**orjson.loads(order.value or b""), "parcel": {"schema_version": "1.0"}}
    port.topics[HOLD_ORDERS] = [structs.replace(order, value=orjson.dumps(quoted))]
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert "WL-NARC" in port.desk.events(follow_up(3, "SCAN", scanned_weight_kg="0.8")).codes


@pytest.mark.parametrize("is_old", [False, True], ids=["in the log", "in the log no longer"])
@pytest.mark.parametrize("act", ["event", "action"])
def test_what_nobody_could_read_is_held_after_redis_was_emptied(port: Port, act: str, is_old: bool) -> None:
    port.said(port.desk.event(event(1)))
    said = _unreadable if act == "event" else _unreadable_action
    port.said(said(port, HAWBS[0], 2))
    if is_old:
        port.topics[PARCEL_EVENTS].clear()
        port.topics.get(OFFICER_ACTIONS, []).clear()
    port.wiped()
    rebuilt(port)
    take_up(port)
    scan = follow_up(3, "SCAN", scanned_weight_kg="0.8")
    assert port.desk.events(scan).codes == ["DOC-MISS" if act == "event" else "MAN-OFF"]
    assert port.desk.events(event(4, "UPDATE")).outcome == ("RELEASE" if act == "event" else "HOLD")


def test_what_nobody_could_read_is_corrected_by_nothing_before_it_however_often_that_comes(
    port: Port,
) -> None:
    port.said(port.desk.event(event(2)))
    port.said(_garbage(port, HAWBS[0], 1))
    port.said(port.desk.event(event(2)))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert "DOC-MISS" in port.desk.events(event(1, "UPDATE")).codes


def test_what_was_corrected_without_redis_is_free_once_the_lane_is_read(port: Port) -> None:
    """Rebuilding has read the correction from the log before what it corrects comes again out of the lane."""
    port.desk.source.reason = "Redis: no answer"
    unread, correction = port.desk.record(b"{"), port.desk.event(event(2, "UPDATE"))
    told = port.said(unread, correction, waited=LONG_ENOUGH)
    port.desk.source.reason = ""
    port.wiped()
    rebuilt(port)
    while not port.desk.work.ready_for(RESCREENS):
        port.desk.clock.seconds += 1.1
    lane = [port.desk.again(one) for one in told if one.topic == RESCREENS]
    assert [one["decision"] for one in port.desk.answers(*lane).decisions] == ["HOLD", "RELEASE"]


def test_what_came_under_another_key_is_held_after_redis_was_emptied(port: Port) -> None:
    port.said(port.desk.event(event(1)))
    elsewhere = next(key for key in ("FX|8", "FX|9") if share_of(key.encode()) != share_of(KEY.encode()))
    first = port.said(port.desk.record(orjson.dumps(event(3, "UPDATE")), key=elsewhere))
    port.said(*(port.desk.again(one) for one in first if one.topic == RESCREENS))
    before = port.histories[KEY]
    port.wiped()
    rebuilt(port)
    assert structs.replace(port.histories[KEY], given={}) == structs.replace(before, given={})
    take_up(port)
    assert "DOC-IDFMT" in port.desk.events(event(2, "UPDATE")).codes
    assert port.desk.events(event(4, "UPDATE")).outcome == "RELEASE"


@pytest.mark.parametrize("is_old", [False, True], ids=["in the lane", "in the lane no longer"])
def test_what_lay_in_another_partition_than_its_keys_is_held_after_redis_was_emptied(
    port: Port, is_old: bool
) -> None:
    port.said(port.desk.event(event(1)))
    port.said_elsewhere(port.desk.action(action_type="MANUAL_HOLD"))
    port.said_elsewhere(port.desk.event(event(2, "UPDATE")))
    counted = port.counted
    if is_old:
        port.topics[RESCREENS].clear()
    port.wiped()
    rebuilt(port)
    assert port.counted == counted
    take_up(port)
    assert port.desk.events(event(3, "UPDATE")).codes == ["MAN-OFF"]
    assert port.desk.acts(hold_code="ALL").outcome == "RELEASE"


def test_a_parcel_that_was_cancelled_in_another_partition_is_so_after_redis_was_emptied(port: Port) -> None:
    port.said_elsewhere(port.desk.event(event(1)))
    port.said_elsewhere(port.desk.event(follow_up(2, "CANCEL")))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(follow_up(3, "SCAN", scanned_weight_kg="0.8")).codes == ["DOC-MISS"]


@pytest.mark.parametrize("removal", ["where it belongs", "displaced"])
def test_a_hold_of_what_lay_in_another_partition_is_no_sooner_free_after_redis_was_emptied(
    port: Port, removal: str
) -> None:
    port.said_elsewhere(port.desk.event(listed(1)))
    port.wiped()
    rebuilt(port)
    take_up(port)
    assert port.desk.events(event(2, "UPDATE")).codes == ["WL-NARC"]
    taken = structs.replace(port.desk.action(hold_code="ALL"), is_displaced=removal == "displaced")
    told = port.desk.answers(taken)
    lane = [port.desk.again(one) for one in told.of(RESCREENS)]
    assert (port.desk.answers(*lane) if lane else told).outcome == "RELEASE"


def test_what_came_before_partitions_were_added_is_counted_and_its_holds_stand(port: Port) -> None:
    """Its answers lie beside it, under the number of then."""
    port.said(port.desk.event(listed(1)))
    counted = port.counted
    for topic, records in port.topics.items():
        moved = [structs.replace(one, partition=1 - one.partition, is_displaced=True) for one in records]
        port.topics[topic] = [_answering(one, 1 - share_of(KEY.encode())) for one in moved]
    port.wiped()
    rebuilt(port)
    assert port.counted == counted
    take_up(port)
    assert port.desk.events(event(2, "UPDATE")).codes == ["WL-NARC"]


def _answering(record: Record, number: int) -> Record:
    """The record as an answer to what lies in that partition."""
    said = dict(record.headers)
    if CAUSE in said:
        topic, _, offset = said[CAUSE].decode().split("/")
        said[CAUSE] = f"{topic}/{number}/{offset}".encode()
    return structs.replace(record, headers=tuple(said.items()))


def test_a_decision_that_is_read_back_no_longer_is_superseded_by_what_its_order_says(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    before = port.desk.notes.decisions[-1].decision_id
    port.topics[PARCEL_EVENTS].clear()
    port.topics[DECISIONS].clear()
    port.wiped()
    rebuilt(port)
    take_up(port)
    port.desk.acts(hold_code="WL-NARC")
    assert port.desk.notes.decisions[-1].supersedes == before


def test_what_was_held_for_a_list_too_old_is_read_back_as_told(port: Port) -> None:
    """So what is screened again supersedes it, under an id of its own."""
    port.said(port.desk.event(event(1)))
    port.desk.clock.ms += 49 * 3_600_000
    port.said(port.desk.event(event(1)))
    port.said(port.desk.event(event(2, "UPDATE", pieces=2)))
    port.said(port.desk.event(event(1)))
    histories = port.histories
    port.wiped()
    rebuilt(port)
    assert port.histories == histories


def test_what_was_decided_blindly_is_not_remembered_as_if_it_had_been_known(port: Port) -> None:
    port.desk.source.reason = "Redis: no answer"
    port.said(port.desk.event(listed(1)), waited=LONG_ENOUGH)
    port.desk.source.reason = ""
    port.wiped()
    rebuilt(port)
    history = port.histories[KEY]
    assert (history.standing, history.open_holds, history.given) == ((), (), {})


def test_a_life_that_is_over_is_not_rebuilt(port: Port) -> None:
    rebuilding = Rebuilding(FakeStore(port.desk.source), FakePast({}), Notes(), lambda _: None)
    with pytest.raises(RebuildInterrupted, match="emptied again"):
        rebuilding.until_warm("an earlier life", shipped_rules())


def test_a_worker_that_is_to_stop_leaves_the_rest_to_others(port: Port) -> None:
    port.said(port.desk.event(listed(1)))

    def stopped(_: float) -> None:
        raise RebuildInterrupted("asked to stop")

    rebuilding = Rebuilding(FakeStore(port.desk.source), FakePast(port.topics), Notes(), stopped)
    with pytest.raises(RebuildInterrupted, match="asked to stop"):
        rebuilding.until_warm("epoch", shipped_rules())


Act = Callable[[Port, str, int], Record]


def _event(make: Callable[..., dict[str, Any]], *kinds: str, **fields: object) -> Act:
    def made(port: Port, hawb: str, seq: int) -> Record:
        return port.desk.event(make(seq, *kinds, **{**fields, "hawb": hawb}))

    return made


def _action(**fields: object) -> Act:
    def made(port: Port, hawb: str, seq: int) -> Record:
        return port.desk.action(hawb=hawb, action_id=f"{hawb}-{seq}", **fields)

    return made


def _removal(port: Port, hawb: str, seq: int) -> Record:
    """The removal of what one of the parcel's decisions showed, not always of the last."""
    decided = [orjson.loads(record.value or b"") for record in port.topics.get(DECISIONS, ())]
    named = [str(one["decision_id"]) for one in decided if one["hawb"] == hawb][-seq:]
    return _action(hold_code="ALL", decision_id=named[0] if named else "0" * 32)(port, hawb, seq)


def _unreadable(port: Port, hawb: str, seq: int) -> Record:
    return port.desk.event({**event(seq, hawb=hawb), "items": "none"})


def _garbage(port: Port, hawb: str, seq: int) -> Record:
    return port.desk.record(b"{" * seq, key=f"{CARRIER}|{hawb}")


def _unreadable_action(port: Port, hawb: str, seq: int) -> Record:
    record = _action(action_type="MANUAL_HOLD")(port, hawb, seq)
    return structs.replace(record, value=(record.value or b"").replace(b"2026-11-24T12", b"tomorrow"))


ACTS: Sequence[Act] = (
    _event(event),
    _event(event, "UPDATE", declared_value="900.00", value_usd="900.00"),
    _event(listed),
    _event(listed, "UPDATE"),
    _event(follow_up, "CANCEL"),
    _event(follow_up, "ARRIVAL", arrival_time="2026-11-25T08:00:00Z", arrival_tz="America/Chicago"),
    _event(follow_up, "SCAN", scanned_weight_kg="0.8"),
    _unreadable,
    _garbage,
    _unreadable_action,
    _action(hold_code="WL-NARC"),
    _action(hold_code="ALL"),
    _removal,
    _action(action_type="EXAM_RESULT", outcome="NEGATIVE", hold_code=""),
    _action(action_type="EXAM_RESULT", outcome="SEIZED", hold_code=""),
    _action(action_type="MANUAL_HOLD"),
)
STEPS = st.tuples(st.sampled_from(ACTS), st.sampled_from(HAWBS), st.integers(1, 6), st.booleans())


def live(
    port: Port,
    steps: Sequence[tuple[Act, str, int, bool]],
    otherwise: Callable[[Port, Record], None] = Port.said_blindly,
) -> None:
    """A day at the port; a step in four or so comes ``otherwise``: while Redis is out."""
    for number, (act, hawb, seq, is_other) in enumerate(steps):
        record = act(port, hawb, seq)
        if is_other and number % 2:
            otherwise(port, record)
        else:
            port.said(record)


@given(st.lists(STEPS, max_size=14), st.integers(1, 5))
@example([(ACTS[0], HAWBS[0], 1, False), (_unreadable, HAWBS[0], 2, False), (ACTS[0], HAWBS[0], 1, False)], 1)
@example([(_unreadable, HAWBS[0], 5, False), (ACTS[0], HAWBS[0], 1, False), (ACTS[1], HAWBS[0], 4, False)], 2)
@example(
    [*((act, HAWBS[0], 1, False) for act in (ACTS[0], _unreadable, ACTS[11])), (ACTS[0], HAWBS[0], 1, True)],
    1,
)
@settings(max_examples=60)
def test_histories_and_windows_are_those_of_before_redis_was_emptied(
    steps: Sequence[tuple[Act, str, int, bool]], size: int
) -> None:
    port = Port()
    live(port, steps)
    histories, counted = port.histories, port.counted
    port.wiped()
    rebuilt(port, size)
    assert _but_for_the_unread(port.histories) == _but_for_the_unread(histories)
    assert port.counted == counted


@given(st.lists(STEPS, max_size=14), st.integers(1, 5))
@example(
    [(ACTS[0], HAWBS[0], n, is_other) for n, is_other in ((2, False), (1, True), (2, False), (1, False))], 1
)
@settings(max_examples=60)
def test_histories_are_those_of_before_redis_was_emptied_wherever_messages_lay(
    steps: Sequence[tuple[Act, str, int, bool]], size: int
) -> None:
    port = Port()
    live(port, steps, Port.said_elsewhere)
    histories, counted = port.histories, port.counted
    port.wiped()
    rebuilt(port, size)
    assert _but_for_the_unread(port.histories) == _but_for_the_unread(histories)
    assert port.counted == counted


def _but_for_the_unread(histories: Mapping[str, History]) -> Mapping[str, History]:
    """Without what nobody could read and was set aside: no order shows that."""

    def shown(history: History) -> History:
        is_set_aside = all({*hold.basis} <= {*history.cleared} for hold in history.unread)
        return structs.replace(history, unread=(), unread_seq=-1) if is_set_aside else history

    return {key: shown(history) for key, history in histories.items()}


@given(st.lists(STEPS, max_size=14), st.integers(1, 5), st.integers(0, 12), st.integers(0, 14))
@example([*((_unreadable, HAWBS[0], seq, False) for seq in (1, 2)), (_removal, HAWBS[0], 2, False)], 1, 0, 3)
@settings(max_examples=60)
def test_a_rebuild_that_was_killed_over_a_replica_that_lagged_ends_in_the_same_state(
    steps: Sequence[tuple[Act, str, int, bool]], size: int, killed_after: int, lag: int
) -> None:
    port, replica = Port(), Port()
    live(port, steps)
    live(replica, steps[:lag])
    histories, counted = port.histories, port.counted
    port.wiped()
    port.desk.source.histories = dict(replica.desk.source.histories)
    port.desk.source.records = dict(replica.desk.source.records)
    try:
        rebuilt(port, size, refuses_after=killed_after)
    except RebuildInterrupted:
        rebuilt(port, 1)
    assert _but_for_the_unread(port.histories) == _but_for_the_unread(histories)
    assert port.counted == counted


def test_all_topics_that_are_read_have_been_written_in_these_tests(port: Port) -> None:
    port.said(port.desk.event(listed(1)))
    port.said_elsewhere(port.desk.action(hold_code="WL-NARC"))
    assert {PARCEL_EVENTS, OFFICER_ACTIONS, RESCREENS, HOLD_ORDERS, DECISIONS} == port.topics.keys()
