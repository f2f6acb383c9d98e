"""The screen of the month's budget: what was spent on what, and how far it may go."""

from typing import Any

from django import forms
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.admin import SettingsView
from accounts.money import MoneyField
from messaging.models import SpendingLimit
from messaging.services.spending import set_month_budget
from messaging.spending import limit_of, month_budget_of, spent_by_account, spent_by_purpose


class BudgetForm(forms.ModelForm):
    month_budget = MoneyField(
        label=gettext_lazy("Budget of a month"),
        help_text=gettext_lazy("Advertising and information pause where it ends. Empty: any amount."),
    )

    class Meta:
        model = SpendingLimit
        fields = ["month_budget", "warn_percent"]
        labels = {"warn_percent": gettext_lazy("Warn at (%)")}
        help_texts = {"warn_percent": gettext_lazy("From this share on, home and the report card say so.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["month_budget"].in_currency(self.instance.workspace.currency)  # type: ignore[attr-defined]


class BudgetView(SettingsView):
    form_class = BudgetForm
    template_name = "messaging/budget.html"
    success_url = reverse_lazy("messaging_budget")
    page_title = gettext_lazy("Budget")
    header_icon = "ch-chart"
    saved = gettext_lazy("The new budget counts from now on: resume what it had paused.")

    def get_instance(self) -> SpendingLimit:
        return limit_of(self.request.workspace)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        return super().get_context_data(
            month=month_budget_of(self.request.workspace, now),
            by_purpose=spent_by_purpose(now),
            by_account=spent_by_account(now),
            now=timezone.localtime(now),
            currency=self.request.workspace.currency,
            **kwargs,
        )

    def save(self, form: forms.Form) -> None:
        set_month_budget(workspace=self.request.workspace, **form.cleaned_data)
