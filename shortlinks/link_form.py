"""The form of a link: where it leads, whom elsewhere, and when it ends."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, MultiFieldPanel, ObjectList

from accounts.admin import WorkspaceForm
from shortlinks.models import Device, ShortDomain, ShortLink
from shortlinks.queries import NoShortDomain, default_domain
from shortlinks.rules import MOST_RULES, BadRule, Rule
from shortlinks.services import BadAlias, BadTarget, check_alias, publish_link
from shortlinks.targets import check_target, leads_home

# Whom French shops write to; a rule that names another one keeps it.
LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt", "pl", "ro", "ar", "tr", "zh")
PARTS = ("device", "language", "url")
SPARE_ROWS = 2


class TargetField(forms.CharField):
    """An address that a link may lead to; without a scheme it is taken for a https one."""

    widget = forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url"})

    def clean(self, value: Any) -> str:
        url = with_scheme(super().clean(value))
        if url:
            refuse_bad_target(url)
        return url


def with_scheme(typed: str) -> str:
    """`shop.example/sale` is what people copy; `javascript:…` stays what it is."""
    typed = typed.strip()
    return f"https://{typed}" if typed and ":" not in typed.partition("/")[0] else typed


def refuse_bad_target(url: str, place: str = "") -> None:
    try:
        check_target(url)
    except BadTarget as error:
        raise forms.ValidationError(f"{place}{error}") from error


class RulesWidget(forms.Widget):
    """A row a rule, and some empty ones; an empty row is no rule."""

    template_name = "shortlinks/link/rules.html"

    class Media:
        css: ClassVar[dict[str, list[str]]] = {"all": ["shortlinks/links.css"]}

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """By the site's templates: a form's own renderer knows those of applications only."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def id_for_label(self, id_: str) -> str:
        return ""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        rows += [{}] * min(SPARE_ROWS, max(MOST_RULES - len(rows), 0))
        return {**context, "rows": rows, "devices": Device.choices, "languages": _languages(rows)}

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[dict[str, str]]:
        rows = [
            {part: str(data.get(f"{name}-{place}-{part}", "")).strip() for part in PARTS}
            for place in range(MOST_RULES + SPARE_ROWS)
        ]
        return [row for row in rows if any(row.values())]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return False


class RulesField(forms.Field):
    widget = RulesWidget

    def clean(self, value: Any) -> list[dict[str, str]]:
        if len(value) > MOST_RULES:
            raise forms.ValidationError(_("%(most)s rules at most.") % {"most": MOST_RULES})
        return [self._checked(place, row) for place, row in enumerate(value, start=1)]

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])

    def _checked(self, place: int, row: dict[str, str]) -> dict[str, str]:
        number = _("Rule %(number)s: ") % {"number": place}
        row = {**row, "url": with_scheme(row["url"])}
        try:
            Rule(**row)
        except BadRule as error:
            raise forms.ValidationError(number + _("choose a device, a language or both.")) from error
        refuse_bad_target(row["url"], number)
        return row


class ShortLinkForm(WorkspaceForm):
    """A link made by hand; of a campaign's link everything but its address on the short domain."""

    target_url = TargetField(label=_("Address"), help_text=_("Where the link leads; it may be changed at any time."))
    fallback_url = TargetField(
        label=_("Address afterwards"),
        required=False,
        help_text=_("Where it leads once it has ended. Empty: a page that says so."),
    )
    rules = RulesField(
        label=_("Other addresses"),
        required=False,
        help_text=_("The first row that fits the visitor wins; everybody else is led to the address above."),
    )

    class Meta:
        model = ShortLink
        fields = [
            *("label", "domain", "alias", "target_url", "rules", "keeps_query", "has_utm"),
            *("starts_at", "expires_at", "max_visits", "fallback_url", "is_enabled"),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["max_visits"].help_text = _("Roughly: when many come at once, a few more may get through.")
        self.fields["keeps_query"].help_text = _("It never takes the place of what is in the address already.")
        if self.instance.pk:
            del self.fields["domain"]
            if not self.instance.alias:
                del self.fields["alias"]
                return
        else:
            self._choose_domain()
        self.fields["alias"].required = True

    def _choose_domain(self) -> None:
        try:
            self.initial["domain"] = default_domain(workspace=self.instance.workspace)
        except NoShortDomain:
            self.fields["domain"].help_text = _("There is none yet: an owner adds one under Settings, Short domains.")

    def clean_alias(self) -> str:
        return self.cleaned_data["alias"].strip().lower()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        domain = cleaned.get("domain") or (self.instance.pk and self.instance.domain)
        if domain and (alias := cleaned.get("alias")):
            self._check_alias(domain, alias)
        starts_at, expires_at = cleaned.get("starts_at"), cleaned.get("expires_at")
        if starts_at and expires_at and expires_at <= starts_at:
            self.add_error("expires_at", _("It would end before it begins."))
        return cleaned

    def _check_alias(self, domain: ShortDomain, alias: str) -> None:
        try:
            check_alias(domain=domain, alias=alias, link=self.instance)
        except BadAlias as error:
            self.add_error("alias", str(error))

    def save(self, commit: bool = True) -> ShortLink:
        link = self.instance
        # A token says who comes: never to a foreign address, and again when the link is brought back.
        if "target_url" in self.changed_data and is_tracked(link):
            link.carries_visit = leads_home(workspace=link.workspace, url=link.target_url)
        return publish_link(link=link, by=self.for_user)


def is_tracked(link: ShortLink) -> bool:
    """Whether it has codes of recipients, or will have some; a name for a poster beside them changes nothing."""
    return link.carries_visit or not link.alias or (link.pk is not None and link.ranges.exists())


LINK_PANELS = ObjectList(
    [
        MultiFieldPanel([FieldPanel("label"), FieldPanel("domain"), FieldPanel("alias")], heading=_("Short link")),
        MultiFieldPanel(
            [FieldPanel("target_url"), FieldPanel("rules"), FieldPanel("keeps_query"), FieldPanel("has_utm")],
            heading=_("Leads to"),
        ),
        MultiFieldPanel(
            [
                *(FieldPanel("is_enabled"), FieldPanel("starts_at"), FieldPanel("expires_at")),
                *(FieldPanel("max_visits"), FieldPanel("fallback_url")),
            ],
            heading=_("When it ends"),
        ),
    ],
    base_form_class=ShortLinkForm,
)


def _languages(rows: list[dict[str, str]]) -> list[tuple[str, str]]:
    others = sorted({row.get("language", "") for row in rows} - {*LANGUAGES, ""})
    return [(code, _language_name(code)) for code in (*LANGUAGES, *others)]


def _language_name(code: str) -> str:
    try:
        return get_language_info("zh-hans" if code == "zh" else code)["name_translated"]
    except KeyError:
        return code
