"""What a thousand messages over an account cost, as people write it. Pure."""

from decimal import Decimal, InvalidOperation

_PLACES = 4
_MOST = 1_000_000


def read_price(text: str) -> Decimal:
    """The amount.

    Raises:
        ValueError: It is none; the text tells how to write it.
    """
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= _MOST or _places(price) > _PLACES:
        raise ValueError(
            f"{text!r} is no price: write the amount for 1,000 messages, such as 0.80, or none"
        )
    return price


def _places(price: Decimal) -> int:
    exponent = price.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0
