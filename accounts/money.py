"""Money as somebody types it, and as it is kept: an integer of the smallest unit."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.figures import decimals_of

MOST_UNITS = 10_000_000


class MoneyField(forms.DecimalField):
    """ "12.50" is 1250; empty is None. The form says in which currency, by `in_currency`."""

    currency = "EUR"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 0, "max_value": MOST_UNITS, "required": False, "localize": True, **kwargs})

    def in_currency(self, currency: str) -> None:
        self.currency = currency
        if currency not in str(self.label):
            self.label = f"{self.label} ({currency})"

    def to_python(self, value: Any) -> Any:
        typed = super().to_python(value)
        if typed is not None and not typed.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return None if typed is None else round(typed.scaleb(decimals_of(self.currency)))

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)

    def run_validators(self, value: Any) -> None:
        super().run_validators(None if value is None else Decimal(value).scaleb(-decimals_of(self.currency)))

    def prepare_value(self, value: Any) -> Any:
        is_kept = isinstance(value, int)
        return Decimal(value).scaleb(-decimals_of(self.currency)) if is_kept else value
