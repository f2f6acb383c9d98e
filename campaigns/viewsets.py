from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.middleware.csrf import get_token
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import Column, DateColumn
from wagtail.admin.views.generic.models import IndexView, InspectView

from accounts.admin import WorkspaceViewSet
from accounts.templatetags.ch import whole
from audience.models import ListMembership
from campaigns import views
from campaigns.autosave import AutosaveView
from campaigns.forms import AutomationForm, CampaignForm
from campaigns.models import Automation, Campaign, Decision
from campaigns.triggers import trigger_of
from integrations.outcomes import in_words
from messaging.models import Message

HANDED_OVER = ("accepted", "held", "sent", "delivered", "undelivered", "expired")


class ButtonColumn(Column):
    """Its template holds a form: what changes something is a button and not a link."""

    def get_cell_context_data(self, instance: Model, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        return {**context, "csrf_token": get_token(parent_context["request"])}


class CopyColumn(ButtonColumn):
    cell_template_name = "campaigns/copy_cell.html"


class SwitchColumn(ButtonColumn):
    cell_template_name = "campaigns/switch_cell.html"


class StateColumn(Column):
    """State as icon, colour and word."""

    cell_template_name = "campaigns/state_cell.html"


class CountColumn(Column):
    def get_value(self, instance: Any) -> str:
        return whole(super().get_value(instance))


def counted(rows: QuerySet[Any], by: str) -> Coalesce:
    """How many of these rows belong to the outer one, as a subquery."""
    counts = rows.order_by().values(by).annotate(total=Count("pk")).values("total")
    return Coalesce(Subquery(counts, output_field=IntegerField()), 0)


class CampaignIndexView(IndexView):
    default_ordering = "-created_at"

    def get_base_queryset(self) -> QuerySet[Campaign]:
        messages = Message.objects.filter(batch=OuterRef("batch"))
        return (
            super()
            .get_base_queryset()
            .select_related("contact_list", "segment")
            .annotate(
                listed=counted(ListMembership.objects.filter(contact_list=OuterRef("contact_list")), "contact_list"),
                planned=counted(messages, "batch"),
                sent=counted(messages.filter(state__in=HANDED_OVER), "batch"),
                delivered=counted(messages.filter(state=Message.State.DELIVERED), "batch"),
            )
        )

    def get_edit_url(self, instance: Campaign) -> str | None:
        url = super().get_edit_url(instance)
        return url if url is None or instance.is_draft else views.home_of(instance)


class CampaignViewSet(WorkspaceViewSet):
    model = Campaign
    name = "campaigns"
    icon = "ch-send"
    menu_label = _("Campaigns")
    menu_order = 100
    add_to_admin_menu = True
    base_form_class = CampaignForm
    index_view_class = CampaignIndexView
    index_results_template_name = "campaigns/index_results.html"
    add_view_class = views.CampaignCreateView
    edit_view_class = views.CampaignEditView
    delete_view_class = views.CampaignDeleteView
    create_template_name = edit_template_name = "campaigns/composer.html"
    search_fields = ["name", "text"]
    list_filter = ["state", "contact_list"]
    list_display = [
        "name",
        StateColumn("state", label=_("State"), accessor="get_state_display"),
        CountColumn(
            "audience",
            label=_("Audience"),
            accessor=lambda item: item.planned or (item.segment.counted if item.segment else item.listed),
            classname="ch-hide-s",
        ),
        CountColumn(
            "sent",
            label=pgettext_lazy("messages", "Sent"),
            accessor=lambda item: item.sent if item.batch_id else None,
        ),
        CountColumn(
            "delivered",
            label=pgettext_lazy("messages", "Delivered"),
            accessor=lambda item: item.delivered if item.batch_id else None,
        ),
        DateColumn("created_at", label=_("Created"), sort_key="created_at", classname="ch-hide-s"),
        CopyColumn("copy", label="", accessor="pk"),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("clock/", views.ClockView.as_view(), name="clock"),
            path("autosave/", AutosaveView.as_view(), name="autosave_new"),
            path("<int:pk>/autosave/", AutosaveView.as_view(), name="autosave"),
            path("count/", views.CountView.as_view(), name="count"),
            path("<int:pk>/confirm/", views.ConfirmView.as_view(), name="confirm"),
            path("<int:pk>/test/", views.TestView.as_view(), name="test"),
            path("<int:pk>/budget/", views.BudgetView.as_view(), name="budget"),
            path("<int:pk>/pause/", views.PauseView.as_view(), name="pause"),
            path("<int:pk>/resume/", views.ResumeView.as_view(), name="resume"),
            path("<int:pk>/cancel/", views.CancelView.as_view(), name="cancel"),
            path("<int:pk>/copy/", views.CopyView.as_view(), name="copy"),
        ]


class AutomationIndexView(IndexView):
    default_ordering = "name"

    def get_base_queryset(self) -> QuerySet[Automation]:
        decisions = Decision.objects.filter(automation=OuterRef("pk"))
        refused = decisions.filter(message=None)
        reasons = refused.order_by().values("outcome").annotate(total=Count("pk")).order_by("-total")
        return (
            super()
            .get_base_queryset()
            .select_related("shop")
            .annotate(
                sent=counted(decisions.filter(message__isnull=False), "automation"),
                refused=counted(refused, "automation"),
                main_reason=Subquery(reasons.values("outcome")[:1]),
            )
        )


class AutomationInspectView(InspectView):
    page_title = _("Automation")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        decisions = self.object.decisions.select_related("event__order", "contact").order_by("-decided_at", "-pk")[:50]
        log = [(decision, in_words(decision.outcome)) for decision in decisions]
        return super().get_context_data(log=log, trigger=trigger_of(self.object.trigger), **kwargs)


class AutomationViewSet(WorkspaceViewSet):
    model = Automation
    name = "automations"
    icon = "ch-bolt"
    menu_label = _("Automations")
    menu_order = 200
    add_to_admin_menu = True
    base_form_class = AutomationForm
    index_view_class = AutomationIndexView
    index_results_template_name = "campaigns/automation/index_results.html"
    inspect_view_class = AutomationInspectView
    inspect_view_enabled = True
    inspect_template_name = "campaigns/automation/inspect.html"
    search_fields = ["name", "text"]
    list_display = [
        "name",
        SwitchColumn("is_enabled", label=_("On")),
        Column("when", label=_("When"), accessor=lambda item: trigger_of(item.trigger).label, classname="ch-hide-s"),
        Column(
            "purpose",
            label=_("Purpose"),
            accessor=lambda item: trigger_of(item.trigger).purpose.label,
            classname="ch-hide-s",
        ),
        Column("shop", label=_("Shop"), accessor=lambda item: item.shop or _("Any shop"), classname="ch-hide-s"),
        CountColumn("sent", label=pgettext_lazy("messages", "Sent")),
        CountColumn("refused", label=pgettext_lazy("messages", "Not sent")),
        Column("main_reason", label=_("Main reason"), accessor=lambda item: in_words(item.main_reason or "")),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("<int:pk>/switch/", views.SwitchView.as_view(), name="switch"),
        ]
