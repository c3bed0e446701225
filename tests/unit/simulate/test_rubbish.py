"""Broken records are refused by the reader where, and for what, they say."""

import pytest

from tidewaiter.simulate.rubbish import KINDS, Rubbish, rubbish
from tidewaiter.wire.events import Decoded, decode, key_problem


@pytest.mark.parametrize("broken", list(rubbish(seed=2)), ids=lambda broken: broken.why)
def test_broken_record_is_refused_at_its_stage(broken: Rubbish) -> None:
    refused = decode(broken.value)
    if isinstance(refused, Decoded):
        problem = key_problem(broken.key, refused.event)
        assert problem is not None
        refused = problem
    assert refused.stage == broken.stage
    assert refused.names_a_parcel is broken.names_parcel


def test_rubbish_is_the_same_for_a_seed_and_as_much_as_asked_for() -> None:
    assert list(rubbish(seed=9, copies=3)) == list(rubbish(seed=9, copies=3))
    assert len(list(rubbish(seed=9, copies=3))) == 3 * len(KINDS)
