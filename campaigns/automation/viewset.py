from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.admin import WorkspaceViewSet
from campaigns.automation import views
from campaigns.automation.log import LogView
from campaigns.automation.trying import EventTrialView, TrialView, UpcomingView
from campaigns.columns import CountColumn, NameColumn, RefusedColumn, RevenueColumn, SwitchColumn
from campaigns.forms import AutomationForm
from campaigns.models import Automation


class AutomationViewSet(WorkspaceViewSet):
    model = Automation
    name = "automations"
    icon = "ch-bolt"
    menu_label = _("Automations")
    menu_order = 200
    add_to_admin_menu = True
    base_form_class = AutomationForm
    index_view_class = views.AutomationIndexView
    index_results_template_name = "campaigns/automation/index_results.html"
    add_view_class = views.AutomationCreateView
    edit_view_class = views.AutomationEditView
    inspect_view_class = views.AutomationInspectView
    inspect_view_enabled = True
    create_template_name = edit_template_name = "campaigns/automation/form.html"
    inspect_template_name = "campaigns/automation/inspect.html"
    search_fields = ["name", "text"]
    list_display = [
        SwitchColumn("is_enabled", label=""),
        NameColumn("name", label=_("Automation"), sort_key="name"),
        CountColumn("sent", label=pgettext_lazy("messages", "Sent")),
        RefusedColumn("refused", label=pgettext_lazy("messages", "Not sent")),
        CountColumn("earned", label=_("Conversions")),
        RevenueColumn("revenue", label=_("Revenue")),
    ]

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("log/", LogView.as_view(), name="log"),
            path("begin/", views.BeginView.as_view(), name="begin"),
            path("<int:pk>/try/", TrialView.as_view(), name="try"),
            path("<int:pk>/try-event/", EventTrialView.as_view(), name="try_event"),
            path("<int:pk>/upcoming/", UpcomingView.as_view(), name="upcoming"),
            path("restore/<int:pk>/", views.RestoreView.as_view(), name="restore"),
            path("<int:pk>/switch/", views.SwitchView.as_view(), name="switch"),
        ]
