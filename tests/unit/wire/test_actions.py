"""Officers' actions come back as they were written, and each type demands what it is about."""

import orjson
import pytest
from hypothesis import given

from tests.unit.wire.values import actions as any_action
from tidewaiter.domain.action import OfficerAction
from tidewaiter.wire import actions
from tidewaiter.wire.malformed import Malformed

REMOVAL = {
    "action_id": "A-1",
    "action_type": "HOLD_REMOVED",
    "action_time": "2026-11-24T08:00:00Z",
    "schema_version": "1",
    "source_carrier": "FDX",
    "hawb": "7712345678",
    "officer_id": "CBP-77",
    "reason": "examined",
    "hold_code": "WL-SDN",
}


def refused(**changes: object) -> Malformed:
    document = {name: value for name, value in (REMOVAL | changes).items() if value is not None}
    malformed = actions.decode(orjson.dumps(document))
    assert isinstance(malformed, Malformed)
    return malformed


@given(any_action())
def test_an_action_comes_back_as_it_was_written(action: OfficerAction) -> None:
    read = actions.decode(actions.encode(action))
    assert read == action
    assert isinstance(read, OfficerAction)
    assert read.action_time.utcoffset() == action.action_time.utcoffset()


def test_hold_removed_demands_the_hold() -> None:
    assert refused(hold_code=None).reason == "hold_code: found nothing, expected a value"


def test_exam_result_demands_the_outcome() -> None:
    assert refused(action_type="EXAM_RESULT").reason == "outcome: found nothing, expected a value"


def test_a_refused_action_names_parcel_and_action() -> None:
    malformed = refused(reason="")
    assert (malformed.carrier, malformed.hawb, malformed.event_id) == ("FDX", "7712345678", "A-1")


def test_a_refused_action_masks_the_officer() -> None:
    assert "77" not in refused(officer_id=["CBP-77"]).reason
    assert refused(officer_id=77).found == "a value that is no text"


@pytest.mark.parametrize("key", [None, b"FDX|1"])
def test_key_problem_names_the_parcel_under_another_key(key: bytes | None) -> None:
    action = actions.decode(orjson.dumps(REMOVAL))
    assert isinstance(action, OfficerAction)
    problem = actions.key_problem(key, action)
    assert problem is not None
    assert problem.expected == '"FDX|7712345678"'
    assert actions.key_problem(b"FDX|7712345678", action) is None
