"""A story for each alert: what was measured, when it has to be silent, and when it has to fire.

Series are in promtool's notation, a sample a minute: ``0+35x10`` is 0, 35, 70 … and ``_`` no sample.
"""

from dataclasses import dataclass

Labels = dict[str, str]

PAGE: Labels = {"severity": "page"}
TICKET: Labels = {"severity": "ticket"}
LAG: Labels = {"instance": "lag:9463", "job": "lag"}
FIRST: Labels = {"instance": "a:9464", "job": "screener"}
_FIRST = 'instance="a:9464",job="screener"'
_LAG = 'instance="lag:9463",job="lag"'
_SECOND = 'instance="b:9465",job="screener"'
_BROKER = '{since="broker"}'
_WITHIN = '{since="broker",le="1.0"}'
_UNREAD = 'tidewaiter_lag_unread_seconds{reader="screener",topic="parcel-events",partition="0"}'
_OPEN = 'tidewaiter_lag_open_transaction_seconds{topic="parcel-decisions",partition="3"}'
_DECISIONS = "tidewaiter_decisions_total"
_LATENCY = "tidewaiter_decision_latency_seconds"


@dataclass(frozen=True)
class Case:
    """``fires`` are the labels of each alert that has to fire at ``firing``; at ``silent`` none may."""

    alert: str
    series: dict[str, str]
    silent: str
    firing: str
    fires: tuple[Labels, ...]


