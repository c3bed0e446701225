"""*Lists and rules*: whether lists are fresh, all workers decide with the same, and which rules fire."""

from functools import partial

from deploy.grafana.boards.frame import WORKERS, Board, Row
from deploy.grafana.boards.panel import BAD, DOUBTFUL, Query, Question, Step, number, over_time, ranking

_DAY = 86_400.0


def _hits(mode: str) -> str:
    chosen = f'mode="{mode}",{WORKERS}'
    return f"sum by (rule) (increase(tidewaiter_rule_hits_total{{{chosen}}}[$__range]))"


_AGES = partial(
    ranking,
    Question(
        "Are the lists fresh?",
        "Time since each list was loaded or confirmed; under a day is the objective (WatchlistStale). At two "
        "days parcels are held for it.",
        "s",
    ),
    Query(f"sort_desc(max by (list) (tidewaiter_list_age_seconds{{{WORKERS}}}))", "{{list}}"),
    limits=(Step(_DAY, DOUBTFUL), Step(1.5 * _DAY, BAD)),
)
_SAME = partial(
    number,
    Question(
        "Do all workers decide with the same?",
        "Generations and rulesets that workers are apart; 0 but for a switch's seconds (GenerationSkew).",
        "none",
    ),
    Query(
        f"max(tidewaiter_list_generation{{{WORKERS}}}) - min(tidewaiter_list_generation{{{WORKERS}}})"
        f" + count(count by (ruleset, policy) (tidewaiter_ruleset_info{{{WORKERS}}})) - 1",
        "apart",
    ),
    limits=(Step(1, BAD),),
)
_GENERATIONS = partial(
    over_time,
    Question(
        "Which generation is in force?",
        "Of the watchlists, by worker. It rises when lists are loaded and falls when they are rolled back.",
        "none",
    ),
    Query(f"max by (instance) (tidewaiter_list_generation{{{WORKERS}}})", "{{instance}}"),
)
_ENTRIES = partial(
    over_time,
    Question(
        "Has every list its entries?",
        "Entries in force. A list that shrinks at a switch was cut short, or was meant to.",
        "short",
    ),
    Query(f"max by (list) (tidewaiter_list_entries{{{WORKERS}}})", "{{list}}"),
)
_RULESETS = partial(
    over_time,
    Question("Which rules and law are in force?", "Workers on each ruleset and policy.", "short"),
    Query(f"count by (ruleset, policy) (tidewaiter_ruleset_info{{{WORKERS}}})", "{{ruleset}}, {{policy}}"),
)
_ENFORCED = partial(
    ranking,
    Question("Which rules fire?", "Enforced rules in the time range, the fifteen with most hits.", "short"),
    Query(
        f"topk(15, {_hits('enforce')})",
        "{{rule}}",
    ),
)
_SHADOW = partial(
    ranking,
    Question(
        "What would shadow rules do?",
        "Hits of rules that are tried out and hold nothing, in the time range. A rule is promoted on this "
        "number: `tidewaiter backtest` says which parcels.",
        "short",
    ),
    Query(
        f"topk(15, {_hits('shadow')})",
        "{{rule}}",
    ),
)
_MODES = partial(
    over_time,
    Question(
        "How do shadow and excepted hits compare with enforced ones?",
        "Hits a second: enforce counts, shadow is tried out, excepted is set aside for a party by officers.",
        "cps",
    ),
    Query(f"sum by (mode) (rate(tidewaiter_rule_hits_total{{{WORKERS}}}[$__rate_interval]))", "{{mode}}"),
)
_UNUSUAL = partial(
    ranking,
    Question(
        "Which rules fire more than usual?",
        "Hits of the last quarter of an hour beside those of the last day: 1 is as usual.",
        "none",
    ),
    Query(
        f"topk(10, sum by (rule) (rate(tidewaiter_rule_hits_total{{{WORKERS}}}[15m]))"
        f" / (sum by (rule) (rate(tidewaiter_rule_hits_total{{{WORKERS}}}[1d])) > 0))",
        "{{rule}}",
    ),
    limits=(Step(3, DOUBTFUL),),
)
_EXCEPTED = partial(
    ranking,
    Question(
        "From which rules do officers except parties?",
        "Hits in the time range that an exception set aside; `tidewaiter rules exceptions list` shows them.",
        "short",
    ),
    Query(
        f"topk(10, {_hits('excepted')})",
        "{{rule}}",
    ),
)
_HABITS = partial(
    over_time,
    Question(
        "Are the learned habits up to date?",
        "Time since insight wrote what the workers decide with, and how far behind it is itself. Under a "
        "minute is wanted; past ten minutes the rules on habits are unavailable, and hold nothing.",
        "s",
    ),
    Query(f"max(tidewaiter_features_age_seconds{{{WORKERS}}})", "as the workers have them"),
    Query("max(tidewaiter_insight_features_age_seconds)", "as insight writes them"),
    Query("max(tidewaiter_insight_event_age_seconds)", "the events in them"),
    limits=(Step(60, DOUBTFUL),),
)
_SURGES = partial(
    ranking,
    Question(
        "What departs from its habit?",
        "Surges told of in the time range, by what surged and in which respect; 0 where nothing did.",
        "short",
    ),
    Query(
        "sum by (kind, subject) (increase(tidewaiter_insight_alerts_total[$__range])) or vector(0)",
        "{{kind}} {{subject}}",
    ),
)

LISTS_AND_RULES = Board(
    "tidewaiter-lists",
    "Lists and rules",
    "Whether the lists are fresh, whether all workers decide with the same, and which rules fire.",
    (
        Row(8, (_AGES, _SAME, _GENERATIONS)),
        Row(8, (_ENTRIES, _RULESETS, _MODES)),
        Row(10, (_ENFORCED, _SHADOW, _EXCEPTED)),
        Row(8, (_UNUSUAL, _HABITS, _SURGES)),
    ),
)
