"""What parts cost at an account: by country, by place in the month, from a day on."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.generic import FormView, View
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import OWNER_ONLY
from accounts.requests import MemberRequest
from audience.places import name_of_territory
from integrations.forms.prices import PricesForm
from integrations.models import GatewayAccount, PriceTier
from integrations.services.prices import remove_tiers

WORDS = {
    "ok": pgettext_lazy("price list", "in force"),
    "info": pgettext_lazy("price list", "to come"),
    "mute": pgettext_lazy("price list", "replaced"),
}


@dataclass(frozen=True)
class Tariff:
    """The tiers of one country from one day on; `tone` says whether they count today."""

    country: str
    valid_from: date
    tiers: list[PriceTier]
    tone: str

    @property
    def name(self) -> str:
        return name_of_territory(self.country) if self.country else _("All others")

    @property
    def words(self) -> str:
        return str(WORDS[self.tone])


def tariffs_of(account: GatewayAccount, today: date) -> list[Tariff]:
    """By country, the latest first. One query."""
    rows = account.price_tiers.order_by("country", "-valid_from", "from_part")
    return [
        tariff for _country, tiers in groupby(rows, lambda row: row.country) for tariff in _of_country(tiers, today)
    ]


def _of_country(tiers: Iterable[PriceTier], today: date) -> Iterable[Tariff]:
    has_begun = False
    for valid_from, rows in groupby(tiers, lambda row: row.valid_from):
        lines = list(rows)
        tone = "info" if valid_from > today else "mute" if has_begun else "ok"
        has_begun = has_begun or valid_from <= today
        yield Tariff(lines[0].country, valid_from, lines, tone)


class AccountPrices(WorkspaceViewMixin):
    """Owners only, as all that is about accounts."""

    roles = OWNER_ONLY
    kwargs: dict[str, Any]

    @cached_property
    def account(self) -> GatewayAccount:
        return get_object_or_404(GatewayAccount.objects.select_related("workspace"), pk=self.kwargs["pk"])


class PricesView(AccountPrices, WagtailAdminTemplateMixin, FormView):
    request: MemberRequest
    form_class = PricesForm
    template_name = "integrations/gateway/prices.html"
    page_title = gettext_lazy("Prices")
    header_icon = "ch-key"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        own = reverse("gateway_accounts:inspect", args=[self.account.pk])
        return [
            {"url": reverse_lazy("gateway_accounts:index"), "label": _("Gateway accounts")},
            {"url": own, "label": self.account.name},
            {"url": "", "label": _("Prices")},
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"account": self.account}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tariffs = tariffs_of(self.account, timezone.localdate())
        return super().get_context_data(account=self.account, tariffs=tariffs, **kwargs)

    def form_valid(self, form: forms.Form) -> HttpResponse:
        if not form.save():  # type: ignore[attr-defined]
            return self.form_invalid(form)
        messages.success(self.request, _("The prices are stored."))
        return redirect("gateway_accounts:prices", self.account.pk)


class RemovePricesView(AccountPrices, View):
    http_method_names = ["post"]

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        if valid_from := parse_date(request.POST.get("valid_from", "")):
            remove_tiers(account=self.account, country=request.POST.get("country", ""), valid_from=valid_from)
            messages.success(request, _("Removed: what has been charged stays as it is."))
        return redirect("gateway_accounts:prices", pk)
