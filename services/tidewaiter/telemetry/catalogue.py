"""Every metric that Tidewaiter exports: its name, kind, labels, meaning and objective, in one table."""

from dataclasses import dataclass
from itertools import product
from typing import Final, Literal, get_args

from tidewaiter.domain.action import ExamOutcome
from tidewaiter.domain.decision import Disposition
from tidewaiter.wire import topics
from tidewaiter.wire.malformed import Stage

Kind = Literal["counter", "gauge", "histogram"]
# Whose page shows it. Each service has a registry of its own: a gauge that nobody sets shows 0 there, and a
# second tidewaiter_list_generation of 0 would be taken for a worker with other lists.
Service = Literal["screener", "lag", "insight"]

# Around the objective of one second, with detail below it where the stream lives.
LATENCY_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 300.0)
STAGE_BUCKETS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
# A minute to a month: an officer's day, and the days a parcel may lie.
AGE_BUCKETS: Final = (60.0, 600.0, 3600.0, 14400.0, 43200.0, 86400.0, 172800.0, 604800.0, 2592000.0)
SIZE_BUCKETS: Final = (1.0, 4.0, 16.0, 64.0, 256.0, 1000.0, 4000.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. ``objective`` says what is wanted of it, or why it has none.

    ``begins`` are series that are there from the start, at 0: rate() and increase() do not see the step from
    nothing to one, which of what is rare is half of it. ``unused`` says why no dashboard and no alert asks
    for it.
    """

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    objective: str = "for diagnosis"
    buckets: tuple[float, ...] = ()
    service: Service = "screener"
    begins: tuple[tuple[str, ...], ...] = ()
    unused: str = ""


DECISIONS = Metric(
    "tidewaiter_decisions_total",
    "counter",
    "committed decisions",
    ("outcome", "disposition", "carrier"),
    "parcels flow: above zero while events come",
)
HOLDS = Metric(
    "tidewaiter_holds_total",
    "counter",
    "open holds of committed decisions",
    ("code", "port"),
    "the share of parcels held stays in its usual range",
)
HOLD_ORDERS = Metric(
    "tidewaiter_hold_orders_total",
    "counter",
    "parcels that the inspection was told of: opened (was free), renewed (was held), freed; by what the "
    "gravest hold asks for",
    ("step", "disposition"),
    "freed follow opened",
    begins=tuple(product(("opened", "renewed", "freed"), get_args(Disposition))),
)
HOLD_AGE = Metric(
    "tidewaiter_hold_age_seconds",
    "histogram",
    "from a parcel's oldest open hold to an officer's action, and until it was freed, by the messages' times",
    ("until",),
    "a parcel waits less than a day for an officer",
    AGE_BUCKETS,
    begins=(("action",), ("freed",)),
)
OFFICER_ACTIONS = Metric(
    "tidewaiter_officer_actions_total",
    "counter",
    "officers' actions, with the outcome of examinations (none for the others)",
    ("action", "outcome"),
    begins=(
        ("HOLD_REMOVED", "none"),
        ("MANUAL_HOLD", "none"),
        *(("EXAM_RESULT", outcome) for outcome in get_args(ExamOutcome)),
    ),
)
EXAMINED_HOLDS = Metric(
    "tidewaiter_examined_holds_total",
    "counter",
    "holds that were open when an examination's result came",
    ("code", "outcome"),
    "a code that finds nothing is worth a look at its rules",
)
RULE_HITS = Metric(
    "tidewaiter_rule_hits_total",
    "counter",
    "rules that fired, by mode: enforce, shadow, excepted by an officer; or that were unavailable",
    ("rule", "mode"),
    "a shadow rule is promoted on this number",
)
LATENCY = Metric(
    "tidewaiter_decision_latency_seconds",
    "histogram",
    "from the event's own time (event) or the broker's (broker) to the decision",
    ("since",),
    "99.9 % within 1 s of the broker's time",
    LATENCY_BUCKETS,
)
DEAD_LETTERS = Metric(
    "tidewaiter_dead_letters_total",
    "counter",
    "records set aside, by the stage that refused them",
    ("stage",),
    "under 0.1 % of events",
    begins=tuple((stage,) for stage in get_args(Stage)),
)
DISPLACED_RECORDS = Metric(
    "tidewaiter_displaced_records_total",
    "counter",
    "records in another partition than their key's by murmur2: held first, and screened by way of the lane",
    ("topic",),
    "none: each costs twice the work",
    begins=((topics.PARCEL_EVENTS,), (topics.OFFICER_ACTIONS,)),
)
BATCH_RECORDS = Metric(
    "tidewaiter_batch_records", "histogram", "records of a committed batch", (), "for diagnosis", SIZE_BUCKETS
)
STAGE_SECONDS = Metric(
    "tidewaiter_stage_seconds",
    "histogram",
    "time of a batch by stage: poll, redis, process, commit",
    ("stage",),
    "for diagnosis",
    STAGE_BUCKETS,
)
TRANSACTIONS = Metric(
    "tidewaiter_transactions_total",
    "counter",
    "transactions by result: committed, aborted, indefinite, fenced",
    ("result",),
    "aborted ones are rare and end by themselves",
    begins=(("committed",), ("aborted",), ("indefinite",), ("fenced",)),
)
REBALANCES = Metric(
    "tidewaiter_rebalances_total", "counter", "changes of the assignment", (), "rare outside deployments"
)
PARTITIONS = Metric("tidewaiter_partitions", "gauge", "partitions assigned to this worker", ())
STOPPED_PARTITIONS = Metric(
    "tidewaiter_stopped_partitions",
    "gauge",
    "partitions past their dead-letter limits, read no more",
    (),
    "zero",
)
LAG_RECORDS = Metric(
    "tidewaiter_lag_records",
    "gauge",
    "records waiting behind what was polled",
    ("topic", "partition"),
    "near zero; see the lag in seconds",
)
LAG_SECONDS = Metric(
    "tidewaiter_lag_seconds",
    "gauge",
    "how late the newest decided record of a partition was by the broker's time; 0 once nothing waits",
    ("topic", "partition"),
    "under 1 s",
)
DEGRADED = Metric(
    "tidewaiter_degraded", "gauge", "1 while parcels are held because Redis does not answer", (), "zero"
)
DEGRADED_SECONDS = Metric(
    "tidewaiter_degraded_seconds_total", "counter", "time spent degraded", (), "under 0.05 % of the time"
)
LIST_GENERATION = Metric(
    "tidewaiter_list_generation",
    "gauge",
    "generation of the watchlists in force",
    (),
    "the same on all workers",
)
LIST_AGE = Metric(
    "tidewaiter_list_age_seconds", "gauge", "time since each list was loaded", ("list",), "under a day"
)
LIST_ENTRIES = Metric("tidewaiter_list_entries", "gauge", "entries of each list in force", ("list",))
FEATURES_AGE = Metric(
    "tidewaiter_features_age_seconds",
    "gauge",
    "time since insight wrote the features of each kind that this worker decides with; none before it has, "
    "without end where Redis has lost them",
    ("kind",),
    "under a minute; past ten the rules on habits are unavailable",
)
RULESET = Metric(
    "tidewaiter_ruleset_info",
    "gauge",
    "1 for the ruleset and policy in force",
    ("ruleset", "policy"),
    "the same on all workers",
)
REDIS_BREAKER = Metric(
    "tidewaiter_redis_breaker",
    "gauge",
    "1 for the state of the breaker before Redis: closed, open, half_open",
    ("state",),
    "closed",
)
REDIS_MEMORY = Metric(
    "tidewaiter_redis_memory_bytes",
    "gauge",
    "memory that Redis uses, most of it windows and histories, and its limit (0: none)",
    ("what",),
    "used stays under three quarters of the limit",
)
KAFKA_REQUEST_SECONDS = Metric(
    "tidewaiter_kafka_request_seconds",
    "gauge",
    "99th percentile of the client's round trips to its slowest broker, as librdkafka says",
    ("client",),
)
KAFKA_BROKERS_DOWN = Metric(
    "tidewaiter_kafka_brokers_down",
    "gauge",
    "brokers that the client has no connection to, though it uses them, as librdkafka says",
    ("client",),
    "zero",
)
COLD = Metric(
    "tidewaiter_cold",
    "gauge",
    "1 while what an emptied Redis has lost is read back from the topics; parcels are held meanwhile",
    (),
    "zero",
)
REPLAYED_RECORDS = Metric(
    "tidewaiter_replayed_records_total",
    "counter",
    "records read back for an emptied Redis",
    ("topic",),
    begins=tuple(
        (topic,)
        for topic in (
            topics.PARCEL_EVENTS,
            topics.OFFICER_ACTIONS,
            topics.RESCREENS,
            topics.DECISIONS,
            topics.HOLD_ORDERS,
        )
    ),
)
READY = Metric("tidewaiter_ready", "gauge", "1 while the worker can decide parcels", (), "one")
LAG_UNREAD_RECORDS = Metric(
    "tidewaiter_lag_unread_records",
    "gauge",
    "records that a reader (screener, insight, archive, or a group by name) has not read; 0 when nothing but "
    "transactions' marks and aborted records is left",
    ("reader", "topic", "partition"),
    "near zero; see the age of the oldest",
    service="lag",
)
LAG_UNREAD_SECONDS = Metric(
    "tidewaiter_lag_unread_seconds",
    "gauge",
    "age of the oldest record that a reader has not read, by the record's timestamp",
    ("reader", "topic", "partition"),
    "under 1 s",
    service="lag",
)
LAG_MEMBERS = Metric(
    "tidewaiter_lag_members",
    "gauge",
    "members of a reader's group",
    ("reader",),
    "one a worker; at 0 nobody reads",
    service="lag",
)
LAG_OPEN_TRANSACTION_SECONDS = Metric(
    "tidewaiter_lag_open_transaction_seconds",
    "gauge",
    "age of the first record of an open transaction, behind which read_committed reads nothing; no series "
    "where none is open",
    ("topic", "partition"),
    "gone within a second; the broker ends ours after 10 s",
    service="lag",
)
LAG_IS_KNOWN = Metric(
    "tidewaiter_lag_known",
    "gauge",
    "1 while Kafka answers; at 0 the other series of the exporter are gone, since they would be old",
    (),
    "one",
    service="lag",
)
OPEN_ORDERS = Metric(
    "tidewaiter_open_orders",
    "gauge",
    "parcels whose hold order is open, by what their gravest hold asks for; none before all orders were read",
    ("disposition",),
    "officers keep up: it does not grow for days",
    service="lag",
)
OPEN_ORDER_AGE = Metric(
    "tidewaiter_open_order_age_seconds",
    "gauge",
    "since when the oldest hold of a parcel whose order is open was placed, by its message's time; 0 when "
    "none is",
    ("disposition",),
    "under a day",
    service="lag",
)

INSIGHT_SIGHTINGS = Metric(
    "tidewaiter_insight_sightings_total",
    "counter",
    "sightings counted: a parcel for its shipper, lanes, address, text and goods",
    ("kind",),
    "above zero while events come",
    service="insight",
    unused="the ages of features and events tell when it stops",
)
INSIGHT_ALERTS = Metric(
    "tidewaiter_insight_alerts_total",
    "counter",
    "surges told of, by what surged and whether in volume, value or share held",
    ("kind", "subject"),
    "a few a day",
    service="insight",
)
INSIGHT_FEATURES_AGE = Metric(
    "tidewaiter_insight_features_age_seconds",
    "gauge",
    "since when this worker's features in Redis are not known to be up to date: not written, or not counted",
    (),
    "under a minute",
    service="insight",
)
INSIGHT_EVENT_AGE = Metric(
    "tidewaiter_insight_event_age_seconds",
    "gauge",
    "from the event time of the latest sighting to now, of the partition that is furthest behind",
    (),
    "under a minute while events come",
    service="insight",
)
INSIGHT_DAYS = Metric(
    "tidewaiter_insight_days",
    "gauge",
    "days of entities that this worker remembers: its memory",
    (),
    "grows for a month, then stays",
    service="insight",
    unused="for planning its memory, not for watching it",
)
INSIGHT_PARTITIONS = Metric(
    "tidewaiter_insight_partitions",
    "gauge",
    "partitions that this worker keeps",
    (),
    service="insight",
    unused="tidewaiter_lag_members tells when nobody reads",
)
INSIGHT_BUNDLES_UNREADABLE = Metric(
    "tidewaiter_insight_bundles_unreadable_total",
    "counter",
    "bundles on insight-sightings that could not be read and were passed over",
    (),
    "none: only insight writes there",
    service="insight",
    unused="each is in the log, with its partition and offset",
)

CATALOGUE: Final = (
    DECISIONS, HOLDS, HOLD_ORDERS, HOLD_AGE, OFFICER_ACTIONS, EXAMINED_HOLDS,
    RULE_HITS, LATENCY, DEAD_LETTERS, DISPLACED_RECORDS, BATCH_RECORDS, STAGE_SECONDS, TRANSACTIONS,
    REBALANCES, PARTITIONS, STOPPED_PARTITIONS, LAG_RECORDS, LAG_SECONDS, DEGRADED, DEGRADED_SECONDS,
    LIST_GENERATION, LIST_AGE, LIST_ENTRIES, FEATURES_AGE, RULESET, REDIS_BREAKER, REDIS_MEMORY,
    KAFKA_REQUEST_SECONDS, KAFKA_BROKERS_DOWN, COLD, REPLAYED_RECORDS, READY,
    LAG_UNREAD_RECORDS, LAG_UNREAD_SECONDS, LAG_MEMBERS, LAG_OPEN_TRANSACTION_SECONDS, LAG_IS_KNOWN,
    OPEN_ORDERS, OPEN_ORDER_AGE,
    INSIGHT_SIGHTINGS, INSIGHT_ALERTS, INSIGHT_FEATURES_AGE, INSIGHT_EVENT_AGE, INSIGHT_DAYS,
    INSIGHT_PARTITIONS, INSIGHT_BUNDLES_UNREADABLE,
)  # fmt: skip
