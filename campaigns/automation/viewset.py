from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from wagtail.admin.ui.tables import Column

from accounts.admin import WorkspaceViewSet
from campaigns.automation import views
from campaigns.columns import CountColumn, SwitchColumn
from campaigns.forms import AutomationForm
from campaigns.models import Automation
from campaigns.triggers import trigger_of
from integrations.outcomes import in_words


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
    inspect_view_class = views.AutomationInspectView
    inspect_view_enabled = True
    create_template_name = edit_template_name = "campaigns/automation/form.html"
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
            path("begin/", views.BeginView.as_view(), name="begin"),
            path("<int:pk>/switch/", views.SwitchView.as_view(), name="switch"),
        ]
