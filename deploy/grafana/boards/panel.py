"""Kinds of panel, each with one question as its title, a unit, and the colours of its objective."""

from collections.abc import Sequence
from typing import NamedTuple

from grafana_foundation_sdk.builders import (
    bargauge,
    common,
    dashboard,
    prometheus,
    stat,
    statetimeline,
    timeseries,
)
from grafana_foundation_sdk.models import common as looks
from grafana_foundation_sdk.models.common import DataSourceRef
from grafana_foundation_sdk.models.dashboard import (
    Threshold,
    ThresholdsMode,
    ValueMap,
    ValueMapping,
    ValueMappingResult,
)

PROMETHEUS = DataSourceRef(type_val="prometheus", uid="prometheus")
GOOD, DOUBTFUL, BAD = "green", "orange", "red"


class Query(NamedTuple):
    """A PromQL expression and what its series are called ("{{label}}" for a label's value)."""

    expression: str
    legend: str


class Question(NamedTuple):
    """What a panel answers: ``unit`` is one of Grafana's, ``meaning`` what it takes to judge the answer."""

    title: str
    meaning: str
    unit: str


class Step(NamedTuple):
    """From this value on, this colour."""

    value: float
    colour: str


def over_time(
    question: Question, *queries: Query, limits: Sequence[Step] = (), exemplars: bool = False
) -> timeseries.Panel:
    """Lines over the time range; the limits are dashed lines across."""
    style = looks.GraphThresholdsStyleMode.DASHED if limits else looks.GraphThresholdsStyleMode.OFF
    legend = (
        common.VizLegendOptions()
        .display_mode(looks.LegendDisplayMode.LIST)
        .placement(looks.LegendPlacement.BOTTOM)
        .show_legend(True)
    )
    panel = (
        timeseries.Panel()
        .title(question.title)
        .description(question.meaning)
        .unit(question.unit)
        .min(0)
        .fill_opacity(8)
        .legend(legend)
        .tooltip(common.VizTooltipOptions().mode(looks.TooltipDisplayMode.MULTI))
        .thresholds(_thresholds(GOOD, limits))
        .thresholds_style(common.GraphThresholdsStyleConfig().mode(style))
        .datasource(PROMETHEUS)
    )
    for place, query in enumerate(queries):
        panel.with_target(_target(query, place).range().exemplar(exemplars))
    return panel


def number(question: Question, query: Query, *, base: str = GOOD, limits: Sequence[Step] = ()) -> stat.Panel:
    """One number as it is now, in the colour of its objective; ``base`` is the colour below all limits."""
    return (
        stat.Panel()
        .title(question.title)
        .description(question.meaning)
        .unit(question.unit)
        .thresholds(_thresholds(base, limits))
        .color_mode(looks.BigValueColorMode.BACKGROUND)
        .graph_mode(looks.BigValueGraphMode.NONE)
        .reduce_options(_last())
        .datasource(PROMETHEUS)
        .with_target(_target(query, 0).instant())
    )


def ranking(question: Question, query: Query, *, limits: Sequence[Step] = ()) -> bargauge.Panel:
    """Bars of what there is now, or was in the time range, the longest first if the query sorts them."""
    return (
        bargauge.Panel()
        .title(question.title)
        .description(question.meaning)
        .unit(question.unit)
        .min(0)
        .thresholds(_thresholds(GOOD, limits))
        .orientation(looks.VizOrientation.HORIZONTAL)
        .display_mode(looks.BarGaugeDisplayMode.BASIC)
        .reduce_options(_last())
        .datasource(PROMETHEUS)
        .with_target(_target(query, 0).instant())
    )


def states(question: Question, query: Query, names: Sequence[tuple[str, str]]) -> statetimeline.Panel:
    """A band a series, its values 0, 1, … shown under these names in these colours."""
    options = {
        str(value): ValueMappingResult(text=text, color=colour, index=value)
        for value, (text, colour) in enumerate(names)
    }
    mappings: list[ValueMapping] = [ValueMap(options=options)]
    return (
        statetimeline.Panel()
        .title(question.title)
        .description(question.meaning)
        .unit(question.unit)
        .mappings(mappings)
        .row_height(0.8)
        .show_value(looks.VisibilityMode.AUTO)
        .datasource(PROMETHEUS)
        .with_target(_target(query, 0).range())
    )


def _target(query: Query, place: int) -> prometheus.Dataquery:
    target = prometheus.Dataquery().expr(query.expression).legend_format(query.legend)
    return target.ref_id(chr(ord("A") + place)).datasource(PROMETHEUS)


def _thresholds(base: str, limits: Sequence[Step]) -> dashboard.ThresholdsConfig:
    steps = [Threshold(value=None, color=base), *(Threshold(step.value, step.colour) for step in limits)]
    return dashboard.ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps)


def _last() -> common.ReduceDataOptions:
    return common.ReduceDataOptions().calcs(["lastNotNull"]).values(False)
