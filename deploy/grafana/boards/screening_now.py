"""*Screening now*: whether parcels flow, whether they are decided in time, and what is being held."""

from functools import partial

from deploy.grafana.boards.frame import WORKERS, Board, Row, explained
from deploy.grafana.boards.panel import (
    BAD,
    DOUBTFUL,
    GOOD,
    Query,
    Question,
    Step,
    number,
    over_time,
    ranking,
    states,
)

_HELD = 'outcome="HOLD",'


def _decisions_by_carrier(selected: str = "") -> str:
    return f"sum by (carrier) (increase(tidewaiter_decisions_total{{{selected}{WORKERS}}}[$__range]))"


_FLOWS = partial(
    number,
    Question("Do parcels flow?", "Decisions a second. None for ten minutes: NoDecisions.", "cps"),
    Query(f"sum(rate(tidewaiter_decisions_total{{{WORKERS}}}[$__rate_interval]))", "decisions"),
    base=BAD,
    limits=(Step(0.001, GOOD),),
)
_IN_TIME = partial(
    number,
    Question(
        "Are parcels decided in time?",
        "Share decided within 1 s of the broker's time, over the last hour; 99.9 % is the objective "
        "(LatencyBudgetBurn).",
        "percentunit",
    ),
    Query("1 - tidewaiter:slow_ratio:1h", "within 1 s"),
    base=BAD,
    limits=(Step(0.999, GOOD),),
)
_READY = partial(
    number,
    Question(
        "Can every worker decide?",
        "Workers that have lists, rules and partitions, among those that should be there (WorkerAbsent).",
        "percentunit",
    ),
    Query(f"(sum(tidewaiter_ready{{{WORKERS}}}) or vector(0)) / count(up{{{WORKERS}}})", "ready"),
    base=BAD,
    limits=(Step(1, GOOD),),
)
_DEGRADED = partial(
    number,
    Question(
        "How long were parcels held for want of Redis?",
        "Share of the time range, of the worker that had it worst; under 0.05 % is wanted (DegradedMode).",
        "percentunit",
    ),
    Query(
        f"max(increase(tidewaiter_degraded_seconds_total{{{WORKERS}}}[$__range])) / $__range_s", "degraded"
    ),
    limits=(Step(0.0005, BAD),),
)
_OUTCOMES = partial(
    over_time,
    Question("How many parcels are held, how many released?", "Committed decisions a second.", "cps"),
    Query(
        f"sum by (outcome) (rate(tidewaiter_decisions_total{{{WORKERS}}}[$__rate_interval]))", "{{outcome}}"
    ),
)
_LATENCY = partial(
    over_time,
    Question(
        "How long does a decision take?",
        "From the broker's time to the decision. Half of the parcels, 99 % and 99.9 %; the last has to stay "
        "under 1 s. A dot is a parcel's trace.",
        "s",
    ),
    *(
        Query(
            f"histogram_quantile({share}, sum by (le) (rate(tidewaiter_decision_latency_seconds_bucket"
            f'{{since="broker",{WORKERS}}}[$__rate_interval])))',
            legend,
        )
        for share, legend in ((0.5, "half"), (0.99, "99 %"), (0.999, "99.9 %"))
    ),
    limits=(Step(1, BAD),),
    exemplars=True,
)
_HELD_SHARE = partial(
    over_time,
    Question(
        "Is the share held as usual?",
        "Of the last quarter of an hour, beside that of the last day. Three times or a third of it: "
        "HoldRatioUnusual.",
        "percentunit",
    ),
    Query("tidewaiter:hold_ratio:15m", "15 minutes"),
    Query("tidewaiter:hold_ratio:1d", "a day"),
)
_CODES = partial(
    ranking,
    Question(
        "What are parcels held for?",
        "Holds of the time range by code, the ten most frequent. SYS-STALE: a source did not answer.",
        "short",
    ),
    Query(f"topk(10, sum by (code) (increase(tidewaiter_holds_total{{{WORKERS}}}[$__range])))", "{{code}}"),
)
_PORTS = partial(
    ranking,
    Question("At which ports?", "Holds of the time range by port (Schedule D), the ten with most.", "short"),
    Query(
        f"topk(10, sum by (port) (increase(tidewaiter_holds_total{{{WORKERS}}}[$__range])))", "port {{port}}"
    ),
)
_CARRIERS = partial(
    ranking,
    Question(
        "Whose parcels?",
        "Share held of each carrier's decisions in the time range, the ten with most.",
        "percentunit",
    ),
    Query(
        f"topk(10, {_decisions_by_carrier(_HELD)} / {_decisions_by_carrier()})",
        "{{carrier}}",
    ),
)
_ALERTS = partial(
    states,
    Question(
        "Which alerts are pending or firing?",
        "Nothing here: none. What an alert means and what to do: deploy/runbooks/<its name>.md.",
        "none",
    ),
    Query(
        'max by (alertname, severity) (ALERTS{alertstate="firing"} or (ALERTS{alertstate="pending"} * 0))',
        "{{alertname}} ({{severity}})",
    ),
    (("pending", DOUBTFUL), ("firing", BAD)),
)

SCREENING_NOW = Board(
    "tidewaiter-screening",
    "Screening now",
    "Whether parcels flow, whether they are decided in time, and what is being held.",
    (
        Row(4, (_FLOWS, _IN_TIME, _READY, _DEGRADED)),
        Row(8, (_OUTCOMES, _LATENCY)),
        Row(8, (_HELD_SHARE, _CODES, _PORTS)),
        Row(8, (_CARRIERS, _ALERTS, explained)),
    ),
    names_a_parcel=True,
)
