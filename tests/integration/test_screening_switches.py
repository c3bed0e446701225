"""Lists and rules are switched while parcels stream: every decision is made under one set of them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.integration.harbour import SECRET, Harbour, assert_sound, harbour
from tests.servers import Broker
from tidewaiter.adapters.redis_lists import RedisLists
from tidewaiter.adapters.redis_rules import RedisRules
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.seeding import publish_rules
from tidewaiter.resources import rulesets_directory
from tidewaiter.rules.ordinary import ORDINARY_EVENT
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.watchlists.formats import read_all
from tidewaiter.watchlists.generations import load
from tidewaiter.wire.topics import DECISIONS, HOLD_ORDERS, PARCEL_EVENTS

pytestmark = [pytest.mark.apache, pytest.mark.redis, pytest.mark.slow]

_SDN = '{number},"{name}","individual","SDNTK",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"{remarks}"\r\n'
_ADD = '{number},1,"{street}","{city}","{country}",-0- \r\n'
# So many that a worker renews its index twice before it builds one anew.
_OTHERS = "".join(
    _SDN.format(number=40_000 + at, name=f"MERRIVALE, Osgood {at}", remarks=f"POB Port {at}.")
    for at in range(50)
)


def one_list(directory: Path, number: int) -> Path:
    """Even lists name a party, odd ones a telephone: of a parcel with both, exactly one holds it."""
    directory = directory / f"list-{number}"
    directory.mkdir()
    if number % 2 == 0:
        row = _SDN.format(number=36216, name="ZHELEZNYKHOV, Radomir", remarks=f"Vintage {number}.")
        place = _ADD.format(number=36216, street="14 Harbour Lane", city="Valletta VLT 1107", country="Malta")
    else:
        remarks = f"Phone Number 35621224455; Vintage {number}."
        row = _SDN.format(number=36217, name="QUIXADA, Belisario", remarks=remarks)
        place = _ADD.format(number=36217, street="1 Rua Nova", city="Porto", country="Portugal")
    (directory / "sdn.csv").write_bytes(f"{row}{_OTHERS}".encode())
    (directory / "add.csv").write_bytes(place.encode())
    return directory


def sent_by_both(parcels: int) -> Iterator[Outgoing]:
    """Parcels of the named party with the listed telephone."""
    shipper = {
        "name": "Radomir Zheleznykhov",
        "addr_lines": ["14 Harbour Lane"],
        "city": "Valletta",
        "postal": "VLT 1107",
        "country": "MT",
        "email": "post@zheleznykhov.example",
        "phone": "+356 2122 4455",
    }
    for number in range(parcels):
        hawb = f"88{number:010d}"
        document = {
            **ORDINARY_EVENT,
            "hawb": hawb,
            "event_id": hawb,
            "shipper": shipper,
            "export_country": "MT",
        }
        yield Outgoing(PARCEL_EVENTS, f"FX|{hawb}".encode(), orjson.dumps(document))


@pytest.fixture
def at(apache_kafka: Broker) -> Iterator[Harbour]:
    with harbour(apache_kafka) as at:
        yield at


def test_no_decision_mixes_two_generations_of_the_lists(at: Harbour) -> None:
    directories = [one_list(at.directory, number) for number in range(6)]
    client, tokens = at.redis.client(), Tokens(SECRET)
    client.flushall()
    at.fill(directories[0])
    for slot in (0, 1):
        at.start(slot)
    with at.streaming(sent_by_both(3000), rate=250):
        for place, directory in enumerate(directories[1:]):
            at.wait_until(partial(_more_decided_than, at, 200 + 300 * place))
            # Even lists have no identifier, which the guard would take for a broken file.
            load(RedisLists(client, tokens), read_all((directory,)), "x", at=datetime.now(UTC), max_shrink=1)
    assert_sound(at)
    orders = at.documents(HOLD_ORDERS)
    assert len(orders) == 3000
    assert len({order["watchlist_generation"] for order in orders}) >= 4
    for order in orders:
        assert _listed_codes(order) == expected_codes(order["watchlist_generation"]), order
    assert_versions_are_those_of_their_generation(orders, RedisLists(client, None))


def _more_decided_than(at: Harbour, count: int) -> bool:
    return len(at.records(DECISIONS)) > count


def _listed_codes(order: dict[str, Any]) -> set[str]:
    """By the name, which is matched in memory, and by the telephone, which is looked up in Redis."""
    return {hold["code"] for hold in order["holds"]} & {"WL-NARC", "WL-ID"}


def expected_codes(generation: int) -> set[str]:
    """Generation 1 is of list 0: the name by an odd generation, the telephone by an even one."""
    return {"WL-NARC"} if generation % 2 else {"WL-ID"}


def assert_versions_are_those_of_their_generation(orders: list[dict[str, Any]], lists: RedisLists) -> None:
    for number in lists.numbers():
        kept = lists.generation(number)
        assert kept is not None
        cited = [one["watchlist_versions"] for one in orders if one["watchlist_generation"] == number]
        wanted = {name: source.version for name, source in kept.sources.items()}
        assert all(versions == wanted for versions in cited), number


def changed_rules(directory: Path) -> Path:
    """The shipped ruleset with another title, which is another version."""
    copy = directory / "rules"
    shutil.copytree(rulesets_directory() / "default", copy)
    path = copy / "watchlist.yaml"
    path.write_text(
        path.read_text().replace("title: Party on a narcotics list", "title: Party named a trafficker")
    )
    return copy


def test_a_ruleset_published_under_load_is_taken_up_without_a_pause(at: Harbour) -> None:
    client = at.redis.client()
    before = RedisRules(client).current()
    for slot in (0, 1):
        at.start(slot)
    traffic = Traffic(7, 3000, datetime.now(UTC), planted_share=0.2)  # hold orders are what names a ruleset
    with at.streaming(map(sent, traffic), rate=250):
        at.wait_until(lambda: len(at.records(DECISIONS)) > 300)
        after = publish_rules(client, changed_rules(at.directory), reason="for a test")
    assert_sound(at)
    orders = at.documents(HOLD_ORDERS)
    assert {order["rules_version"] for order in orders} == {before, after}
    assert _newest(orders)["rules_version"] == after
    assert not any(order["degraded"] for order in orders)


def _newest(orders: list[dict[str, Any]]) -> dict[str, Any]:
    return max(orders, key=lambda order: str(order["decided_at"]))
