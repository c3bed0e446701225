"""The dashboards are those of the code, ask for what there is, and can be found by Grafana."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.grafana.boards.frame import TAG
from deploy.grafana.boards.written import written
from tests.contracts.composition import ROOT, is_command, services
from tests.contracts.dashboards import FILES, PROVISIONING, board, marks, panel_queries
from tidewaiter.telemetry.catalogue import CATALOGUE

MOST_PANELS = 12
# Of Grafana's units, those that are used here: a misspelt one would be shown as text behind the number.
UNITS = {"cps", "s", "percentunit", "short", "bytes", "none"}
PANELS = [(path.stem, panel) for path in FILES for panel in board(path)["panels"]]
ASKING = [(name, panel) for name, panel in PANELS if panel["type"] != "text"]
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}


def group(name: str) -> list[dict[str, Any]]:
    (found,) = yaml.safe_load((ROOT / "deploy/prometheus" / name).read_text())["groups"]
    rules: list[dict[str, Any]] = found["rules"]
    return rules


RECORDED = {rule["record"]: rule["expr"] for rule in group("recording.yml")}
ALERTS = {rule["alert"]: rule["expr"] for rule in group("alerts.yml")}
ASKED = [one.expression for one in panel_queries() + marks()]


def names_in(expressions: list[str]) -> set[str]:
    """The series that are asked for."""
    return {name for one in expressions for name in re.findall(r"tidewaiter[_:][\w:]+", one)}


def title_of(case: tuple[str, dict[str, Any]]) -> str:
    return f"{case[0]}: {case[1]['title']}"


def test_generating_again_gives_the_committed_files() -> None:
    assert {path.name: path.read_text() for path in FILES} == written()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_dashboard_has_at_most_twelve_panels_that_do_not_overlap(path: Path) -> None:
    places = [panel["gridPos"] for panel in board(path)["panels"]]
    assert 0 < len(places) <= MOST_PANELS
    cells = [
        (x, y)
        for at in places
        for x in range(at["x"], at["x"] + at["w"])
        for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24


@pytest.mark.parametrize("case", PANELS, ids=title_of)
def test_a_panel_is_one_question_with_what_it_takes_to_judge_the_answer(
    case: tuple[str, dict[str, Any]],
) -> None:
    _, panel = case
    assert re.fullmatch(r"[A-Z][^?]+\?", panel["title"])
    assert len(panel["description"]) > 10


@pytest.mark.parametrize("case", ASKING, ids=title_of)
def test_a_panel_has_a_unit_and_asks_the_provisioned_prometheus(case: tuple[str, dict[str, Any]]) -> None:
    _, panel = case
    assert panel["fieldConfig"]["defaults"]["unit"] in UNITS
    source = yaml.safe_load((PROVISIONING / "datasources/prometheus.yml").read_text())["datasources"][0]
    wanted = {"type": source["type"], "uid": source["uid"]}
    assert panel["targets"]
    assert all(one["datasource"] == wanted for one in (panel, *panel["targets"]))
    assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])


def test_no_question_is_asked_twice() -> None:
    titles = [panel["title"] for _, panel in ASKING]
    assert len(titles) == len(set(titles))


def test_every_metric_in_a_dashboard_is_in_the_catalogue() -> None:
    known = {metric.name + suffix for metric in CATALOGUE for suffix in _SUFFIXES[metric.kind]}
    asked = names_in(ASKED)
    assert len(asked) > 20
    assert asked <= known | RECORDED.keys()


def test_every_label_in_a_dashboard_is_one_of_its_metric() -> None:
    labels = {metric.name: {*metric.labels, "job", "instance", "le"} for metric in CATALOGUE}
    selected = [
        (re.sub(r"_(bucket|sum|count)$", "", name), re.findall(r"(\w+)\s*[!=]=?~?\"", chosen))
        for one in ASKED
        for name, chosen in re.findall(r"(tidewaiter_\w+)\{([^}]*)\}", one)
    ]
    assert selected
    for name, chosen in selected:
        assert set(chosen) <= labels[name], (name, chosen)


def test_every_legend_names_labels_that_its_query_keeps() -> None:
    for name, panel in ASKING:
        for target in panel["targets"]:
            named = set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"]))
            kept = {
                label
                for found in re.findall(r"by \(([^)]*)\)", target["expr"])
                for label in found.split(", ")
            }
            assert named <= kept, (name, panel["title"])


@pytest.mark.parametrize("metric", CATALOGUE, ids=lambda metric: metric.name)
def test_a_metric_is_asked_for_by_a_dashboard_or_an_alert_or_says_why_not(metric: Any) -> None:
    asked = names_in([*ASKED, *ALERTS.values()])
    through_recorded = names_in([RECORDED[name] for name in asked & RECORDED.keys()])
    stems = {re.sub(r"_(bucket|sum|count)$", "", name) for name in asked | through_recorded}
    assert (metric.name in stems) != bool(metric.unused), metric.unused or "nobody asks for it"


def test_dashboards_are_known_by_names_of_their_own() -> None:
    boards = [board(path) for path in FILES]
    assert len({one["uid"] for one in boards}) == len({one["title"] for one in boards}) == 4
    assert all(re.fullmatch(r"[a-z-]{8,40}", one["uid"]) for one in boards)


def test_every_dashboard_links_to_the_others() -> None:
    for path in FILES:
        loaded = board(path)
        assert TAG in loaded["tags"]
        (link,) = loaded["links"]
        assert (link["type"], link["tags"], link["keepTime"], link["includeVars"]) == (
            "dashboards",
            [TAG],
            True,
            True,
        )


def test_every_dashboard_marks_where_lists_and_rules_switched() -> None:
    marked = [[one["expr"] for one in board(path)["annotations"]["list"]] for path in FILES]
    assert all(one == marked[0] for one in marked)
    assert names_in(marked[0]) == {"tidewaiter_list_generation", "tidewaiter_ruleset_info"}


def test_every_variable_in_a_query_or_text_is_one_of_its_dashboard_or_of_grafana() -> None:
    for path in FILES:
        loaded = board(path)
        own = {one["name"] for one in loaded["templating"]["list"]}
        said = [target["expr"] for panel in loaded["panels"] for target in panel.get("targets", ())]
        said += [panel["options"]["content"] for panel in loaded["panels"] if panel["type"] == "text"]
        used = {name for one in said for name in re.findall(r"\$\{?(\w+)", one)}
        assert used <= own | {"__rate_interval", "__range", "__range_s"}, path.stem
        assert own <= used, path.stem


def test_every_alert_named_in_a_panel_has_a_runbook() -> None:
    named = {
        name
        for _, panel in PANELS
        for name in re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", panel["description"])
    }
    assert len(named) > 8
    assert named <= {path.stem for path in (ROOT / "deploy/runbooks").glob("*.md")}


def test_every_command_in_a_panel_is_one_of_ours() -> None:
    said = [panel["description"] for _, panel in PANELS]
    said += [panel["options"]["content"] for _, panel in PANELS if panel["type"] == "text"]
    typed = {one.strip() for text in said for one in re.findall(r"`(?:``\n)?([^`]+)`", text)}
    commands = [shlex.split(one) for one in typed if one.startswith(("tidewaiter ", "docker compose run "))]
    assert len(commands) > 5
    for words in commands:
        if words[0] == "docker":
            assert words[3] == "--rm"
            assert words[4] in {service.name for service in services() if service.is_ours}
        assert is_command(tuple(words[5:] if words[0] == "docker" else words[1:])), words


def test_provisioning_points_to_the_committed_dashboards() -> None:
    (provider,) = yaml.safe_load((PROVISIONING / "dashboards/tidewaiter.yml").read_text())["providers"]
    (grafana,) = (one for one in services() if one.name == "grafana")
    mounts = dict(volume.split(":")[:2] for volume in grafana.settings["volumes"])
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    assert provider["options"]["path"] == "/etc/grafana/provisioning/dashboards"
    assert provider["type"] == "file"
