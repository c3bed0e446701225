"""Money and weights are decimals: what a carrier wrote is what is summed, to the cent."""

from decimal import ROUND_HALF_UP, Decimal


def cents(amount: Decimal) -> int:
    """The amount in whole hundredths, half up: what the windows add, since Redis sums integers exactly."""
    hundredths = amount * 100
    whole = int(hundredths)
    # Nearly all amounts are whole cents: a quarter of the time that rounding takes.
    return whole if whole == hundredths else int(hundredths.to_integral_value(ROUND_HALF_UP))
