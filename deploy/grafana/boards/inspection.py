"""*Inspection*: how many orders are opened and freed, how long parcels wait, and what officers find."""

from functools import partial

from deploy.grafana.boards.frame import WORKERS, Board, Row, explained
from deploy.grafana.boards.panel import DOUBTFUL, Query, Question, Step, number, over_time, ranking

_DAY = 86_400.0
_FIND = 'outcome!="NEGATIVE",'
# Parcels of SYS wait for a source that was out, and are screened again by themselves.
_FOR_OFFICERS = 'disposition!="SYS"'


def _orders(step: str) -> str:
    return f'sum(increase(tidewaiter_hold_orders_total{{step="{step}",{WORKERS}}}[$__range]))'


def _examined(selected: str = "") -> str:
    return f"sum by (code) (increase(tidewaiter_examined_holds_total{{{selected}{WORKERS}}}[$__range]))"


def _results(selected: str = "") -> str:
    chosen = f'action="EXAM_RESULT",{selected}{WORKERS}'
    return f"sum(increase(tidewaiter_officer_actions_total{{{chosen}}}[$__range]))"


def _ages(until: str) -> tuple[Query, ...]:
    """Officers act a few times an hour at a port: over an hour, or there is nothing to see."""
    return tuple(
        Query(
            f"histogram_quantile({share}, sum by (le) (rate(tidewaiter_hold_age_seconds_bucket"
            f'{{until="{until}",{WORKERS}}}[1h])))',
            legend,
        )
        for share, legend in ((0.5, "half"), (0.9, "90 %"))
    )


_OPENED = partial(
    number,
    Question("How many parcels came to be held?", "Hold orders opened in the time range.", "short"),
    Query(_orders("opened"), "opened"),
)
_FREED = partial(
    number,
    Question(
        "How many were freed?",
        "By an officer or by corrected data, in the time range; degraded holds are not among them.",
        "short",
    ),
    Query(_orders("freed"), "freed"),
)
_OPEN = partial(
    number,
    Question(
        "How many parcels wait now?",
        "Parcels whose hold order is open; those that wait for a source that was out are not among them.",
        "short",
    ),
    Query(f"sum(max by (disposition) (tidewaiter_open_orders{{{_FOR_OFFICERS}}}))", "open"),
)
_FINDS = partial(
    number,
    Question(
        "How many examinations find something?",
        "Share of results in the time range that are not NEGATIVE.",
        "percentunit",
    ),
    Query(
        f"{_results(_FIND)} / {_results()}",
        "with a find",
    ),
)
_STEPS = partial(
    over_time,
    Question(
        "Do freed parcels follow held ones?",
        "Orders an hour: opened (was free), renewed (was held, and something came), freed.",
        "short",
    ),
    Query(f"sum by (step) (increase(tidewaiter_hold_orders_total{{{WORKERS}}}[1h]))", "{{step}}"),
)
_ACTIONS = partial(
    over_time,
    Question("What do officers do?", "Actions an hour.", "short"),
    Query(f"sum by (action) (increase(tidewaiter_officer_actions_total{{{WORKERS}}}[1h]))", "{{action}}"),
)
_DISPOSITIONS = partial(
    ranking,
    Question(
        "What do the orders ask for?",
        "Orders opened in the time range by the gravest hold: 1A examination, RFI and RFS information, PGA "
        "an agency's data, TRADE another entry, SYS a source that was out.",
        "short",
    ),
    Query(
        "sort_desc(sum by (disposition)"
        f' (increase(tidewaiter_hold_orders_total{{step="opened",{WORKERS}}}[$__range])))',
        "{{disposition}}",
    ),
)
_UNTIL_ACTION = partial(
    over_time,
    Question(
        "How long does a parcel wait for an officer?",
        "From its oldest open hold to an officer's action, by the messages' times; under a day is wanted.",
        "s",
    ),
    *_ages("action"),
    limits=(Step(_DAY, DOUBTFUL),),
)
_UNTIL_FREED = partial(
    over_time,
    Question(
        "How long is a parcel held?",
        "From its oldest open hold until it was free; and since when the oldest that is not free is held, as "
        "far back as the orders are kept.",
        "s",
    ),
    *_ages("freed"),
    Query(f"max(tidewaiter_open_order_age_seconds{{{_FOR_OFFICERS}}})", "the oldest still held"),
    limits=(Step(_DAY, DOUBTFUL),),
)
_CODES = partial(
    ranking,
    Question(
        "Which holds find something?",
        "Share of examinations with a find, by the codes that were open. A code that finds nothing is worth "
        "a look at its rules (`tidewaiter backtest`).",
        "percentunit",
    ),
    Query(
        f"sort_desc(({_examined(_FIND)} or {_examined()} * 0) / ({_examined()} > 0))",
        "{{code}}",
    ),
)
_RANDOM = partial(
    ranking,
    Question(
        "What do random checks find?",
        "Results of parcels drawn by chance, in the time range: what is found here, the rules missed.",
        "short",
    ),
    Query(
        "sort_desc(sum by (outcome)"
        f' (increase(tidewaiter_examined_holds_total{{code=~"RND.*",{WORKERS}}}[$__range])))',
        "{{outcome}}",
    ),
)

INSPECTION = Board(
    "tidewaiter-inspection",
    "Inspection",
    "How many hold orders are opened and freed, how long parcels wait, and what officers find.",
    (
        Row(4, (_OPENED, _FREED, _OPEN, _FINDS)),
        Row(8, (_STEPS, _ACTIONS)),
        Row(8, (_UNTIL_ACTION, _UNTIL_FREED)),
        Row(8, (_DISPOSITIONS, _CODES, _RANDOM)),
        Row(7, (explained,)),
    ),
    names_a_parcel=True,
)
