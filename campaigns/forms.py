from collections.abc import Collection
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin import WorkspaceForm
from accounts.days import check_year
from accounts.models import OWNER_ONLY
from accounts.money import MoneyField
from accounts.queries import membership_of
from audience.models import ContactList, Segment
from campaigns.automation.forms import EVENTS, LIMITS, REMINDERS, REPLIES, AnswersForm
from campaigns.models import Automation, Campaign
from campaigns.readiness import cautions_of, problems_of
from campaigns.review import Review
from campaigns.services import save_draft
from campaigns.services.automations import save_automation
from campaigns.triggers import triggers
from campaigns.widgets import PageChooser, TextWithFields
from messaging.clock import workspace_now

WHERE_IT_LEADS = ("page", "target_url", "promo_pool")
HOW_IT_LEAVES = ("scheduled_at", "per_hour", "pilot_percent", "budget")
# The buttons that let a campaign go: they need a draft that is ready. Saving a draft needs only its name.
LEAVING = ("action-send", "action-schedule")


class AudienceField(forms.ChoiceField):
    """A list or a segment of the current workspace, in one choice: `list:3`, `segment:5`."""

    models: ClassVar[dict[str, type[ContactList] | type[Segment]]] = {"list": ContactList, "segment": Segment}

    def read_choices(self) -> None:
        """The field class is made once: its choices are of the workspace, and of now."""
        lists = [(f"list:{row.pk}", row.name) for row in ContactList.objects.order_by("name").only("name")]
        segments = [(f"segment:{row.pk}", row.name) for row in Segment.objects.order_by("name").only("name")]
        self.choices = [("", _("Choose an audience")), (_("Lists"), lists), (_("Segments"), segments)]

    def clean(self, value: Any) -> ContactList | Segment | None:
        chosen = super().clean(value)
        kind, _colon, key = chosen.partition(":")
        return self.models[kind].objects.get(pk=key) if chosen else None

    @staticmethod
    def key_of(campaign: Campaign) -> str:
        if campaign.segment_id is not None:
            return f"segment:{campaign.segment_id}"
        return f"list:{campaign.contact_list_id}" if campaign.contact_list_id is not None else ""


def keep_all_that_is_pasted(text: forms.Field) -> None:
    """A browser would cut at `maxlength` without a word; the form says how much is too much."""
    text.widget.attrs.pop("maxlength", None)
    text.widget.attrs["dir"] = "auto"


