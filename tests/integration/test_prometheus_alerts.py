"""Every alert is silent before its story and fires in it, and has a page that says what to do."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.integration.alert_cases import CASES, Case, Labels
from tidewaiter.telemetry.catalogue import CATALOGUE, DECISIONS

DEPLOY = Path(__file__).parents[2] / "deploy"
PROMETHEUS = DEPLOY / "prometheus"
RUNBOOKS = sorted((DEPLOY / "runbooks").glob("*.md"))


def rules(name: str) -> list[dict[str, Any]]:
    (group,) = yaml.safe_load((PROMETHEUS / name).read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


ALERTS = rules("alerts.yml")
RECORDED = rules("recording.yml")
NAMES = {rule["alert"] for rule in ALERTS}


def run(*command: str) -> str:
    """The output of a command that has to succeed; skips where it is not installed."""
    if not shutil.which(command[0]):
        pytest.skip(
            f"{command[0]} is not installed (Debian: apt-get install prometheus prometheus-alertmanager)"
        )
    result = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def annotated(alert: str, labels: Labels) -> dict[str, Any]:
    (rule,) = (one for one in ALERTS if one["alert"] == alert and one["labels"].items() <= labels.items())
    return {"exp_labels": labels, "exp_annotations": rule["annotations"]}


def promtool_test(case: Case) -> dict[str, Any]:
    silent = {"eval_time": case.silent, "alertname": case.alert, "exp_alerts": []}
    expected = [annotated(case.alert, labels) for labels in case.fires]
    firing = {"eval_time": case.firing, "alertname": case.alert, "exp_alerts": expected}
    series = [{"series": name, "values": values} for name, values in case.series.items()]
    return {"interval": "1m", "input_series": series, "alert_rule_test": [silent, firing]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.alert)
def test_an_alert_is_silent_before_and_fires_after(case: Case, tmp_path: Path) -> None:
    files = [str(PROMETHEUS / "recording.yml"), str(PROMETHEUS / "alerts.yml")]
    told = {"rule_files": files, "evaluation_interval": "1m", "tests": [promtool_test(case)]}
    (tmp_path / "test.yml").write_text(yaml.safe_dump(told))
    run("promtool", "test", "rules", str(tmp_path / "test.yml"))


def test_every_alert_has_a_story_for_each_severity() -> None:
    told = {(case.alert, labels["severity"]) for case in CASES for labels in case.fires}
    assert told == {(rule["alert"], rule["labels"]["severity"]) for rule in ALERTS}


def test_prometheus_and_alertmanager_take_their_configuration() -> None:
    run("promtool", "check", "config", str(PROMETHEUS / "prometheus.yml"))
    run("amtool", "check-config", str(PROMETHEUS / "alertmanager.yml"))


def test_every_metric_in_a_rule_is_in_the_catalogue_with_its_labels() -> None:
    suffixes = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}
    known = {metric.name + suffix for metric in CATALOGUE for suffix in suffixes[metric.kind]}
    recorded = {rule["record"] for rule in RECORDED}
    used = {name for rule in ALERTS + RECORDED for name in re.findall(r"tidewaiter[\w:]+", rule["expr"])}
    assert len(used) > 10
    assert used <= known | recorded


def test_every_label_in_a_rule_is_one_of_its_metric() -> None:
    labels = {metric.name: {*metric.labels, "le"} for metric in CATALOGUE}
    selected = [
        (re.sub(r"_(bucket|sum|count)$", "", name), re.findall(r"(\w+)\s*!?=", chosen))
        for rule in ALERTS + RECORDED
        for name, chosen in re.findall(r"(tidewaiter_\w+)\{([^}]*)\}", rule["expr"])
    ]
    assert selected
    for name, chosen in selected:
        assert set(chosen) <= labels[name], (name, chosen)


def test_what_is_rare_begins_at_0_so_that_an_alert_sees_its_first() -> None:
    """From nothing to one is no increase. Decisions flow all day: their first is not missed."""
    used = {name for rule in ALERTS for name in re.findall(r"tidewaiter_\w+_total", rule["expr"])}
    counters = [one for one in CATALOGUE if one.name in used - {DECISIONS.name} and one.labels]
    assert counters
    assert [one.name for one in counters if not one.begins] == []


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {path.stem for path in RUNBOOKS} == NAMES
    for rule in ALERTS:
        assert rule["annotations"]["runbook"] == f"deploy/runbooks/{rule['alert']}.md"


def test_alertmanager_names_only_alerts_that_there_are() -> None:
    rules = yaml.safe_load((PROMETHEUS / "alertmanager.yml").read_text())["inhibit_rules"]
    matchers = [one for rule in rules for one in rule["source_matchers"] + rule["target_matchers"]]
    named = {name for one in matchers for name in re.findall(r"[A-Z][A-Za-z]+", one)}
    assert named
    assert named <= NAMES
