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
        if not form.is_keepable:
            return refusal(what_is_wrong(form))
        try:
            campaign = form.keep()
        except Overtaken as error:
            return refusal(_("%(why)s Press Save to choose.") % {"why": error}, is_over=True)
        except WrongState as error:
            return refusal(str(error), is_over=True)
        if pk is None:
            log(instance=campaign, action="wagtail.create", user=request.user)
        return JsonResponse(answer_about(campaign) | {"not_kept": what_is_not_kept(form)})


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


def what_is_not_kept(form: CampaignForm) -> str:
    """What stays as it was, while the rest is written; nothing where all of it is."""
    return _("Kept, but for this: %(what)s") % {"what": what_is_wrong(form)} if form.errors else ""


def what_is_wrong(form: CampaignForm) -> str:
    """What is wrong with each field, after its name."""
    fields = ((form.fields.get(name), str(errors[0])) for name, errors in form.errors.items())
    return " ".join(f"{field.label}: {error}" if field and field.label else error for field, error in fields)
