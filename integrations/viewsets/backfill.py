"""The past of a shop on its page: asked for, watched, stopped."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View

from accounts.admin import WorkspaceViewMixin
from accounts.figures import Rate
from accounts.models import Role
from accounts.requests import MemberRequest
from audience.refusals import Refusal
from integrations.models import ShopConnection
from integrations.outcomes import in_words
from integrations.services.backfill import AlreadyRunning, can_ask, cancel_backfill, start_backfill

KINDS = [("customers", gettext_lazy("Customers")), ("orders", gettext_lazy("Orders"))]


@dataclass(frozen=True)
class WithoutMobile:
    """How many customers and orders have no number that can be written to, and why."""

    reason: str | Promise
    customers: int
    orders: int


def backfill_of(shop: ShopConnection) -> dict[str, Any]:
    """What the card of the shop's page shows."""
    latest = shop.backfills.order_by("-pk").first()
    return {
        "shop": shop,
        "can_ask": can_ask(shop),
        "backfill": latest,
        "backfill_trouble": in_words(latest.trouble) if latest else "",
        "brought_in": [(label, _reachable(latest.report.get(name, {}))) for name, label in KINDS] if latest else [],
        "past_events": latest.report.get("events", {}).get("", 0) if latest else 0,
        "without_mobile": _without_mobile(latest.report) if latest else [],
    }


def _reachable(counts: dict[str, int]) -> Rate:
    return Rate(counts.get("", 0), sum(counts.values()))


def _without_mobile(report: dict[str, dict[str, int]]) -> list[WithoutMobile]:
    """Most orders first."""
    customers, orders = report.get("customers", {}), report.get("orders", {})
    codes = sorted({*customers, *orders} - {""}, key=lambda code: -orders.get(code, 0))
    return [WithoutMobile(Refusal(code).label, customers.get(code, 0), orders.get(code, 0)) for code in codes]


class BackfillView(WorkspaceViewMixin, TemplateView):
    """The card alone, while the page asks for news of it."""

    template_name = "integrations/shop/backfill.html"
    request: MemberRequest

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shop: ShopConnection = get_object_or_404(ShopConnection.objects.all(), pk=self.kwargs["pk"])
        return super().get_context_data(**backfill_of(shop), is_owner=self.request.role == Role.OWNER, **kwargs)


class StartView(WorkspaceViewMixin, View):
    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        shop: ShopConnection = get_object_or_404(ShopConnection.objects.select_related("workspace"), pk=pk)
        try:
            if can_ask(shop):
                start_backfill(shop=shop, now=timezone.now())
        except AlreadyRunning:
            messages.info(request, _("This is under way already."))
        return redirect("integrations_shops:inspect", pk)


class StopView(WorkspaceViewMixin, View):
    roles = frozenset({Role.OWNER})

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        shop: ShopConnection = get_object_or_404(ShopConnection.objects.all(), pk=pk)
        cancel_backfill(shop=shop, now=timezone.now())
        return redirect("integrations_shops:inspect", pk)
