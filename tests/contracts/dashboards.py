"""Grafana's dashboards as the tests read them: the committed JSON, its panels and their queries."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contracts.composition import ROOT

PROVISIONING = ROOT / "deploy/grafana/provisioning"
FILES = sorted((PROVISIONING / "dashboards").glob("*.json"))


@dataclass(frozen=True)
class Asked:
    """One query of a panel or an annotation. ``is_instant``: it is asked for now, not for the time range."""

    board: str
    title: str
    expression: str
    is_instant: bool

    def __str__(self) -> str:
        return f"{self.board}: {self.title}"


def board(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(path.read_text())
    return loaded


def panel_queries() -> tuple[Asked, ...]:
    """Every query of every panel."""
    return tuple(
        Asked(path.stem, panel["title"], target["expr"], target.get("instant", False))
        for path in FILES
        for panel in board(path)["panels"]
        for target in panel.get("targets", ())
    )


def marks() -> tuple[Asked, ...]:
    """Every query of an annotation; all dashboards have the same."""
    annotations = board(FILES[0])["annotations"]["list"]
    return tuple(Asked(FILES[0].stem, one["name"], one["expr"], False) for one in annotations)
