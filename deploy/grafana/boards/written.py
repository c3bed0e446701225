"""The dashboards as the files that they are committed as."""

from pathlib import Path
from typing import Final

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from deploy.grafana.boards.frame import Board, drawn
from deploy.grafana.boards.inspection import INSPECTION
from deploy.grafana.boards.lists_and_rules import LISTS_AND_RULES
from deploy.grafana.boards.screening_now import SCREENING_NOW
from deploy.grafana.boards.stream_health import STREAM_HEALTH

FOLDER: Final = Path(__file__).parents[1] / "provisioning" / "dashboards"
BOARDS: Final = (SCREENING_NOW, STREAM_HEALTH, LISTS_AND_RULES, INSPECTION)


def written() -> dict[str, str]:
    """The JSON of each dashboard by its file name; the same on any day."""
    return {f"{board.title.lower().replace(' ', '-')}.json": _json(board) for board in BOARDS}


def _json(board: Board) -> str:
    return JSONEncoder(indent=1, sort_keys=True).encode(drawn(board)) + "\n"
