"""Every query of every dashboard has an answer on a Prometheus that scrapes real workers under load."""

import math
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from tests.contracts.dashboards import Asked, marks, panel_queries
from tests.integration.harbour import ROOT, SECRET, Harbour, harbour
from tests.integration.scraping import Scraping
from tests.servers import Broker
from tidewaiter.adapters.redis_rule_exceptions import RedisRuleExceptions
from tidewaiter.adapters.tokens import Tokens
from tidewaiter.cli.seeding import load_lists, publish_rules
from tidewaiter.domain.action import OfficerAction
from tidewaiter.domain.exception import RuleException
from tidewaiter.domain.party import Party
from tidewaiter.local.server import free_port
from tidewaiter.matching.identity import person_keys
from tidewaiter.resources import rulesets_directory
from tidewaiter.settings import PREFIX
from tidewaiter.simulate.lists import write_fictitious_list
from tidewaiter.simulate.rubbish import rubbish
from tidewaiter.simulate.sending import record as sent
from tidewaiter.simulate.traffic import Traffic
from tidewaiter.stream.record import Outgoing
from tidewaiter.telemetry.catalogue import (
    CATALOGUE,
    INSIGHT_ALERTS,
    LAG_MEMBERS,
    LAG_OPEN_TRANSACTION_SECONDS,
)
from tidewaiter.watchlists.formats import read_all
from tidewaiter.wire import actions
from tidewaiter.wire.topics import HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS

pytestmark = [pytest.mark.kafka, pytest.mark.redis, pytest.mark.slow]

# Where zero is what there is to see on a day that is well but for Redis.
QUIET = {
    "Which alerts are pending or firing?",  # pending is 0, and to fire takes minutes
    "Is every broker there?",  # there is one, and without it there is no traffic
    "What departs from its habit?",  # which takes weeks
    "Do all workers decide with the same?",  # they are apart for less than the second between two scrapes
}
# Surges take weeks of habit, and transactions are open for a moment.
UNSEEN = {INSIGHT_ALERTS, LAG_OPEN_TRANSACTION_SECONDS}


class Port:
    """Two workers, insight and the lag exporter on a harbour's servers, scraped since they started."""

    def __init__(self, at: Harbour) -> None:
        self.at = at
        self._began = time.time()
        ports = {"screener": (free_port(), free_port()), "lag": (free_port(),), "insight": (free_port(),)}
        self._screen(0, ports["screener"][0])
        self._run("insight", {}, "insight", "--every", "1", "--port", str(ports["insight"][0]))
        self._run("lag", {}, "lag", "--every", "1", "--port", str(ports["lag"][0]))
        self.scraping = Scraping(at.directory, ports)
        # Another comes when the first has been scraped with its partitions: what it gives up is counted.
        self.wait_for("sum(tidewaiter_partitions) > 0", 60)
        self._screen(1, ports["screener"][1])
        self.wait_for("sum(tidewaiter_ready) == 2 and on () sum(tidewaiter_partitions) > 0", 60)

    def _screen(self, slot: int, port: int) -> None:
        self._run("screener", {f"{PREFIX}METRICS_PORT": str(port - slot)}, "screen", "--slot", str(slot))

    def _run(self, principal: str, changes: Mapping[str, str], *arguments: str) -> None:
        environment = {**self.at.environment_of(principal), **changes}
        with (self.at.directory / f"worker-{arguments[0]}{arguments[-1]}.log").open("ab") as log:
            command = [sys.executable, "-m", "tidewaiter", *arguments]
            self.at.workers.append(subprocess.Popen(command, cwd=ROOT, env=environment, stderr=log))

    def wait_for(self, query: str, seconds: float = 60) -> None:
        self.at.wait_until(lambda: bool(self.scraping.value(query)), seconds)

    def counted(self, metric: str) -> float:
        """The sum of a counter over the workers, as Prometheus has it."""
        found = self.scraping.value(f"sum({metric})")
        return float(found[0]["value"][1]) if found else 0.0

    def answers(self, asked: Asked) -> list[float]:
        """Every value that the panel shows, over the whole time or now."""
        query = with_variables(asked.expression, self.seconds)
        if asked.is_instant:
            return [float(one["value"][1]) for one in self.scraping.value(query)]
        # A second ahead, so that one of the steps lies behind the last scrape.
        found = self.scraping.values(query, self._began, time.time() + 1)
        return [float(value) for one in found for _, value in one["values"]]

    def marked(self, asked: Asked) -> list[Any]:
        """Where an annotation stands; it looks a minute back, so it is asked a minute ahead."""
        return self.scraping.values(asked.expression, self._began, time.time() + 60)

    @property
    def seconds(self) -> int:
        return math.ceil(time.time() - self._began)


