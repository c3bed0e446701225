"""What all dashboards share: a choice of workers, marks where lists or rules switched, links."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import NamedTuple

from grafana_foundation_sdk.builders import dashboard, text
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.models.dashboard import (
    Dashboard,
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
    Panel,
    VariableOption,
    VariableRefresh,
)
from grafana_foundation_sdk.models.text import TextMode

from deploy.grafana.boards.panel import PROMETHEUS

TAG = "tidewaiter"
_COLUMNS = 24
# For every query on the screeners' own series.
WORKERS = 'job="screener",instance=~"$instance"'

# Compared with a minute before, at steps of a minute: each switch is marked once, whenever it came.
_LISTS_SWITCHED = "max(tidewaiter_list_generation) != max(tidewaiter_list_generation offset 1m)"
_RULES_SWITCHED = (
    "count by (ruleset, policy) (tidewaiter_ruleset_info)"
    " unless count by (ruleset, policy) (tidewaiter_ruleset_info offset 1m)"
)
_EXPLAIN = """What came, what was decided, and why, rule by rule; fill in carrier and waybill above:

```
tidewaiter explain ${carrier} ${hawb}
```

or, where `docker compose up` runs the whole:

```
docker compose run --rm screener-0 explain ${carrier} ${hawb}
```
"""


class Row(NamedTuple):
    """Panels beside each other, of equal width, each made anew when it is drawn."""

    height: int
    panels: tuple[Callable[[], Builder[Panel]], ...]


class Board(NamedTuple):
    """A dashboard; ``answers`` says what it is for. One that ``names_a_parcel`` has boxes to name it in."""

    uid: str
    title: str
    answers: str
    rows: tuple[Row, ...]
    names_a_parcel: bool = False


def drawn(board: Board) -> Dashboard:
    """The dashboard as Grafana takes it; the same each time."""
    frame = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.answers)
        .tags([TAG])
        .timezone("utc")
        .time("now-1h", "now")
        .refresh("15s")
        .readonly()
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .with_variable(_instances())
        .annotation(_mark("Lists switched", _LISTS_SWITCHED, "another generation of the lists", "blue"))
        .annotation(_mark("Rules switched", _RULES_SWITCHED, "{{ruleset}}, policy {{policy}}", "purple"))
        .link(_others())
    )
    if board.names_a_parcel:
        frame.with_variable(_box("carrier", "Carrier", "FDX"))
        frame.with_variable(_box("hawb", "House waybill", "770000674106"))
    built = frame.build()
    built.panels = list(_placed(board.rows))
    return built


def _placed(rows: Sequence[Row]) -> Iterator[Panel]:
    numbers, top = count(1), 0
    for row in rows:
        width = _COLUMNS // len(row.panels)
        for column, made in enumerate(row.panels):
            panel = made().build()
            panel.id_val = next(numbers)
            panel.grid_pos = GridPos(h=row.height, w=width, x=column * width, y=top)
            yield panel
        top += row.height


def explained() -> text.Panel:
    """The command that tells a parcel's story: metrics know no parcels, so no panel can."""
    return (
        text.Panel()
        .title("Why was this parcel held?")
        .description("Metrics know no parcels. The stream does, and `tidewaiter explain` reads it.")
        .mode(TextMode.MARKDOWN)
        .content(_EXPLAIN)
    )


def _instances() -> dashboard.QueryVariable:
    return (
        dashboard.QueryVariable("instance")
        .label("Worker")
        .description("One worker, some, or all of them.")
        .datasource(PROMETHEUS)
        .query('label_values(up{job="screener"}, instance)')
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(selected=True, text="All", value="$__all"))
    )


def _box(name: str, label: str, example: str) -> dashboard.TextBoxVariable:
    chosen = VariableOption(selected=True, text=example, value=example)
    return dashboard.TextBoxVariable(name).label(label).default_value(example).current(chosen)


def _mark(name: str, expression: str, said: str, colour: str) -> dashboard.AnnotationQuery:
    return (
        dashboard.AnnotationQuery()
        .name(name)
        .datasource(PROMETHEUS)
        .enable(True)
        .icon_color(colour)
        .expr(expression)
        .step("60s")
        .title_format(name)
        .text_format(said)
    )


def _others() -> dashboard.DashboardLink:
    link = dashboard.DashboardLink("Tidewaiter").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    return link.as_dropdown(False).keep_time(True).include_vars(True).target_blank(False)
