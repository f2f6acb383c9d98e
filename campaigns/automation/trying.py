"""What an automation would do, before it does: with what has happened, or in the days to come."""

from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.requests import MemberRequest
from campaigns.log import subject_of
from campaigns.models import Automation
from campaigns.trial import OccasionTrial, OrderTrial, example_of, occasions_like
from campaigns.triggers import trigger_of
from campaigns.upcoming import SHOWN, Upcoming
from integrations.models import Order
from integrations.outcomes import in_words
from messaging.clock import workspace_now

NEWEST = 30


class OfAutomation(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page of one automation, for triggers of which `fits` is true."""

    header_icon = "ch-bolt"
    fits: ClassVar[str]
    request: MemberRequest

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """An automation whose trigger was changed has another page."""
        if not getattr(trigger_of(self.automation.trigger), self.fits):
            return redirect("automations:inspect", self.automation.pk)
        return super().get(request, *args, **kwargs)

    @cached_property
    def automation(self) -> Automation:
        mine = Automation.objects.select_related("workspace", "sender__account", "page", "shop", "date_attribute")
        return get_object_or_404(mine, pk=self.kwargs["pk"])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("automations:index"), "label": _("Automations")},
            {"url": reverse("automations:inspect", args=[self.automation.pk]), "label": str(self.automation)},
            {"url": "", "label": self.get_page_title()},
        ]


class UpcomingView(OfAutomation):
    """Whom a reminder writes to in the next days. Looking sends nothing."""

    template_name = "campaigns/automation/upcoming.html"
    fits = "is_of_dates"
    page_title = _("Who gets it in the next 7 days")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        automation = self.automation
        clock = workspace_now(automation.workspace, timezone.now())
        upcoming = Upcoming(automation, clock) if automation.date_attribute else None
        return super().get_context_data(automation=automation, upcoming=upcoming, shown=SHOWN, **kwargs)


class TrialView(OfAutomation):
    """What a past order would have sent. Looking sends nothing."""

    template_name = "campaigns/automation/trial.html"
    fits = "is_of_orders"
    page_title = _("Try with a past order")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("number", "").strip() or self.request.GET.get("order", "")
        orders = Order.objects.select_related("shop", "contact", "workspace").order_by("-placed_at", "-pk")
        if self.automation.shop:
            orders = orders.filter(shop=self.automation.shop)
        found = orders.filter(number=asked).first() if asked else None
        trial = OrderTrial(self.automation, found) if found else None
        return super().get_context_data(
            automation=self.automation,
            orders=orders[:NEWEST],
            asked=asked,
            trial=trial,
            reason=capfirst(in_words(trial.reason)) if trial else "",
            **kwargs,
        )


class EventTrialView(OfAutomation):
    """What a past call or form would have sent; an example until one is chosen. Looking sends nothing."""

    template_name = "campaigns/automation/event_trial.html"
    fits = "is_of_occasions"
    page_title = _("Try with a past event")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked, happened = self.request.GET.get("occasion", ""), occasions_like(self.automation)
        found = happened.filter(pk=asked).first() if asked.isdecimal() and len(asked) < 18 else None
        trial = OccasionTrial(self.automation, found) if found else example_of(self.automation, timezone.now())
        return super().get_context_data(
            automation=self.automation,
            occasions=[(occasion, subject_of(occasion)) for occasion in happened[:NEWEST]],
            chosen=found,
            subject=subject_of(found) if found else "",
            trial=trial,
            reason=capfirst(in_words(trial.reason)) if found else "",
            **kwargs,
        )
