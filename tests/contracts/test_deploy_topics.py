"""deploy/kafka/topics.yaml keeps what an emptied Redis is read back from as long as it counts."""

from tidewaiter.adapters.kafka_topics import read_topics
from tidewaiter.cli.warming import DAYS_READ_BACK
from tidewaiter.domain.window import WINDOWS
from tidewaiter.resources import topics_file
from tidewaiter.wire.topics import HOLD_ORDERS, OFFICER_ACTIONS, PARCEL_EVENTS, RESCREENS

KEPT = {topic.name: topic.retention_days for topic in read_topics(topics_file())}


def test_officers_actions_are_kept_as_long_as_the_orders_that_they_answer() -> None:
    assert KEPT[OFFICER_ACTIONS] == KEPT[HOLD_ORDERS]


def test_officers_actions_are_kept_as_long_as_what_an_exam_found_counts() -> None:
    (days,) = (window.days for window in WINDOWS if window.counts == "exams")
    assert KEPT[OFFICER_ACTIONS] >= days


def test_what_came_by_way_of_the_lane_is_kept_there_as_long_as_where_it_came_from() -> None:
    assert KEPT[RESCREENS] >= KEPT[PARCEL_EVENTS]
    assert DAYS_READ_BACK[RESCREENS] >= KEPT[RESCREENS]


def test_what_is_kept_of_parcels_before_officers_is_all_read_back() -> None:
    assert DAYS_READ_BACK[OFFICER_ACTIONS] >= KEPT[OFFICER_ACTIONS]
    assert DAYS_READ_BACK[HOLD_ORDERS] >= KEPT[HOLD_ORDERS]
    assert DAYS_READ_BACK[PARCEL_EVENTS] >= KEPT[PARCEL_EVENTS]
