from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from audience.places import TERRITORIES, countries_abroad
from integrations.forms.gateways import MICROS
from integrations.models import GatewayAccount
from integrations.prices import ALL, Step
from integrations.services.prices import BadTiers, save_tiers

LINES = 5


def country_choices() -> list[Any]:
    return [
        (ALL, _("All others")),
        (_("France"), list(TERRITORIES.items())),
        (_("Abroad"), [(code, code) for code in countries_abroad()]),
    ]


class StepForm(forms.Form):
    """A line of a price list; empty lines do not count."""

    from_part = forms.IntegerField(label=_("From part"), min_value=1, max_value=2_000_000_000, required=False)
    price = forms.DecimalField(
        label=_("Price of a part"), min_value=0, max_value=10, decimal_places=6, required=False, localize=True
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and (values.get("from_part") is None) != (values.get("price") is None):
            raise forms.ValidationError(_("A line needs both: from which part on, and the price."))
        return values

    @property
    def step(self) -> Step | None:
        values = self.cleaned_data
        if values.get("from_part") is None:
            return None
        return Step(values["from_part"], int(values["price"] * MICROS))


class PricesForm(forms.Form):
    """A price list from a day on. Its lines are forms of their own."""

    country = forms.ChoiceField(label=_("Country"), choices=country_choices, required=False)
    valid_from = forms.DateField(
        label=_("Valid from"),
        initial=timezone.localdate,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, account: GatewayAccount, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.lines = [
            StepForm(self.data if self.is_bound else None, prefix=str(number), initial=self._first(number))
            for number in range(LINES)
        ]

    def _first(self, number: int) -> dict[str, int]:
        return {} if number else {"from_part": 1}

    def clean(self) -> dict[str, Any]:
        if not all(line.is_valid() for line in self.lines):
            raise forms.ValidationError(_("Look at the lines below."))
        return super().clean() or {}

    def steps(self) -> Iterator[Step]:
        return (step for line in self.lines if (step := line.step))

    def save(self) -> bool:
        """Whether the lines made a price list; otherwise an error says why not."""
        try:
            save_tiers(account=self.account, steps=list(self.steps()), **self.cleaned_data)
        except BadTiers as error:
            self.add_error(None, str(error))
            return False
        return True