def with_variables(expression: str, seconds: int) -> str:
    """The query as Grafana sends it, with all workers chosen."""
    replaced = expression.replace("$__rate_interval", "5s").replace("$__range_s", str(seconds))
    return replaced.replace("$__range", f"{seconds}s").replace("$instance", ".*")


@pytest.fixture(scope="module")
def port(kafka: Broker) -> Iterator[Port]:
    """After a lively minute: traffic with planted cases, rubbish and other partitions, new lists and rules,
    officers at work twice, a party excepted from a rule, and Redis out for some seconds.
    """
    if not shutil.which("prometheus"):
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus)")
    with harbour(kafka) as at:
        port = Port(at)
        try:
            switch(port)
            at.publish(traffic(at, seed=7))
            at.publish(Outgoing(PARCEL_EVENTS, one.key, one.value) for one in rubbish(7))
            at.publish_displaced(traffic(at, seed=10))
            at.settled()
            officers_act(port)
            excepted = except_one(at)
            redis_goes_away(port)
            for number in (1, 2):
                at.publish((*traffic(at, seed=7 + number), again(excepted, number)))
                port.wait_for(f'sum(tidewaiter_rule_hits_total{{mode="excepted"}}) == {number}')
            at.settled()
            officers_act(port)
            at.settled()
            port.wait_for("max(tidewaiter_insight_event_age_seconds) > 0")
            port.wait_for("max(tidewaiter_features_age_seconds) > 0")
            yield port
        finally:
            port.scraping.server.stop()


def traffic(at: Harbour, seed: int) -> list[Outgoing]:
    """Of the day before yesterday, so that officers and insight find events that have an age."""
    entries = tuple(entry for reading in read_all((at.list_directory,)) for entry in reading.entries)
    start = datetime.now(UTC) - timedelta(days=2)
    return [*map(sent, Traffic(seed, 200, start, planted_share=0.2, listed=entries))]


def switch(port: Port) -> None:
    """New lists, and rules of which one is in shadow and a twentieth of all parcels are drawn by chance."""
    at = port.at
    publish_rules(at.redis.client(), changed_rules(at.directory / "rules"), reason="for a test")
    at.list_directory = at.directory / "newer"
    write_fictitious_list(at.list_directory, seed=2)
    load_lists(at.redis.client(), Tokens(SECRET), (at.list_directory,))
    port.wait_for("min(tidewaiter_list_generation) >= 2")


def changed_rules(directory: Path) -> Path:
    shutil.copytree(rulesets_directory() / "default", directory)
    for name, old, new in (
        ("ruleset.yaml", "control_rate: 0.0005", "control_rate: 0.05"),
        ("control.yaml", "{control.draw: 0.0005}", "{control.draw: 0.05}"),
        ("valuation.yaml", "mode: enforce", "mode: shadow"),
    ):
        text = (directory / name).read_text()
        assert old in text
        (directory / name).write_text(text.replace(old, new))
    return directory


