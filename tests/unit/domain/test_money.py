"""Amounts in whole cents: half a cent goes up, whatever else is written behind the point."""

from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.domain.money import cents

AMOUNTS = st.decimals(min_value=-(10**12), max_value=10**12, allow_nan=False, allow_infinity=False)


@given(AMOUNTS)
def test_cents_are_the_amount_rounded_to_the_nearest_half_away_from_nothing(amount: Decimal) -> None:
    assert cents(amount) == int((amount / Decimal("0.01")).to_integral_value(ROUND_HALF_UP))


def test_half_a_cent_goes_up() -> None:
    assert (cents(Decimal("23.335")), cents(Decimal("23.334")), cents(Decimal("23.33"))) == (2334, 2333, 2333)
