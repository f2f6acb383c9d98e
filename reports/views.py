from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView, View
from wagtail.admin.paginator import WagtailPaginator
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import Role
from accounts.requests import MemberRequest
from audience.models import AuditEntry
from audience.services.audit import note
from campaigns.models import Campaign
from messaging.spending import month_budget_of, spent_by_purpose
from reports.campaign import report_of, why_nots_of
from reports.goals import goals_of
from reports.offers import offer_of
from reports.progress import progress_of
from reports.queries import recipients
from reports.recipients import chips_of, csv_lines, known_filter, page_of
from reports.results import results_of
from reports.revenue import revenue_of
from reports.segments import proposals

HOME = {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
CAMPAIGNS = {"url": reverse_lazy("campaigns:index"), "label": _("Campaigns")}


def campaigns() -> QuerySet[Campaign]:
    return Campaign.objects.select_related("workspace", "batch__account")


class ReportIndex(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """Every campaign that has left, with its rates."""

    request: MemberRequest
    template_name = "reports/index.html"
    page_title = _("Reports")
    header_icon = "ch-chart"
    breadcrumbs_items = [HOME, {"url": "", "label": _("Reports")}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sent = campaigns().filter(sent_at__isnull=False).order_by("-sent_at", "-pk")
        page: Page = WagtailPaginator(sent, 25).get_page(self.request.GET.get("p"))
        now = timezone.now()
        return super().get_context_data(
            page=page,
            results=results_of(page.object_list),
            month=month_budget_of(self.request.workspace, now),
            by_purpose=spent_by_purpose(now),
            **kwargs,
        )


class CampaignView(WorkspaceViewMixin):
    """Whatever is about one campaign of the workspace."""

    kwargs: dict[str, Any]

    @cached_property
    def campaign(self) -> Campaign:
        return get_object_or_404(campaigns(), pk=self.kwargs["campaign_id"])


class CampaignReport(CampaignView, WagtailAdminTemplateMixin, TemplateView):
    """Did it work, can I believe it, what do I do next."""

    template_name = "reports/campaign.html"
    header_icon = "ch-send"

    def get_page_title(self) -> str:
        return self.campaign.name

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [HOME, CAMPAIGNS, {"url": "", "label": self.campaign.name}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        now = timezone.now()
        report, progress = report_of(self.campaign, now=now), progress_of(self.campaign, now=now)
        only = known_filter(self.request.GET.get("only"))
        page, rows = page_of(self.campaign, only=only, number=self.request.GET.get("p", 1))
        return super().get_context_data(
            report=report,
            progress=progress,
            only=only,
            chips=chips_of(report.counts, only),
            page=page,
            recipients=rows,
            proposals=list(proposals(self.campaign)),
            offer=offer_of(self.campaign, targeted=report.counts.targeted, sent=report.counts.sent),
            goals=goals_of(self.campaign),
            revenue=revenue_of(self.campaign, report.cost),
            why_nots=why_nots_of(self.campaign, now=now),
            **kwargs,
        )


class CampaignLive(CampaignView, TemplateView):
    """The fragment that the report asks for again and again."""

    template_name = "reports/campaign_live.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(report=report_of(self.campaign, now=timezone.now()), **kwargs)


class CampaignWhyNots(CampaignView, TemplateView):
    """Why some were not sent or did not arrive: kept as fresh as the figures."""

    template_name = "reports/campaign_why_nots.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(why_nots=why_nots_of(self.campaign, now=timezone.now()), **kwargs)


class CampaignProgress(CampaignView, TemplateView):
    """How it is leaving: asked for every two seconds, and as cheap for a million messages."""

    template_name = "reports/campaign_progress.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(progress=progress_of(self.campaign, now=timezone.now()), **kwargs)


class CampaignRecipients(CampaignView, View):
    """The recipients as a file. Whole numbers are an owner's, who asks for them by POST: it stays in the audit log."""

    def get(self, request: MemberRequest, campaign_id: int) -> StreamingHttpResponse:
        return self.file(in_clear=False)

    def post(self, request: MemberRequest, campaign_id: int) -> StreamingHttpResponse:
        if request.role != Role.OWNER:
            raise PermissionDenied
        count = recipients(self.campaign, only=self.only).count()
        note(action=AuditEntry.Action.LIST_EXPORTED, by=request.user, now=timezone.now(), count=count)
        return self.file(in_clear=True)

    @property
    def only(self) -> str:
        return known_filter(self.request.GET.get("only"))

    def file(self, *, in_clear: bool) -> StreamingHttpResponse:
        lines = csv_lines(self.campaign, only=self.only, in_clear=in_clear)
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="campaign-{self.campaign.pk}-recipients.csv"'
        return response
