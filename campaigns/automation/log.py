"""The screen of the decision log."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.requests import MemberRequest
from audience.models import Contact
from campaigns.listing import Choice, keys_of, listed, row_with
from campaigns.log import VERDICTS, decisions_of, line_of
from campaigns.models import Automation


class LogView(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Why did this leave, and why did that not?"""

    template_name = "campaigns/automation/log.html"
    page_title = gettext_lazy("Decision log")
    header_icon = "ch-bolt"
    request: MemberRequest

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("automations:index"), "label": _("Automations")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = listed(self.request.GET, decisions_of)
        asked, automations = found["asked"], keys_of(Automation.objects.order_by("name").only("name"))
        verdicts = [(slug, label) for slug, (label, _q) in VERDICTS.items()]
        return super().get_context_data(
            lines=[line_of(decision) for decision in found["rows"]],
            choices=[
                Choice("verdict", _("What was decided"), _("All decisions"), verdicts, asked.get("verdict", "")),
                Choice("automation", _("Automation"), _("All automations"), automations, asked.get("automation", "")),
            ],
            contact=row_with(Contact.objects.all(), asked.get("contact", "")),
            **found,
            **kwargs,
        )
