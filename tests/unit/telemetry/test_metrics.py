"""Every metric of the catalogue is exported under its name, and every one that is exported is in it."""

import re

import pytest

from tidewaiter.telemetry.catalogue import CATALOGUE, Service
from tidewaiter.telemetry.metrics import InsightMetrics, LagMetrics, Metrics, Registered


@pytest.mark.parametrize(
    ("service", "kind"), [("screener", Metrics), ("lag", LagMetrics), ("insight", InsightMetrics)]
)
def test_the_catalogue_and_the_exported_metrics_are_the_same(
    service: Service, kind: type[Registered]
) -> None:
    metrics = kind()
    # Prometheus' own text format adds _total to counters, whether it was given or not.
    exported = {metric.name: metric for metric in metrics.registry.collect()}
    wanted = {one.name.removesuffix("_total"): one for one in CATALOGUE if one.service == service}
    assert exported.keys() == wanted.keys()
    for name, metric in exported.items():
        assert (metric.type, metric.documentation) == (wanted[name].kind, wanted[name].meaning)


def test_names_follow_the_convention_and_labels_stay_few() -> None:
    for metric in CATALOGUE:
        assert re.fullmatch(r"tidewaiter_[a-z_]+", metric.name), metric.name
        assert (metric.kind == "counter") == metric.name.endswith("_total"), metric.name
        assert len(metric.labels) <= 3, metric.name
        assert metric.objective, metric.name
        assert {"hawb", "parcel", "consignee", "shipper"}.isdisjoint(metric.labels), metric.name


def test_buckets_rise() -> None:
    for metric in CATALOGUE:
        assert (metric.kind == "histogram") == bool(metric.buckets), metric.name
        assert list(metric.buckets) == sorted(set(metric.buckets)), metric.name