class CampaignForm(WorkspaceForm):
    """The composer. Whatever the report card shows in red is refused as soon as the campaign is to leave."""

    audience = AudienceField(label=_("Audience"), required=False)
    # The one that was opened, or the newer one that somebody chose to replace.
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    budget = MoneyField(label=_("Budget"), help_text=_("It pauses before it costs more. Empty: any amount."))

    class Meta:
        model = Campaign
        fields = [
            "name",
            "purpose",
            "purpose_reason",
            "topic",
            "sender",
            "text",
            *WHERE_IT_LEADS,
            *HOW_IT_LEAVES,
        ]
        labels = {"scheduled_at": _("Leaves at"), "target_url": _("Or an address")}
        help_texts = {
            "target_url": _("Clicks are counted on their way there."),
            "per_hour": _("So that a shop is not called by everybody at once. Empty: as fast as possible."),
            "pilot_percent": _("5 sends to 5 % of them; the rest leaves once you have looked. Empty: everybody."),
        }
        widgets = {
            "page": PageChooser,
            "target_url": forms.URLInput(attrs={"placeholder": "https://"}),
            "scheduled_at": forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
            "text": forms.Textarea(
                attrs={
                    "aria-label": _("Text of the message"),
                    "aria-describedby": "ch-count",
                    "spellcheck": "true",
                    "placeholder": _("Hello {first_name|there}, our sale opens tomorrow: {link}"),
                    "data-ch-composer-target": "text",
                }
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["audience"].read_choices()
        self.fields["budget"].in_currency(self.instance.workspace.currency)
        self.initial.setdefault("audience", AudienceField.key_of(self.instance))
        self.initial["version"] = self.instance.version
        self.fields["sender"].empty_label = _("Choose a sender")
        self.fields["promo_pool"].empty_label = _("No code")
        keep_all_that_is_pasted(self.fields["text"])
        if not self.is_owner:
            self.fields["purpose"].choices = Campaign.Purpose.choices[:1]

    @property
    def is_owner(self) -> bool:
        """Only owners may say that something is information."""
        membership = membership_of(self.for_user, self.instance.workspace) if self.for_user else None
        return bool(membership and membership.role in OWNER_ONLY)

    @property
    def leaves(self) -> bool:
        return any(name in self.data for name in LEAVING)

    @property
    def clock(self) -> Any:
        return workspace_now(self.instance.workspace, timezone.now())

    def clean_scheduled_at(self) -> Any:
        check_year(self.cleaned_data["scheduled_at"])
        return self.cleaned_data["scheduled_at"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "audience" in cleaned:
            chosen = cleaned["audience"]
            self.instance.contact_list = chosen if isinstance(chosen, ContactList) else None
            self.instance.segment = chosen if isinstance(chosen, Segment) else None
        if cleaned.get("purpose") == Campaign.Purpose.INFORMATION and not cleaned.get("purpose_reason", "").strip():
            self.add_error("purpose_reason", _("Say why this is information and not advertising."))
        if "action-schedule" in self.data:
            self._check_moment(cleaned)
        return cleaned

    def _check_moment(self, cleaned: dict[str, Any]) -> None:
        moment = cleaned.get("scheduled_at")
        if "scheduled_at" in self.errors:
            return
        if moment is None:
            self.add_error("scheduled_at", _("Choose when the message leaves."))
        elif moment <= self.clock:
            self.add_error("scheduled_at", _("This moment is past: choose a later one."))

    def _post_clean(self) -> None:
        """Only now the instance has what was typed."""
        super()._post_clean()
        if self.leaves:
            wrong_already = set(self.errors)
            for line in Review(self.instance, self.clock).problems:
                if line.field not in wrong_already:
                    self.add_error(line.field, line.text)

    def save(self, commit: bool = True) -> Campaign:
        """Raises WrongState, Overtaken."""
        if self.instance.pk is None:
            self._sign()
            return super().save(commit)
        return self._write(self.Meta.fields)

    @property
    def is_keepable(self) -> bool:
        """Valid or not, what is wrong with it is wrong with single fields."""
        return not {"version", NON_FIELD_ERRORS} & set(self.errors)

    def keep(self) -> Campaign:
        """Write what is right of a draft that is typed; what is wrong stays as it was. Raises WrongState, Overtaken."""
        if self.instance.pk is None:
            self.instance.name = self.instance.name or str(_("Untitled"))
            self._sign()
            self.instance.save()
            return self.instance
        return self._write([name for name in self.Meta.fields if name not in self.errors])

    def _sign(self) -> None:
        self.instance.saved_at, self.instance.saved_by = timezone.now(), str(self.for_user)

    def _write(self, fields: Collection[str]) -> Campaign:
        return save_draft(
            campaign=self.instance,
            fields=[*fields, "contact_list", "segment"],
            version=self.cleaned_data["version"],
            by=self.for_user,
            now=timezone.now(),
        )


class AutomationForm(AnswersForm):
    """Its purpose follows from its trigger; a text that is not ready is not kept."""

    trigger = forms.ChoiceField(label=_("What happens"))

    class Meta:
        model = Automation
        fields = [
            "name",
            "trigger",
            "shop",
            "sender",
            "text",
            "page",
            "delay_minutes",
            *LIMITS,
            *REPLIES,
            *REMINDERS,
            *EVENTS,
        ]
        help_texts = {
            "asks_reply": _(
                "The text says where to reply. OUI counts as confirmed, NON as cancelled; STOP stays STOP."
            ),
            "lifetime_minutes": _("A code that could not leave by then is not sent. At most 60."),
        }
        widgets = {
            "page": forms.Select,
            "form_page": forms.Select,
            "at_time": forms.TimeInput(format="%H:%M", attrs={"type": "time"}),
            "text": TextWithFields(attrs={"rows": 4}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["trigger"].choices = [(slug, trigger.label) for slug, trigger in triggers().items()]
        self.fields["shop"].empty_label = _("Any shop")
        self.fields["page"].empty_label = _("No page")
        self.fields["form_page"].empty_label = _("Any page")
        if self.instance.pk and (cautions := cautions_of(self.instance)):
            self.fields["page"].help_text = " ".join(cautions)
        keep_all_that_is_pasted(self.fields["text"])

    def _post_clean(self) -> None:
        """Only now the instance has what was typed."""
        super()._post_clean()
        if not self.errors:
            for problem in problems_of(self.instance):
                self.add_error("text", problem)

    def save(self, commit: bool = True) -> Automation:
        return save_automation(automation=self.instance, by=self.for_user, now=timezone.now())
