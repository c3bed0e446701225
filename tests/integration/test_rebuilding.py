"""Redis is emptied while parcels stream: nothing is released that was held, and all of it comes back."""

import signal
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from msgspec import structs

from tests.integration.harbour import SECRET, Harbour, assert_sound, ended, harbour
from tests.integration.test_screening_switches import one_list
from tests.servers import Broker
from tidewaiter.adapters.redis_evidence import EvidenceSettings, RedisEvidence
from tidewaiter.adapters.redis_rebuild import RedisRebuild, rebuild_of
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.domain.history import History
from tidewaiter.domain.lookup import Gathered, Lookup
from tidewaiter.domain.rebuild import Share
from tidewaiter.rules.ordinary import ORDINARY_EVENT
from tidewaiter.screener import questions
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.wire import events
from tidewaiter.wire.events import Decoded
from tidewaiter.wire.history import decode as decode_history
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

pytestmark = [pytest.mark.apache, pytest.mark.redis, pytest.mark.slow]

HELD, CLEARED, RICH, RICHER = "770000000011", "770000000012", "770000000013", "770000000014"
LISTED = {
    "name": "Radomir Zheleznykhov",
    "addr_lines": ["14 Harbour Lane"],
    "city": "Valletta",
    "postal": "VLT 1107",
    "country": "MT",
    "phone": "+356 2122 9988",
    "email": "post@zheleznykhov.example",
}
_WORTH: Mapping[str, Any] = {"declared_value": "1500.00", "value_usd": "1500.00"}


def declared(hawb: str, seq: int = 1, **changes: object) -> Outgoing:
    kind = "CREATE" if seq == 1 else "UPDATE"
    said = {"hawb": hawb, "message_seq": seq, "event_id": f"{hawb}-{seq}", "event_type": kind}
    return Outgoing(PARCEL_EVENTS, f"FX|{hawb}".encode(), orjson.dumps({**ORDINARY_EVENT, **said, **changes}))


def listed(hawb: str, seq: int = 1, **changes: object) -> Outgoing:
    return declared(hawb, seq, shipper=LISTED, export_country="MT", **changes)


def removed(hawb: str) -> Outgoing:
    return acted(hawb, action_type="HOLD_REMOVED", hold_code="WL-NARC")


def acted(hawb: str, **what: str) -> Outgoing:
    action = {
        "action_id": f"{what['action_type']}-{hawb}",
        "action_time": datetime.now(UTC).isoformat(),
        "schema_version": "1.0",
        "source_carrier": "FX",
        "hawb": hawb,
        "officer_id": "officer-7",
        "reason": "another person",
        **what,
    }
    return Outgoing(OFFICER_ACTIONS, f"FX|{hawb}".encode(), orjson.dumps(action))


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka, filled=False) as at:
        at.fill(one_list(at.directory, 0))
        yield at


def a_day(at: Harbour) -> None:
    """Parcels held, cleared, and counted into a person's day, among others."""
    at.publish([listed(HELD), listed(CLEARED), declared(RICH, **_WORTH)])
    at.publish(map(sent, Traffic(7, 300, datetime.now(UTC), planted_share=0.05)))
    assert_sound(at)
    at.publish([removed(CLEARED)])
    at.wait_until(lambda: last(at, CLEARED)["decision"] == "RELEASE")


def last(at: Harbour, hawb: str) -> Mapping[str, Any]:
    """The last decision about a parcel."""
    found = [one for one in at.documents(DECISIONS) if one["hawb"] == hawb]
    return found[-1] if found else {"decision": ""}


def codes(at: Harbour, hawb: str) -> list[str]:
    """The holds that its last order says are open."""
    orders = [one for one in at.documents(HOLD_ORDERS) if one["hawb"] == hawb]
    return [hold["code"] for hold in orders[-1]["holds"]] if orders else []


def windows(at: Harbour) -> list[Sequence[tuple[int, ...]]]:
    """What every window of every declaration holds now; nothing is counted by asking."""
    source = RedisEvidence(at.redis.url, Tokens(SECRET), EvidenceSettings(deadline_seconds=5.0))
    decoded = [events.decode(record.value or b"") for record in at.records(PARCEL_EVENTS)]
    asked = [
        questions.declared(one.event, 0, "asked by a test", has_press_parts=True).lookup
        for one in decoded
        if isinstance(one, Decoded) and one.event.has_declaration
    ]
    gathered = source.gather([_only_looking(lookup) for lookup in asked], 0)
    source.close()
    assert isinstance(gathered, Gathered), gathered
    return [answer.windows for answer in gathered.answers]


