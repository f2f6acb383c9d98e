from django.db.models import OuterRef, QuerySet
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import DateColumn
from wagtail.admin.views.generic.models import IndexView

from accounts.admin import WorkspaceViewSet
from audience.models import ListMembership
from campaigns import views
from campaigns.autosave import AutosaveView
from campaigns.columns import CopyColumn, CountColumn, StateColumn, counted
from campaigns.forms import CampaignForm
from campaigns.models import Campaign
from messaging.models import Message

HANDED_OVER = ("accepted", "held", "sent", "delivered", "undelivered", "expired")


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