CASES = (
    Case(
        "ScreeningLagGrowing",
        {'tidewaiter_lag_records{partition="0"}': "900x30 900+100x60"},
        "30m",
        "60m",
        (PAGE,),
    ),
    # The workers are dead, their series gone, and what they had read last waits longer and longer.
    Case(
        "ScreeningLagGrowing",
        {
            'tidewaiter_lag_records{partition="0"}': "0x30 _x60",
            _UNREAD: "0x30 30+60x60",
        },
        "30m",
        "60m",
        (PAGE,),
    ),
    Case("NoDecisions", {_DECISIONS: "0+2100x60 126000x60"}, "61m", "80m", (PAGE,)),
    # The workers are gone with their series, and still nothing is decided.
    Case("NoDecisions", {_DECISIONS: "0+2100x60 _x60"}, "61m", "85m", (PAGE,)),
    Case(
        "HoldRatioUnusual",
        {
            _DECISIONS + '{outcome="HOLD"}': "0+60x600 36000+400x60",
            _DECISIONS + '{outcome="RELEASE"}': "0+2000x660",
        },
        "600m",
        "650m",
        (TICKET,),
    ),
    Case(
        "HoldRatioUnusual",
        {
            _DECISIONS + '{outcome="HOLD"}': "0+60x600 36000x60",
            _DECISIONS + '{outcome="RELEASE"}': "0+2000x660",
        },
        "600m",
        "650m",
        (TICKET,),
    ),
    # Workers were started anew, and hold nothing since: the series of those before are gone.
    Case(
        "HoldRatioUnusual",
        {
            _DECISIONS + '{outcome="HOLD"}': "0+60x600 _x60",
            _DECISIONS + '{outcome="RELEASE"}': "0+2000x600 0+2000x60",
        },
        "600m",
        "650m",
        (TICKET,),
    ),
    Case("DegradedMode", {"tidewaiter_degraded": "0x10 1x10"}, "10m", "13m", (PAGE,)),
    Case("RedisEmptied", {f"tidewaiter_cold{{{_FIRST}}}": "0x30 1x30"}, "30m", "31m", (TICKET,)),
    # Read back between two scrapes.
    Case(
        "RedisEmptied",
        {f'tidewaiter_replayed_records_total{{{_FIRST},topic="hold-orders"}}': "0x30 4000x30"},
        "30m",
        "32m",
        (TICKET,),
    ),
    Case(
        "WatchlistStale",
        {'tidewaiter_list_age_seconds{list="ofac-sdn"}': "0+60x2400"},
        "1439m",
        "1500m",
        ({"list": "ofac-sdn", **TICKET},),
    ),
    Case(
        "WatchlistStale",
        {'tidewaiter_list_age_seconds{list="ofac-sdn"}': "0+60x2400"},
        "1400m",
        "2200m",
        ({"list": "ofac-sdn", **TICKET}, {"list": "ofac-sdn", **PAGE}),
    ),
    Case(
        "GenerationSkew",
        {
            f"tidewaiter_list_generation{{{_FIRST}}}": "3x10 4x20",
            f"tidewaiter_list_generation{{{_SECOND}}}": "3x30",
        },
        "12m",
        "20m",
        (TICKET,),
    ),
    Case(
        "GenerationSkew",
        {
            f'tidewaiter_ruleset_info{{{_FIRST},ruleset="a",policy="p"}}': "1x30",
            f'tidewaiter_ruleset_info{{{_SECOND},ruleset="a",policy="p"}}': "1x10 _x20",
            f'tidewaiter_ruleset_info{{{_SECOND},ruleset="b",policy="p"}}': "_x10 1x20",
        },
        "10m",
        "22m",
        (TICKET,),
    ),
    Case(
        "DeadLettersRising",
        {_DECISIONS: "0+2100x90", 'tidewaiter_dead_letters_total{stage="json"}': "0+1x30 30+20x60"},
        "30m",
        "60m",
        (TICKET,),
    ),
    Case(
        "RecordsDisplaced",
        {'tidewaiter_displaced_records_total{topic="officer-actions"}': "0x30 1x60"},
        "30m",
        "35m",
        ({"topic": "officer-actions", **TICKET},),
    ),
    Case(
        "RebalanceStorm",
        {f"tidewaiter_rebalances_total{{{_FIRST}}}": "0x10 0+0.4x80"},
        "50m",
        "70m",
        ({**FIRST, **TICKET},),
    ),
    # 24 workers are deployed one after another, two changes each within 40 seconds.
    Case(
        "RebalanceStorm", {f"tidewaiter_rebalances_total{{{_FIRST}}}": "0x10 0+3x16 48x60"}, "20m", "40m", ()
    ),
    Case(
        "TransactionsAborting",
        {
            'tidewaiter_transactions_total{result="committed"}': "0+100x90",
            'tidewaiter_transactions_total{result="aborted"}': "0+1x30 30+20x60",
        },
        "30m",
        "60m",
        (PAGE,),
    ),
    Case("WorkerAbsent", {f"up{{{_FIRST}}}": "1x10 0x20"}, "12m", "20m", ({**FIRST, **PAGE},)),
    Case(
        "WorkerAbsent",
        {f"up{{{_FIRST}}}": "1x30", f"tidewaiter_ready{{{_FIRST}}}": "1x10 0x20"},
        "12m",
        "20m",
        ({**FIRST, **PAGE},),
    ),
    Case("WorkerAbsent", {f"up{{{_FIRST}}}": "1x10 _x30"}, "10m", "30m", ({"job": "screener", **PAGE},)),
    Case(
        "WorkerAbsent",
        {f"up{{{_FIRST}}}": "1x30", 'tidewaiter_lag_members{reader="screener"}': "2x10 0x20"},
        "12m",
        "20m",
        ({"reader": "screener", **PAGE},),
    ),
    Case("LagUnknown", {f"up{{{_LAG}}}": "1x10 0x30"}, "15m", "25m", ({**LAG, **TICKET},)),
    Case(
        "LagUnknown",
        {f"up{{{_LAG}}}": "1x40", f"tidewaiter_lag_known{{{_LAG}}}": "1x10 0x30"},
        "15m",
        "25m",
        ({**LAG, **TICKET},),
    ),
    # Transactions come and go, one of them each time the exporter looks; the last one stays.
    Case(
        "TransactionHanging",
        {_OPEN: "0.1x30 30+60x60"},
        "30m",
        "35m",
        (PAGE | {"topic": "parcel-decisions", "partition": "3"},),
    ),
    Case(
        "ArchiveBehind",
        {'tidewaiter_lag_unread_seconds{reader="archive",topic="hold-orders"}': "0x30 300+60x120"},
        "60m",
        "110m",
        (TICKET,),
    ),
    Case(
        "PartitionStopped",
        {f"tidewaiter_stopped_partitions{{{_FIRST}}}": "0x10 1x10"},
        "10m",
        "13m",
        ({**FIRST, **PAGE},),
    ),
    # One late parcel in a thousand is the budget; here one in twenty, and then one in a hundred, is late.
    Case(
        "LatencyBudgetBurn",
        {
            f"{_LATENCY}_count{_BROKER}": "0+2000x120",
            f"{_LATENCY}_bucket{_WITHIN}": "0+1999x60 119940+1900x60",
        },
        "60m",
        "100m",
        (PAGE, TICKET),
    ),
    Case(
        "LatencyBudgetBurn",
        {
            f"{_LATENCY}_count{_BROKER}": "0+2000x900",
            f"{_LATENCY}_bucket{_WITHIN}": "0+1999x400 799600+1980x500",
        },
        "400m",
        "880m",
        (TICKET,),
    ),
    Case(
        "RedisMemoryFilling",
        {
            'tidewaiter_redis_memory_bytes{what="used"}': "700x10 800x30",
            'tidewaiter_redis_memory_bytes{what="limit"}': "1000x40",
        },
        "20m",
        "30m",
        (TICKET,),
    ),
    Case(
        "FeaturesStale",
        {'tidewaiter_features_age_seconds{kind="text"}': "20x10 20+60x30"},
        "15m",
        "32m",
        ({"kind": "text", **TICKET},),
    ),
)