def _only_looking(lookup: Lookup) -> Lookup:
    return Lookup(lookup.parcel, 0, "", "look", lookup.contributions)


def remembered(at: Harbour) -> dict[object, History]:
    """Every history in Redis by its key, as it is once the last batch is committed."""
    client = at.redis.client()
    blobs = {key: client.get(key) for key in client.scan_iter("tw:parcel:*")}
    decoded = {key: decode_history(blob) for key, blob in blobs.items() if isinstance(blob, bytes)}
    return {key: structs.replace(history, unsettled=None) for key, history in decoded.items()}


def emptied(at: Harbour) -> None:
    at.redis.client().flushall()


def is_warm(at: Harbour) -> bool:
    found = rebuild_of(at.redis.client())
    return found is not None and found.is_warm


def test_an_emptied_redis_is_read_back_and_nothing_held_goes_free(at: Harbour) -> None:
    for slot in (0, 1):
        at.start(slot)
    a_day(at)
    histories, counted = remembered(at), windows(at)
    emptied(at)
    at.fill(at.directory / "list-0")
    at.wait_until(lambda: is_warm(at))
    assert remembered(at) == histories
    assert windows(at) == counted
    at.publish([declared(HELD, 2), listed(CLEARED, 2, pieces=2), declared(RICHER, **_WORTH)])
    assert_sound(at)
    assert "WL-NARC" in codes(at, HELD)
    assert "WL-NARC" not in codes(at, CLEARED)
    assert "ELG-AGG" in codes(at, RICHER)


def test_what_lay_in_another_partition_than_its_keys_is_no_freer_for_it(at: Harbour) -> None:
    for slot in (0, 1):
        at.start(slot)
    ordered = [f"7700000001{n:02}" for n in range(8)]
    at.publish_displaced([listed(HELD), declared(RICH, **_WORTH), *map(declared, ordered)])
    at.publish_displaced([acted(hawb, action_type="MANUAL_HOLD") for hawb in ordered])
    assert_sound(at)
    assert "WL-NARC" in codes(at, HELD)
    assert [hawb for hawb in ordered if "MAN-OFF" not in codes(at, hawb)] == []
    counted = windows(at)
    emptied(at)
    at.fill(at.directory / "list-0")
    at.wait_until(lambda: is_warm(at))
    assert windows(at) == counted
    at.publish_displaced([declared(hawb, 2) for hawb in (HELD, *ordered)])
    at.publish_displaced([declared(RICHER, **_WORTH)])
    assert_sound(at)
    assert "WL-NARC" in codes(at, HELD)
    assert [hawb for hawb in ordered if "MAN-OFF" not in codes(at, hawb)] == []
    assert "ELG-AGG" in codes(at, RICHER)


def test_until_it_is_read_back_parcels_are_held_and_screened_again_afterwards(at: Harbour) -> None:
    at.start(0)
    a_day(at)
    emptied(at)
    at.wait_until(lambda: at.redis.client().get("tw:epoch") is not None)
    shares = hold_all_shares(at, seconds=8.0)
    assert len(shares) == 4
    at.fill(at.directory / "list-0")
    at.publish([declared(HELD, 2), declared(RICHER, **_WORTH)])
    at.wait_until(lambda: all(last(at, hawb).get("degraded") for hawb in (HELD, RICHER)))
    assert not is_warm(at)
    assert_sound(at)
    assert "WL-NARC" in codes(at, HELD)
    assert "ELG-AGG" in codes(at, RICHER)


def hold_all_shares(at: Harbour, seconds: float) -> list[Share]:
    """Another worker has all of it in its hands, and never comes to finish."""
    epoch = at.redis.client().get("tw:epoch")
    assert isinstance(epoch, bytes)
    store = RedisRebuild(at.redis.url, Tokens(SECRET), seconds)
    taken = [store.take(epoch.decode(), 4) for _ in range(5)]
    store.close()
    return [one for one in taken if isinstance(one, Share)]


def test_a_worker_killed_while_it_reads_back_is_replaced_by_another(at: Harbour) -> None:
    first = at.start(0)
    a_day(at)
    histories, counted = remembered(at), windows(at)
    assert ended(first)[0] == 0
    emptied(at)
    at.fill(at.directory / "list-0")
    dying = at.start(0, ("-m", "tests.integration.dying_rebuilder", "6"))
    assert dying.wait(60) == -signal.SIGKILL
    assert not is_warm(at)
    at.start(0)
    at.wait_until(lambda: is_warm(at))
    assert remembered(at) == histories
    assert windows(at) == counted
