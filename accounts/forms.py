from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.auth import LoginForm

from accounts.brake import is_braked
from accounts.companies import compact
from accounts.models import Role, TrackingMode, Workspace

FRENCH_ZONES = (
    "Europe/Paris",
    "America/Cayenne",
    "America/Guadeloupe",
    "America/Marigot",
    "America/Martinique",
    "America/Miquelon",
    "America/St_Barthelemy",
    "Indian/Mayotte",
    "Indian/Reunion",
    "Pacific/Noumea",
    "Pacific/Tahiti",
    "Pacific/Wallis",
)


class SignInForm(LoginForm):
    """Says when trying on is no use."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("Password")  # Wagtail's field has none: the name of the field, in English

    def get_invalid_login_error(self) -> forms.ValidationError:
        if is_braked(self.request, self.cleaned_data["username"]):
            return forms.ValidationError(_("Too many failed tries. Wait a quarter of an hour, then try again."))
        return super().get_invalid_login_error()


def time_zone_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Those of France first, then everything else with a continent."""
    elsewhere = sorted(
        zone for zone in available_timezones() - set(FRENCH_ZONES) if zone.partition("/")[0] in CONTINENTS
    )
    return [
        (str(_("France")), [(zone, zone) for zone in FRENCH_ZONES]),
        (str(_("Elsewhere")), [(zone, zone) for zone in elsewhere]),
    ]


CONTINENTS = {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


class InvitationForm(forms.Form):
    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MARKETER)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


TRACKING = [
    (
        TrackingMode.INDIVIDUAL,
        _("Individual: reports say who opened, except for people who refused. The agreed wording must say so."),
    ),
    (TrackingMode.WITH_CONSENT, _("Only with consent: who opened is known of those alone who agreed to that.")),
    (TrackingMode.AGGREGATE, _("Aggregate: openings are counted, and nothing is kept about any person.")),
]


class CompanyNumberField(forms.CharField):
    """Typed with or without spaces."""

    def to_python(self, value: Any) -> str:
        return compact(super().to_python(value) or "")


class WorkspaceSettingsForm(forms.ModelForm):
    company_number = CompanyNumberField(
        label=_("Company number"), required=False, help_text=_("SIREN or SIRET, shown at the foot of your pages.")
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)
    tracking_mode = forms.ChoiceField(
        label=_("Tracking"),
        choices=TRACKING,
        widget=forms.RadioSelect,
        help_text=_("A stricter choice holds at once, for messages already sent as well."),
    )

    class Meta:
        model = Workspace
        fields = ["name", "legal_name", "company_number", "contact_details", "time_zone", "tracking_mode"]
