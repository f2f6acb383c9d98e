"""Amounts as shops write them, in the smallest unit of their currency."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

# ISO 4217: digits after the point; every other currency has two.
WITHOUT_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
EXPONENTS = {
    **dict.fromkeys(WITHOUT_DECIMALS.split(), 0),
    **dict.fromkeys(THREE_DECIMALS.split(), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}
LARGEST = Decimal(10) ** 12


class BadAmount(Exception):
    """This is not an amount of money."""


def smallest_unit(amount: str, currency: str) -> int:
    """`smallest_unit("54.90", "EUR") == 5490`, `smallest_unit("1200", "JPY") == 1200`. Raises BadAmount."""
    try:
        value = Decimal(amount)
        if not value.is_finite() or not 0 <= value < LARGEST:
            raise BadAmount
        return int(value.scaleb(EXPONENTS.get(currency, 2)).quantize(Decimal(1), rounding=ROUND_HALF_UP))
    except InvalidOperation as error:
        raise BadAmount from error
