"""Screens of automations."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.models import EditView, IndexView, InspectView

from accounts.admin import WorkspaceCreateView, WorkspaceViewMixin
from accounts.queries import current_workspace
from accounts.requests import MemberRequest
from campaigns import decided
from campaigns.automation.history import history_of, label_of
from campaigns.automation.words import sentences_of
from campaigns.columns import counted
from campaigns.forms import AutomationForm
from campaigns.library import LANGUAGES, automation_text, texts_by_trigger
from campaigns.listing import ON_A_PAGE
from campaigns.log import decisions_of, line_of
from campaigns.models import Automation, AutomationVersion, Decision
from campaigns.readiness import cautions_of
from campaigns.services import NotReady, restore_version, switch_automation
from campaigns.triggers import trigger_of, triggers
from campaigns.views import WRITERS
from landing.models import Conversion
from messaging.models import Sender

# What the list counts, and how much of the log stands beside it.
DAYS, NEWEST = 30, 8
NEWEST_ORDERS = 30


def earned_since(since: datetime) -> QuerySet[Conversion]:
    """Orders that the outer automation's messages earned."""
    orders = Conversion.objects.filter(goal=Conversion.Goal.ORDER, occurred_at__gte=since)
    return orders.filter(message__decisions__automation=OuterRef("pk"))


def revenue_in(earned: QuerySet[Conversion], currency: str) -> Coalesce:
    """What they came to, as far as it was paid in this currency."""
    sums = earned.filter(currency=currency).order_by().values("message__decisions__automation")
    return Coalesce(Subquery(sums.annotate(sum=Sum("value")).values("sum")), 0)


class AutomationIndexView(IndexView):
    default_ordering = "name"

    def get_add_url(self) -> str | None:
        """Nobody begins with an empty page who does not want to."""
        return reverse("automations:begin") if super().get_add_url() else None

    def get_base_queryset(self) -> QuerySet[Automation]:
        """With what the last days came to."""
        since = timezone.now() - timedelta(days=DAYS)
        decisions = Decision.objects.filter(automation=OuterRef("pk"), decided_at__gte=since)
        refused = decisions.filter(decided.NOT_SENT)
        earned = earned_since(since)
        reasons = refused.order_by().values("outcome").annotate(total=Count("pk")).order_by("-total", "outcome")
        return (
            super()
            .get_base_queryset()
            .select_related("shop", "workspace")
            .annotate(
                sent=counted(decisions.filter(decided.LEFT), "automation"),
                waiting=counted(decisions.filter(decided.WAITING), "automation"),
                refused=counted(refused, "automation"),
                earned=counted(earned, "message__decisions__automation"),
                revenue=revenue_in(earned, current_workspace().currency),
                main_reason=Subquery(reasons.values("outcome")[:1]),
            )
        )

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(*args, **kwargs)
        return context | {"lines": [line_of(decision) for decision in decisions_of({})[:NEWEST]], "days": DAYS}


class BeginView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """What may start an automation, with a text for each: one click, and it only wants to be switched on."""

    roles = WRITERS
    template_name = "campaigns/automation/begin.html"
    page_title = _("New automation")
    header_icon = "ch-bolt"
    request: MemberRequest

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("automations:index"), "label": _("Automations")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET.get("language", self.request.workspace.language)
        language = asked if asked in LANGUAGES else next(iter(LANGUAGES))
        texts = texts_by_trigger(language)
        known = set(Automation.objects.values_list("trigger", flat=True))
        rows = [(trigger, texts[slug], slug in known) for slug, trigger in triggers().items() if slug in texts]
        return super().get_context_data(rows=rows, languages=LANGUAGES.items(), language=language, **kwargs)


class AutomationCreateView(WorkspaceCreateView):
    page_title = _("New automation")
    request: MemberRequest

    def get_initial_form_instance(self) -> Automation:
        """Begun with a text of the library, from the only sender there is."""
        automation, senders = Automation(workspace=self.request.workspace), list(Sender.objects.all()[:2])
        if len(senders) == 1:
            automation.sender = senders[0]
        if example := automation_text(self.request.GET.get("text", "")):
            automation.trigger, automation.name, automation.text = example.trigger, example.title, example.text
        return automation

    def get_success_url(self) -> str:
        """Where it is switched on."""
        return reverse("automations:inspect", args=[self.object.pk])


class AutomationEditView(EditView):
    def form_valid(self, form: AutomationForm) -> HttpResponseBase:
        answer: HttpResponseBase = super().form_valid(form)
        for caution in cautions_of(self.object):
            messages.warning(self.request, caution)
        return answer


class AutomationInspectView(InspectView):
    page_title = _("Automation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decisions = decisions_of({"automation": str(self.object.pk)})[:ON_A_PAGE]
        return super().get_context_data(
            lines=[line_of(decision) for decision in decisions],
            trigger=trigger_of(self.object.trigger),
            sentences=sentences_of(self.object),
            cautions=cautions_of(self.object),
            history=history_of(self.object),
            **kwargs,
        )


class SwitchView(WorkspaceViewMixin, View):
    """An automation on or off, by POST."""

    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        automation = get_object_or_404(Automation, pk=pk)
        try:
            switch_automation(
                automation=automation, to_on=request.POST.get("to") == "on", by=request.user, now=timezone.now()
            )
        except NotReady as error:
            for problem in error.problems:
                messages.error(request, problem)
        back = "automations:inspect" if "back" in request.POST else "automations:index"
        return redirect(back, *([pk] if "back" in request.POST else []))


class RestoreView(WorkspaceViewMixin, View):
    """An automation set up as it was, by POST."""

    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        version = get_object_or_404(AutomationVersion, pk=pk)
        try:
            gone = restore_version(version=version, by=request.user, now=timezone.now())
        except NotReady as error:
            for problem in error.problems:
                messages.error(request, problem)
        else:
            messages.success(request, _("It is set up as in version %(number)s.") % {"number": version.number})
            for name in gone:
                messages.warning(
                    request, _("%(what)s: what it was is gone, so it stays as it is.") % {"what": label_of(name)}
                )
        return redirect("automations:inspect", version.automation_id)