def officers_act(port: Port) -> None:
    """Officers examine most of what is held, free some by hand, hold one by hand, and are scraped."""
    before = port.counted("tidewaiter_officer_actions_total")
    orders = {order["hawb"]: order for order in port.at.documents(HOLD_ORDERS) if order["status"] == "OPEN"}
    done = [action_on(order, kind) for order, kind in zip(orders.values(), cycle(range(6)), strict=False)]
    port.at.publish(Outgoing(OFFICER_ACTIONS, one.key.encode(), actions.encode(one)) for one in done)
    port.at.wait_until(lambda: port.counted("tidewaiter_officer_actions_total") >= before + len(done))


def action_on(order: Mapping[str, Any], kind: int) -> OfficerAction:
    """Four examinations of six, half of them with a find."""
    what: dict[str, Any] = {"action_type": "EXAM_RESULT", "outcome": "SEIZED" if kind % 2 else "NEGATIVE"}
    if kind == 4:
        what = {"action_type": "HOLD_REMOVED", "hold_code": "ALL"}
    elif kind == 5:
        what = {"action_type": "MANUAL_HOLD", "hold_code": "MAN-OFF"}
    return OfficerAction(
        action_id=f"{order['decision_id']}-{kind}",
        action_time=datetime.now(UTC),
        schema_version="1.0",
        source_carrier=order["source_carrier"],
        hawb=order["hawb"],
        officer_id="officer-7",
        reason="for a test",
        **what,
    )


def except_one(at: Harbour) -> dict[str, Any]:
    """Except a shipper from the rule that holds its parcel; that parcel as it was declared."""
    order, rule = next(
        (order, reason["rule_id"])
        for order in at.documents(HOLD_ORDERS)
        for reason in order["reasons"]
        if reason["holds"] and reason["rule_id"][0] not in "WR" and order.get("parcel", {}).get("shipper")
    )
    declared: dict[str, Any] = order["parcel"]
    now = datetime.now(UTC)
    until = (now + timedelta(days=1)).isoformat(timespec="seconds")
    exception = RuleException("exc-1", rule, "for a test", "officer-7", now.isoformat(), until)
    keys = person_keys(msgspec.convert(declared["shipper"], Party))
    RedisRuleExceptions(at.redis.client(), Tokens(SECRET)).put(keys, exception)
    return declared


def again(declared: Mapping[str, Any], number: int) -> Outgoing:
    """The same declaration as a new parcel."""
    hawb = f"88990011223{number}"
    document = {**declared, "hawb": hawb, "event_id": f"again-{number}", "event_type": "CREATE"}
    return Outgoing(PARCEL_EVENTS, f"{declared['source_carrier']}|{hawb}".encode(), orjson.dumps(document))


def redis_goes_away(port: Port) -> None:
    """For as long as it takes until parcels were held for it, and Prometheus saw it."""
    port.at.redis.freeze()
    try:
        port.at.publish(traffic(port.at, seed=11)[:50])
        port.wait_for("sum(tidewaiter_degraded_seconds_total) > 1")
    finally:
        port.at.redis.thaw()


@pytest.mark.parametrize("asked", panel_queries(), ids=str)
def test_a_panels_query_returns_data_under_load(port: Port, asked: Asked) -> None:
    values = [value for value in port.answers(asked) if not math.isnan(value)]
    assert values, "no data"
    if asked.title not in QUIET:
        assert max(values) > 0, "nothing but zeros"


@pytest.mark.parametrize("asked", marks(), ids=str)
def test_a_switch_is_marked_under_load(port: Port, asked: Asked) -> None:
    assert port.marked(asked)


def test_every_worker_can_be_chosen(port: Port) -> None:
    assert len(port.scraping.value('up{job="screener"} == 1')) == 2


def test_every_metric_of_every_service_arrives_under_load(port: Port) -> None:
    # The embedded broker does not tell who is in a group.
    unseen = UNSEEN if port.at.broker.is_apache else UNSEEN | {LAG_MEMBERS}
    assert port.scraping.missing(one for one in CATALOGUE if one not in unseen) == []
