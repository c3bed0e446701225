"""Money and weights are decimals: what a carrier wrote is what is summed, to the cent."""

from decimal import ROUND_HALF_UP, Decimal

_CENT = Decimal("0.01")


def cents(amount: Decimal) -> int:
    """The amount in whole hundredths, half up: what the windows add, since Redis sums integers exactly."""
    return int((amount / _CENT).to_integral_value(ROUND_HALF_UP))
