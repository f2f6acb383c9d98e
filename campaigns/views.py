from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.db import transaction
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.models import CreateView, EditView
from wagtail.log_actions import log

from accounts.admin import WorkspaceDeleteView, WorkspaceViewMixin
from accounts.models import Role, Workspace
from accounts.money import MoneyField
from accounts.requests import MemberRequest
from audience.models import ContactList
from audience.phone import mask
from campaigns.autosave import autosave_url, words_of_saving
from campaigns.cautions import pressure
from campaigns.forms import CampaignForm
from campaigns.library import LANGUAGES, OF_CAMPAIGNS, examples_for
from campaigns.models import Campaign
from campaigns.preview import screens
from campaigns.registry import report_url
from campaigns.review import Review
from campaigns.services import (
    NotReady,
    Overtaken,
    TooLow,
    WrongState,
    cancel_campaign,
    copy_campaign,
    delete_campaign,
    pause_campaign,
    raise_budget,
    resume_campaign,
    schedule_campaign,
    send_campaign,
    send_test_of,
)
from campaigns.widgets import offered_fields
from messaging.clock import workspace_now
from messaging.compliance import Place, next_legal
from messaging.models import BatchPurpose, Sender, TeamNumber
from messaging.services.batches import NoStopRoute
from messaging.services.demo_clock import RealAccount, set_demo_clock, stop_demo_clock
from messaging.services.team import NotConfirmed, TooManyTests

WRITERS = frozenset({Role.OWNER, Role.MARKETER})


def composer_context(campaign: Campaign) -> dict[str, Any]:
    """What the composer's blocks show of a draft, saved or not."""
    review = Review(campaign, workspace_now(campaign.workspace, timezone.now()))
    return {
        "review": review,
        "screens": screens(review),
        "merge_fields": offered_fields(),
        "currency": campaign.workspace.currency,
    }


def library_context(purposes: Collection[BatchPurpose]) -> dict[str, Any]:
    """The texts to begin with that may be sent as one of these."""
    library = examples_for(purposes)
    trades = {example.trade: example.trade_label for example in library}
    return {"library": library, "trades": trades.items(), "languages": LANGUAGES.items()}


def home_of(campaign: Campaign) -> str:
    """Where somebody looks at this campaign: the composer while it is a draft, its report afterwards."""
    if campaign.is_draft:
        return reverse("campaigns:edit", args=[campaign.pk])
    return report_url(campaign) or reverse("campaigns:index")


class ComposerMixin:
    """Saving stays in the composer; a button that lets the campaign go leads to the page that asks again."""

    success_message = None
    object: Campaign
    request: MemberRequest

    def get_success_url(self) -> str:
        campaign = self.object
        if "action-send" in self.request.POST:
            return reverse("campaigns:confirm", args=[campaign.pk])
        if "action-schedule" in self.request.POST:
            return f"{reverse('campaigns:confirm', args=[campaign.pk])}?at=schedule"
        if "action-test" in self.request.POST:
            return reverse("campaigns:test", args=[campaign.pk])
        messages.success(self.request, _("“%(name)s” is saved.") % {"name": campaign})
        return reverse("campaigns:edit", args=[campaign.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)  # type: ignore[misc]
        campaign = context["form"].instance
        saving = {"autosave_url": autosave_url(campaign), "saved": words_of_saving(campaign)}
        return context | composer_context(campaign) | library_context(OF_CAMPAIGNS) | saving


class CampaignCreateView(ComposerMixin, CreateView):
    def get_initial_form_instance(self) -> Campaign:
        """What there is only one of is chosen already."""
        senders, lists = list(Sender.objects.all()[:2]), list(ContactList.objects.all()[:2])
        return Campaign(
            workspace=self.request.workspace,
            sender=senders[0] if len(senders) == 1 else None,
            contact_list=lists[0] if len(lists) == 1 else None,
        )


class CampaignEditView(ComposerMixin, EditView):
    def dispatch(self, request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=kwargs["pk"])
        if not campaign.is_draft:
            return redirect(home_of(campaign))
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: CampaignForm) -> HttpResponse:
        try:
            return super().form_valid(form)
        except WrongState as error:  # it left while it was typed
            messages.error(self.request, str(error))
            return redirect(self.get_edit_url())
        except Overtaken as error:
            form.add_error(None, str(error))
            return self.render_to_response(self.get_context_data(form=form, overtaken=error))


class CampaignDeleteView(WorkspaceDeleteView):
    @transaction.atomic
    def delete_action(self) -> None:
        log(instance=self.object, action="wagtail.delete", deleted=True)
        delete_campaign(campaign=self.object)

    def form_valid(self, form: Form) -> HttpResponseBase:
        try:
            return super().form_valid(form)
        except WrongState as error:
            messages.error(self.request, str(error))
            return redirect(self.get_success_url())


class CountView(WorkspaceViewMixin, View):
    """The composer asks while somebody types; the draft is not saved."""

    roles = WRITERS

    def post(self, request: MemberRequest) -> HttpResponse:
        form = CampaignForm(request.POST, instance=Campaign(workspace=request.workspace), for_user=request.user)
        form.full_clean()
        return render(request, "campaigns/composer/live.html", composer_context(form.instance))


class CampaignActView(WorkspaceViewMixin, View):
    """One act on one campaign, by POST."""

    roles = WRITERS
    act: Any = None
    done: str | Promise = ""

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        campaign = get_object_or_404(Campaign, pk=pk)
        try:
            campaign = self.act(campaign=campaign, by=request.user, now=timezone.now())
            messages.success(request, str(self.done))
        except (WrongState, NoStopRoute, TooLow) as error:
            messages.error(request, str(error))
        return redirect(home_of(campaign))


