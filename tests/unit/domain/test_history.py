"""A parcel's history is the same whatever order its messages come in, and however often."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.event import EventType, Item, ParcelEvent
from tidewaiter.domain.history import (
    EMPTY,
    MAX_SHOWN,
    MAX_SHOWN_BASES,
    MAX_STANDING_BASES,
    MAX_UNREAD,
    MAX_VERSIONS,
    History,
    with_event,
    with_holds,
    with_unread,
)
from tidewaiter.domain.hold import Hold
from tidewaiter.domain.officers import with_action
from tidewaiter.domain.parcel import Trigger, entry_date, law_date, parcel_of
from tidewaiter.domain.party import Party

START = datetime(2026, 11, 23, 6, tzinfo=UTC)


def event(seq: int, event_type: EventType = "CREATE", **fields: object) -> ParcelEvent:
    required = {
        "event_id": f"e{seq}-{event_type}-{len(fields)}",
        "event_type": event_type,
        "event_time": START + timedelta(minutes=seq),
        "schema_version": "1.0",
        "source_carrier": "FX",
        "message_seq": seq,
        "hawb": "H1",
    }
    return ParcelEvent(**{**required, **fields})  # type: ignore[arg-type]


def folded(events: list[ParcelEvent]) -> History:
    history = EMPTY
    for one in events:
        history = with_event(history, one, one.event_id.encode(), one.event_id)
    return history


events = st.builds(
    lambda seq, kind, value: event(
        seq, kind, value_usd=Decimal(value), event_id=f"{seq}{kind}{value}", scanned_weight_kg=Decimal(value)
    ),
    st.integers(0, 4),
    st.sampled_from(("CREATE", "UPDATE", "CANCEL", "ARRIVAL", "SCAN")),
    st.integers(1, 3),
)


@given(
    st.lists(events, max_size=8).flatmap(
        lambda some: st.tuples(st.just(some), st.permutations(some + some[:3]))
    )
)
def test_history_is_the_same_for_every_order_and_repetition(
    pair: tuple[list[ParcelEvent], list[ParcelEvent]],
) -> None:
    some, shuffled = pair
    assert folded(shuffled) == folded(some)


def test_the_latest_declaration_is_in_force_though_it_came_first() -> None:
    history = folded([event(3, "UPDATE", pieces=3), event(1, pieces=1), event(2, "UPDATE", pieces=2)])
    assert history.declaration is not None
    assert history.declaration.event.pieces == 3


def test_arrival_and_scan_are_laid_over_the_declaration() -> None:
    arrived = datetime(2026, 11, 24, 3, tzinfo=UTC)
    history = folded(
        [event(2, "ARRIVAL", arrival_time=arrived), event(3, "SCAN", scanned_weight_kg=Decimal(2)), event(1)]
    )
    parcel = parcel_of(history, Trigger("t", "t", 3, START), event(3, "SCAN"))
    assert parcel.status == "DECLARED"
    assert (parcel.event.arrival_time, parcel.event.scanned_weight_kg) == (arrived, Decimal(2))


def test_a_declaration_after_a_cancellation_is_in_force_again() -> None:
    trigger = Trigger("t", "t", 3, START)
    cancelled = folded([event(1), event(2, "CANCEL")])
    assert parcel_of(cancelled, trigger, event(2, "CANCEL")).status == "CANCELLED"
    again = with_event(cancelled, event(3, "UPDATE"), b"", "again")
    assert parcel_of(again, trigger, event(3, "UPDATE")).status == "DECLARED"


def test_versions_remember_what_was_declared_before() -> None:
    first = event(
        1, value_usd=Decimal("80.50"), items=(Item(description="cotton shirt"),), consignee=Party("Ann")
    )
    (version,) = folded([first]).versions
    assert (version.value_cents, version.description, version.consignee) == (8050, "cotton shirt", "Ann")


def test_history_keeps_a_bounded_number_of_versions_and_declarations_longest() -> None:
    assert len(folded([event(seq) for seq in range(MAX_VERSIONS + 9)]).versions) == MAX_VERSIONS
    messages = [event(seq, "SCAN" if seq > 1 else "CREATE") for seq in range(MAX_VERSIONS + 9)]
    kept = folded(messages).versions
    assert [version.seq for version in kept] == [0, 1, *range(11, MAX_VERSIONS + 9)]
    assert folded(messages[::-1]).versions == kept


def test_entry_date_is_the_local_day_at_the_port() -> None:
    arrival = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert (
        entry_date(event(1, arrival_time=arrival, arrival_tz="America/New_York")).isoformat() == "2026-11-23"
    )
    assert entry_date(event(1)).isoformat() == "2026-11-23"


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("America/New_York", "2026-11-24"),
        ("America/Los_Angeles", "2026-11-23"),
        ("Pacific/Guam", "2026-11-24"),
    ],
)
def test_entry_date_is_that_of_the_port_which_the_zone_names(zone: str, day: str) -> None:
    morning = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
    assert entry_date(event(1, arrival_time=morning, arrival_tz=zone)).isoformat() == day


@pytest.mark.parametrize("day_of", [entry_date, law_date])
def test_the_day_is_the_flights_only_where_no_arrival_is_known_nor_expected(
    day_of: Callable[[ParcelEvent], date],
) -> None:
    noon, flight = START + timedelta(days=2, hours=12), date(2026, 11, 24)
    assert day_of(event(1, flight_date=flight)) == flight
    assert day_of(event(1, flight_date=flight, arrival_time=noon)) == date(2026, 11, 25)
    assert day_of(event(1, flight_date=flight, eta=noon)) == date(2026, 11, 25)


@pytest.mark.parametrize(
    ("items", "countries"),
    [
        ((), "VN"),
        ((Item(),), "VN"),
        ((Item(origin_country="CN"),), "CN"),
        ((Item(origin_country="CN"), Item(), Item(origin_country="CN")), "CN,VN"),
    ],
)
def test_the_law_asks_where_goods_were_made_else_where_they_were_sent_from(
    items: tuple[Item, ...], countries: str
) -> None:
    declared = event(1, export_country="VN", items=items)
    parcel = parcel_of(folded([declared]), Trigger("t", "t", 1, START), declared)
    assert (parcel.made_in, parcel.origin) == (countries, "VN")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-08-29T03:59:59+00:00", "2025-08-28"),
        ("2025-08-29T04:00:00+00:00", "2025-08-29"),
        ("2025-08-29T11:00:00+08:00", "2025-08-28"),
        ("2025-08-28T22:30:00-07:00", "2025-08-28"),
    ],
)
@pytest.mark.parametrize("field", ["arrival_time", "eta", "event_time"])
def test_entry_date_is_a_day_in_the_united_states_though_the_port_has_no_zone(
    field: str, moment: str, day: str
) -> None:
    named: dict[str, Any] = {field: datetime.fromisoformat(moment)}

    assert entry_date(event(1, **named)).isoformat() == day
    assert entry_date(event(1, **named, arrival_tz="No/Where")).isoformat() == day


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12"])
def test_entry_date_is_no_day_in_a_zone_that_no_port_has(zone: str) -> None:
    for hour in (3, 15, 23):
        moment = datetime(2026, 11, 24, hour, tzinfo=UTC)
        east = entry_date(event(1, eta=moment, arrival_tz="America/New_York"))
        assert entry_date(event(1, eta=moment, arrival_tz=zone)) == east


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2025-08-28T20:59:59-07:00", "2025-08-28"),
        ("2025-08-28T21:00:00-07:00", "2025-08-29"),
        ("2025-08-29T03:59:59+00:00", "2025-08-28"),
        ("2026-02-24T00:30:00-04:00", "2026-02-23"),
    ],
)
@pytest.mark.parametrize("zone", ["", "America/Los_Angeles", "Pacific/Honolulu", "America/Puerto_Rico"])
@pytest.mark.parametrize("field", ["arrival_time", "eta", "event_time"])
def test_law_date_is_the_day_in_the_east_wherever_the_port_is(
    field: str, zone: str, moment: str, day: str
) -> None:
    named: dict[str, Any] = {field: datetime.fromisoformat(moment)}

    assert law_date(event(1, **named, arrival_tz=zone)).isoformat() == day


def action(action_id: str = "a1", **fields: object) -> OfficerAction:
    required = {
        "action_id": action_id,
        "action_type": "HOLD_REMOVED",
        "action_time": START,
        "schema_version": "1.0",
        "source_carrier": "FX",
        "hawb": "H1",
        "officer_id": "o7",
        "reason": "not the same person",
    }
    return OfficerAction(**{**required, **fields})  # type: ignore[arg-type]


def held(*codes: str) -> History:
    holds = tuple(Hold(code, ("R",), 3, "OFFICER", START, (f"{code}:x",)) for code in codes)
    return History(open_holds=holds)


def test_a_removal_clears_the_bases_of_its_code_only_and_once() -> None:
    history = with_action(held("WL-NARC", "NAR-HS"), action(hold_code="WL-NARC"))
    assert history.cleared == ("WL-NARC:x",)
    assert with_action(history, action(hold_code="ALL")) == history


def shown(*holds: Hold) -> History:
    """What is known after one decision a hold, each of which left open what the one before it had, too."""
    history = EMPTY
    for number in range(1, len(holds) + 1):
        history = with_holds(history, f"d{number}", holds[:number])
    return history


def hold_of(code: str, basis: str) -> Hold:
    return Hold(code, ("R",), 3, "OFFICER", START, (basis,))


@pytest.mark.parametrize(
    ("claim", "entry_type", "asked"),
    [("INFORMAL", "", "11"), ("INFORMAL", "86", "86"), ("FORMAL", "", ""), ("", "", "")],
)
def test_the_law_is_asked_for_an_informal_entry_where_only_the_claim_says_it(
    claim: str, entry_type: str, asked: str
) -> None:
    declared = event(1, claim=claim, entry_type=entry_type)
    history = folded([declared])
    assert parcel_of(history, Trigger("e1", "d", 1, START), declared).entry_type == asked


@pytest.mark.parametrize(
    ("decision_id", "cleared"),
    [("d1", ("W01:x",)), ("d2", ("W01:x", "W05:y")), ("another", ()), ("", ("W01:x", "W05:y"))],
)
@pytest.mark.parametrize(
    "said", [{"hold_code": "ALL"}, {"action_type": "EXAM_RESULT", "outcome": "NEGATIVE"}], ids=str
)
def test_what_the_officer_was_not_shown_is_not_removed(
    said: dict[str, str], decision_id: str, cleared: tuple[str, ...]
) -> None:
    history = shown(hold_of("WL-NARC", "W01:x"), hold_of("WL-ID", "W05:y"))
    assert with_action(history, action(decision_id=decision_id, **said)).cleared == cleared


def test_of_decisions_that_show_very_much_fewer_are_remembered_and_always_the_last() -> None:
    def hold_on(bases: int) -> Hold:
        return Hold("WL-LOCAL", ("W07",), 3, "OFFICER", START, tuple(f"W07:{n:05d}" for n in range(bases)))

    history = EMPTY
    for number in range(9):
        history = with_holds(history, f"d{number}", (hold_on(MAX_SHOWN_BASES // 3),))
    assert list(history.shown) == ["d6", "d7", "d8"]
    assert list(with_holds(history, "d9", (hold_on(2 * MAX_SHOWN_BASES),)).shown) == ["d9"]


def test_of_what_could_not_be_answered_rules_alone_are_removed() -> None:
    stale = Hold("SYS-STALE", ("R02",), 2, "DATA", START, ("R02:A03", "R02:behind", "R02:lists"))
    history = with_holds(EMPTY, "d", (stale,))
    for code in ("ALL", "SYS-STALE"):
        assert with_action(history, action(hold_code=code)).cleared == ("R02:A03",)


def test_of_a_decision_that_was_told_twice_only_what_both_showed_is_removed() -> None:
    one, other = hold_of("WL-NARC", "W01:x"), hold_of("WL-LOCAL", "W07:y")
    history = with_holds(with_holds(EMPTY, "d", (one,)), "d", (one, other))
    assert with_action(history, action(decision_id="d", hold_code="ALL")).cleared == ("W01:x",)


def test_what_many_decisions_showed_is_remembered_of_the_latest() -> None:
    history = EMPTY
    for number in range(MAX_SHOWN + 2):
        history = with_holds(history, f"d{number}", (hold_of("WL-ID", "W05:y"),))
    assert len(history.shown) == MAX_SHOWN
    assert with_action(history, action(decision_id="d1", hold_code="ALL")).cleared == ()
    assert with_action(history, action(decision_id="d2", hold_code="ALL")).cleared == ("W05:y",)


def test_what_stands_is_bounded_and_what_was_set_aside_makes_room() -> None:
    first = tuple(f"W01:{number:05d}" for number in range(MAX_STANDING_BASES + 9))
    history = with_holds(EMPTY, "d1", (Hold("WL-NARC", ("W01",), 4, "OFFICER", START, first),))
    assert [hold.basis for hold in history.standing] == [first[:MAX_STANDING_BASES]]
    history = with_action(history, action(hold_code="WL-NARC"))
    history = with_holds(history, "d2", (hold_of("WL-NARC", "W01:later"),))
    assert [hold.basis for hold in history.standing] == [("W01:later",)]


def test_of_what_nobody_could_read_so_many_are_told_and_always_the_last() -> None:
    history = EMPTY
    for number in range(MAX_UNREAD + 2):
        history = with_unread(history, hold_of("DOC-MISS", f"unread:{number:03d}"))
    (hold,) = history.unread
    assert hold.basis == (*[f"unread:{number:03d}" for number in range(MAX_UNREAD - 1)], hold.basis[-1])
    assert hold.basis[-1] == f"unread:{MAX_UNREAD + 1:03d}"


@pytest.mark.parametrize(
    "again", [{"action_type": "MANUAL_HOLD"}, {"action_type": "EXAM_RESULT", "outcome": "SEIZED"}]
)
def test_an_order_under_the_id_of_one_that_was_set_aside_is_not_set_aside(again: dict[str, str]) -> None:
    order = Hold("MAN-OFF", ("R03",), 4, "OFFICER", START, ("R03:a1",))
    history = with_holds(with_action(EMPTY, action(action_type="MANUAL_HOLD")), "d1", (order,))
    history = with_action(history, action("a2", hold_code="MAN-OFF"))
    assert history.cleared == ("R03:a1",)
    assert with_action(history, action(**again, reason="seen again")).cleared == ()
    assert with_action(history, action(action_type="MANUAL_HOLD")).cleared == ("R03:a1",)


def test_a_negative_exam_answers_what_an_exam_can_answer() -> None:
    history = with_action(held("WL-NARC", "DOC-MISS"), action(action_type="EXAM_RESULT", outcome="NEGATIVE"))
    assert history.cleared == ("WL-NARC:x",)


def test_a_positive_exam_clears_nothing() -> None:
    assert with_action(held("WL-NARC"), action(action_type="EXAM_RESULT", outcome="SEIZED")).cleared == ()


def test_what_only_the_dea_may_remove_stays_under_any_other_authority() -> None:
    press = Hold("EQP-PRESS", ("N05",), 4, "DEA", START, ("N05:x",))
    history = History(open_holds=(press, Hold("NAR-HS", ("N03",), 3, "OFFICER", START, ("N03:x",))))
    assert with_action(history, action(hold_code="ALL")).cleared == ("N03:x",)
    exam = action(action_type="EXAM_RESULT", outcome="NEGATIVE")
    assert with_action(history, exam).cleared == ("N03:x",)
    assert with_action(history, action(hold_code="ALL", authority="DEA")).cleared == ("N03:x", "N05:x")
