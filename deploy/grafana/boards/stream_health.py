"""*Stream health*: where records wait, whether transactions commit, and whether Redis and Kafka answer."""

from functools import partial

from deploy.grafana.boards.frame import WORKERS, Board, Row
from deploy.grafana.boards.panel import BAD, DOUBTFUL, GOOD, Query, Question, Step, over_time, states

_LATE = partial(
    over_time,
    Question(
        "Does a partition fall behind?",
        "How late the newest decided record of each partition was; under 1 s is wanted.",
        "s",
    ),
    Query(f"max by (topic, partition) (tidewaiter_lag_seconds{{{WORKERS}}})", "{{topic}} {{partition}}"),
    limits=(Step(1, BAD),),
)
_UNREAD = partial(
    over_time,
    Question(
        "How many records wait, and for whom?",
        "Seen from outside (`tidewaiter lag`), so that readers that are dead are seen too. More than 1,000 "
        "that become more: ScreeningLagGrowing.",
        "short",
    ),
    Query("sum by (reader, topic) (tidewaiter_lag_unread_records)", "{{reader}}: {{topic}}"),
    limits=(Step(1000, DOUBTFUL),),
)
_UNREAD_AGE = partial(
    over_time,
    Question(
        "How old is the oldest unread record?",
        "Seen from outside, by reader. The screener's is to stay under 1 s; the others read in bulk.",
        "s",
    ),
    Query("max by (reader) (tidewaiter_lag_unread_seconds)", "{{reader}}"),
    limits=(Step(1, DOUBTFUL),),
)
_PARTITIONS = partial(
    over_time,
    Question(
        "Has every worker its share?",
        "Partitions assigned to each worker. One that was stopped stays assigned (PartitionStopped).",
        "short",
    ),
    Query(f"max by (instance) (tidewaiter_partitions{{{WORKERS}}})", "{{instance}}"),
)
_REBALANCES = partial(
    over_time,
    Question(
        "Does the assignment rest?",
        "Changes in ten minutes; more than three for three quarters of an hour: RebalanceStorm.",
        "short",
    ),
    Query(f"max by (instance) (increase(tidewaiter_rebalances_total{{{WORKERS}}}[10m]))", "{{instance}}"),
    limits=(Step(3, BAD),),
)
_TRANSACTIONS = partial(
    over_time,
    Question(
        "Do transactions commit?",
        "Transactions a second by result; more than one in twenty that does not: TransactionsAborting.",
        "cps",
    ),
    Query(
        f"sum by (result) (rate(tidewaiter_transactions_total{{{WORKERS}}}[$__rate_interval]))", "{{result}}"
    ),
)
_STAGES = partial(
    over_time,
    Question(
        "Where does a parcel's time go?",
        "Seconds of each stage a record. Redis works beside the processing, the others one after another.",
        "s",
    ),
    Query(
        f"sum by (stage) (rate(tidewaiter_stage_seconds_sum{{{WORKERS}}}[$__rate_interval]))"
        f" / on () group_left () sum(rate(tidewaiter_batch_records_sum{{{WORKERS}}}[$__rate_interval]))",
        "{{stage}}",
    ),
)
_REDIS = partial(
    states,
    Question(
        "Does Redis answer?",
        "The breaker of each worker: closed is well; while it is open parcels are held (DegradedMode).",
        "none",
    ),
    Query(
        f'sum by (instance) (tidewaiter_redis_breaker{{state="open",{WORKERS}}} * 2'
        f' or tidewaiter_redis_breaker{{state="half_open",{WORKERS}}}'
        f' or tidewaiter_redis_breaker{{state="closed",{WORKERS}}} * 0)',
        "{{instance}}",
    ),
    (("closed", GOOD), ("half open", DOUBTFUL), ("open", BAD)),
)
_MEMORY = partial(
    over_time,
    Question(
        "How full is Redis?",
        "Memory used, and its limit (0: none). Above three quarters: RedisMemoryFilling.",
        "bytes",
    ),
    Query(f"max by (what) (tidewaiter_redis_memory_bytes{{{WORKERS}}})", "{{what}}"),
)
_KAFKA = partial(
    over_time,
    Question(
        "Does Kafka answer quickly?",
        "99th percentile of the round trips to the slowest broker, as librdkafka says.",
        "s",
    ),
    Query(f"max by (client) (tidewaiter_kafka_request_seconds{{{WORKERS}}})", "{{client}}"),
)
_BROKERS = partial(
    over_time,
    Question(
        "Is every broker there?",
        "Brokers that a client uses and has no connection to; zero is wanted.",
        "short",
    ),
    Query(f"max by (client) (tidewaiter_kafka_brokers_down{{{WORKERS}}})", "{{client}}"),
    limits=(Step(1, BAD),),
)
_DEAD = partial(
    over_time,
    Question(
        "What comes otherwise than agreed?",
        "Records set aside a second, by the stage that refused them; under 0.1 % of events is wanted "
        "(DeadLettersRising). `tidewaiter dlq list` shows them. And records in another partition than their "
        "key's, which cost twice the work; none is wanted (RecordsDisplaced).",
        "cps",
    ),
    Query(
        f"sum by (stage) (rate(tidewaiter_dead_letters_total{{{WORKERS}}}[$__rate_interval]))", "{{stage}}"
    ),
    Query(
        f"sum by (topic) (rate(tidewaiter_displaced_records_total{{{WORKERS}}}[$__rate_interval]))",
        "another partition: {{topic}}",
    ),
)

STREAM_HEALTH = Board(
    "tidewaiter-stream",
    "Stream health",
    "Where records wait, whether transactions commit, and whether Redis and Kafka answer.",
    (
        Row(8, (_LATE, _UNREAD, _UNREAD_AGE)),
        Row(8, (_PARTITIONS, _REBALANCES, _TRANSACTIONS)),
        Row(8, (_STAGES, _DEAD, _KAFKA)),
        Row(8, (_BROKERS, _REDIS, _MEMORY)),
    ),
)