class PauseView(CampaignActView):
    act = staticmethod(pause_campaign)
    done = gettext_lazy("Paused: what has not left is held.")


class ResumeView(CampaignActView):
    act = staticmethod(resume_campaign)
    done = gettext_lazy("It goes on.")


class CancelView(CampaignActView):
    act = staticmethod(cancel_campaign)
    done = gettext_lazy("Cancelled: nothing more leaves.")


class RaiseBudgetForm(Form):
    budget = MoneyField(required=True)


class BudgetView(CampaignActView):
    """A higher budget; it goes on if that had held it."""

    done = gettext_lazy("The new budget counts from now on.")

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        form = RaiseBudgetForm(request.POST)
        form.fields["budget"].in_currency(request.workspace.currency)  # type: ignore[attr-defined]
        if not form.is_valid():
            messages.error(request, _("Type an amount, such as 150."))
            return redirect(home_of(get_object_or_404(Campaign, pk=pk)))
        self.budget = form.cleaned_data["budget"]
        return super().post(request, pk)

    def act(self, **who: Any) -> Campaign:
        return raise_budget(budget=self.budget, **who)


class CopyView(WorkspaceViewMixin, View):
    roles = WRITERS

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        copy = copy_campaign(campaign=get_object_or_404(Campaign, pk=pk))
        return redirect("campaigns:edit", copy.pk)


class CampaignPage(WorkspaceViewMixin, WagtailAdminTemplateMixin, TemplateView):
    """A page about one draft."""

    roles = WRITERS
    header_icon = "ch-send"
    request: MemberRequest

    @property
    def campaign(self) -> Campaign:
        return get_object_or_404(Campaign, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What has left is looked at on its report."""
        campaign = self.campaign
        return super().get(request, *args, **kwargs) if campaign.is_draft else redirect(home_of(campaign))

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        campaign = self.campaign
        return [
            *super().get_breadcrumbs_items(),
            {"url": reverse("campaigns:index"), "label": _("Campaigns")},
            {"url": home_of(campaign), "label": str(campaign)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.campaign
        return super().get_context_data(**composer_context(campaign), campaign=campaign, **kwargs)


class ConfirmView(CampaignPage):
    """Asked once more, with what it costs; the POST lets it go."""

    template_name = "campaigns/confirm.html"
    page_title = gettext_lazy("Confirm")

    @property
    def is_scheduled(self) -> bool:
        return self.request.GET.get("at") == "schedule"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(is_scheduled=self.is_scheduled, **kwargs)
        review = context["review"]
        return context | {"to_see": [*review.to_see, *pressure(review, now=timezone.now())]}

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        campaign = self.campaign
        try:
            campaign = self._let_go(campaign)
        except NotReady as error:
            for problem in error.problems:
                messages.error(request, problem)
        except WrongState as error:
            messages.error(request, str(error))
        campaign.refresh_from_db()
        return redirect(home_of(campaign))

    def _let_go(self, campaign: Campaign) -> Campaign:
        now = timezone.now()
        if self.is_scheduled:
            if campaign.scheduled_at is None:
                raise NotReady([_("Choose when the message leaves.")])
            return schedule_campaign(campaign=campaign, at=campaign.scheduled_at, now=now)
        return send_campaign(campaign=campaign, now=now)


class TestView(CampaignPage):
    """The draft to a colleague's confirmed phone."""

    template_name = "campaigns/test.html"
    page_title = gettext_lazy("Send a test")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        numbers = [(number, mask(number.phone)) for number in TeamNumber.objects.order_by("name")]
        return super().get_context_data(numbers=numbers, **kwargs)

    def post(self, request: MemberRequest, pk: int) -> HttpResponse:
        campaign = self.campaign
        chosen = request.POST.get("team_number", "")
        number = get_object_or_404(TeamNumber, pk=chosen if chosen.isdecimal() else 0)
        try:
            send_test_of(campaign=campaign, team_number=number, now=timezone.now())
            messages.success(request, _("The test is on its way to %(name)s.") % {"name": number})
        except (NotReady, NotConfirmed, TooManyTests) as error:
            messages.error(request, str(error))
        return redirect("campaigns:edit", campaign.pk)


class ClockView(WorkspaceViewMixin, View):
    """The demo clock: a Tuesday morning, or real time."""

    roles = WRITERS

    def post(self, request: MemberRequest) -> HttpResponse:
        now = timezone.now()
        try:
            if request.POST.get("to") == "simulated":
                set_demo_clock(workspace=request.workspace, shows_at=tuesday_morning(request.workspace, now), now=now)
            else:
                stop_demo_clock(workspace=request.workspace, now=now)
        except RealAccount as error:
            messages.error(request, str(error))
        return redirect(self._next(request))

    def _next(self, request: MemberRequest) -> str:
        address = request.POST.get("next", "")
        is_ours = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
        return address if is_ours else reverse("campaigns:index")


def tuesday_morning(workspace: Workspace, now: datetime) -> datetime:
    """The next Tuesday, 10:30, or the first moment after it at which advertising is allowed."""
    zone = ZoneInfo(workspace.time_zone)
    today = now.astimezone(zone)
    day = today.date() + timedelta(days=(1 - today.weekday()) % 7 or 7)
    return next_legal(
        purpose=BatchPurpose.MARKETING, place=Place(), at=datetime.combine(day, time(10, 30), zone).astimezone(UTC)
    )
