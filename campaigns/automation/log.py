"""The screen of the decision log."""

from typing import Any

from django.core.paginator import Paginator
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.requests import MemberRequest
from audience.models import Contact
from campaigns.log import VERDICTS, decisions_of, line_of
from campaigns.models import Automation

ON_A_PAGE = 50


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
        asked = self.request.GET.dict()
        page = Paginator(decisions_of(asked), ON_A_PAGE).get_page(asked.pop("p", 1))
        contact = asked.get("contact", "")
        return super().get_context_data(
            lines=[line_of(decision) for decision in page],
            page=page,
            asked=asked,
            rest=without_page(self.request.GET),
            contact=Contact.objects.filter(pk=contact).first() if contact.isdecimal() and len(contact) < 18 else None,
            automations=Automation.objects.order_by("name").only("name"),
            verdicts=[(slug, label) for slug, (label, _q) in VERDICTS.items()],
            **kwargs,
        )


def without_page(query: QueryDict) -> str:
    """What the links to other pages keep."""
    kept = query.copy()
    kept.pop("p", None)
    return kept.urlencode()
