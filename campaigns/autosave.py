"""The composer keeps what is typed, a moment after; what can't be kept is said, and nobody is overwritten."""

from django.http import JsonResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.generic import View
from wagtail.log_actions import log

from accounts.admin import WorkspaceViewMixin
from accounts.models import Role
from accounts.requests import MemberRequest
from campaigns.forms import CampaignForm
from campaigns.models import Campaign
from campaigns.services import Overtaken, WrongState
from campaigns.words import words_of_moment


def autosave_url(campaign: Campaign) -> str:
    return reverse("campaigns:autosave", args=[campaign.pk]) if campaign.pk else reverse("campaigns:autosave_new")


def words_of_saving(campaign: Campaign) -> str:
    """When it was kept last, in the reader's words and time zone; nothing before the first time."""
    if campaign.pk is None or campaign.saved_at is None:
        return ""
    local = timezone.localtime(campaign.saved_at)
    if local.date() == timezone.localdate():
        return _("Saved at %(time)s") % {"time": date_format(local, "H:i")}
    return _("Saved %(moment)s") % {"moment": words_of_moment(campaign.saved_at)}


class AutosaveView(WorkspaceViewMixin, View):
    """Keeps a draft while it is typed. The answer says what to show; `is_over` means that asking again is no use."""

    roles = frozenset({Role.OWNER, Role.MARKETER})

    def post(self, request: MemberRequest, pk: int | None = None) -> JsonResponse:
        campaign = get_object_or_404(Campaign, pk=pk) if pk else Campaign(workspace=request.workspace)
        form = CampaignForm(request.POST, instance=campaign, for_user=request.user)
        if not form.is_valid():
            return refusal(why_not(form))
        try:
            campaign = form.save()
        except Overtaken as error:
            return refusal(_("%(why)s Press Save to choose.") % {"why": error}, is_over=True)
        except WrongState as error:
            return refusal(str(error), is_over=True)
        if pk is None:
            log(instance=campaign, action="wagtail.create", user=request.user)
        return JsonResponse(answer_about(campaign))


def answer_about(campaign: Campaign) -> dict[str, object]:
    return {
        "is_saved": True,
        "words": words_of_saving(campaign),
        "version": campaign.version,
        "edit_url": reverse("campaigns:edit", args=[campaign.pk]),
        "autosave_url": autosave_url(campaign),
    }


def refusal(why: str, *, is_over: bool = False) -> JsonResponse:
    return JsonResponse({"is_saved": False, "why": why, "is_over": is_over})


def why_not(form: CampaignForm) -> str:
    """The first thing that is wrong, with the name of its field."""
    name, errors = next(iter(form.errors.items()))
    field = form.fields.get(name)
    return f"{field.label}: {errors[0]}" if field and field.label else str(errors[0])
