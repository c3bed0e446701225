"""The windows of a replay where they forget parcels that do not come again."""

from tidewaiter.backtest.windows import Windows
from tidewaiter.domain.lookup import Contribution, Lookup

DAY = 20_000


def test_a_parcel_that_comes_again_is_counted_once_whatever_its_number_is() -> None:
    windows = Windows(again=frozenset({"FX|7#1"}))
    counts = (Contribution("person_day", "bob", DAY, 5),)
    counted = [windows.answered(Lookup("FX|7#1", seq, str(seq), "count", counts)) for seq in range(3)]
    assert counted == [("new", ((5, 1),))] * 3
