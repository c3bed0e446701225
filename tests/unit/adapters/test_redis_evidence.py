"""How what is asked of Redis is divided into calls."""

from collections.abc import Sequence

import pytest

from tidewaiter.adapters.redis_evidence import chunks, history_chunks
from tidewaiter.domain.lookup import Kept


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((), []),
        ((1, 1, 1, 1), [[1, 1, 1], [1]]),
        ((4, 4, 4), [[4, 4], [4]]),
        ((99, 1, 99, 99, 1), [[99], [1], [99], [99], [1]]),
        ((0, 0, 9, 0), [[0, 0, 9], [0]]),
    ],
)
def test_chunks_are_neither_longer_nor_heavier_than_they_may_be(
    weights: Sequence[int], expected: list[list[int]]
) -> None:
    assert [list(chunk) for chunk in chunks(weights, 3, int, 9)] == expected


def test_histories_go_together_up_to_four_mebibytes_with_those_they_came_from() -> None:
    kept = [Kept(f"UPS|{number}", bytes(1 << 20), former=bytes(1 << 20)) for number in range(5)]
    assert [len(chunk) for chunk in history_chunks(kept, 200)] == [2, 2, 1]
