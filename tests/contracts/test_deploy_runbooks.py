"""What a runbook tells people to type and to look at exists."""

import re
import shlex
from pathlib import Path

import pytest
import yaml

from tests.contracts.composition import ROOT, is_command, services
from tidewaiter.telemetry.catalogue import CATALOGUE

RUNBOOKS = sorted((ROOT / "deploy/runbooks").glob("*.md"))
_RECORDING = yaml.safe_load((ROOT / "deploy/prometheus/recording.yml").read_text())
METRICS = {metric.name for metric in CATALOGUE} | {one["record"] for one in _RECORDING["groups"][0]["rules"]}


def typed(text: str) -> list[str]:
    """The commands of a page: lines of its blocks, and what stands between backquotes in its sentences."""
    blocks = re.findall(r"```\n(.*?)```", text, re.DOTALL)
    sentences = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    inline = [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", sentences)]
    return [line for block in blocks for line in block.splitlines()] + inline


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda path: path.stem)
def test_every_command_of_a_runbook_is_one_of_ours(page: Path) -> None:
    commands = [one for one in typed(page.read_text()) if one.startswith(("tidewaiter ", "docker compose "))]
    assert commands
    names = {service.name for service in services()}
    for command in commands:
        words = shlex.split(command)
        if words[0] == "tidewaiter":
            assert is_command(tuple(words[1:])), command
        else:
            named = {word for word in words if word in names}
            assert named or words[2] == "ps", command


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda path: path.stem)
def test_every_metric_of_a_runbook_is_in_the_catalogue(page: Path) -> None:
    said = re.findall(r"tidewaiter[_:][a-z][\w:]*", page.read_text())
    assert {re.sub(r"_(sum|count|bucket)$", "", name) for name in said} <= METRICS


@pytest.mark.parametrize("page", RUNBOOKS, ids=lambda path: path.stem)
def test_a_runbook_says_what_it_means_where_to_look_and_what_to_do(page: Path) -> None:
    text = page.read_text()
    assert text.startswith(f"# {page.stem}\n**Meaning.** ")
    assert re.findall(r"^\*\*(.+?)\*\*", text, re.MULTILINE) == ["Meaning.", "First look", "Actions"]


def test_another_alert_named_in_a_runbook_has_a_page() -> None:
    stems = {page.stem for page in RUNBOOKS}
    for page in RUNBOOKS:
        named = set(re.findall(r"\b[A-Z][a-z]+[A-Z][A-Za-z]+\b", page.read_text()))
        assert named <= stems, page.stem
