"""Many links at once: paste or choose a file, see every line's verdict, make the good ones."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.queries import current_workspace
from shortlinks.models import ShortDomain
from shortlinks.queries import NoShortDomain, default_domain
from shortlinks.sheet import MOST_BYTES, BadSheet, Line, make_links, read_sheet
from shortlinks.views import LINKS, WRITERS

EXAMPLE = (
    "Affiche vitrine; vitrine; https://boutique.example/soldes\n"
    "Carte de visite; bonjour; https://boutique.example/; 2026-12-01; 2027-01-31"
)


class SheetForm(forms.Form):
    domain: forms.ModelChoiceField[ShortDomain] = forms.ModelChoiceField(
        label=gettext_lazy("Short domain"), queryset=None
    )
    lines = forms.CharField(
        label=gettext_lazy("Links"),
        required=False,
        widget=forms.Textarea({"rows": 8, "placeholder": EXAMPLE, "spellcheck": "false"}),
        help_text=gettext_lazy(
            "One a line: label; alias; address; valid from; valid until. The two dates may be left out."
        ),
    )
    file = forms.FileField(label=gettext_lazy("or a CSV file"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        domains = self.fields["domain"]
        domains.queryset = ShortDomain.objects.defer("key")  # type: ignore[attr-defined]
        try:
            domains.initial = default_domain(workspace=current_workspace())
        except NoShortDomain:
            domains.help_text = _("There is none yet: an owner adds one under Settings, Short domains.")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if file := cleaned.get("file"):
            cleaned["lines"] = _text_of(file.read(MOST_BYTES + 1))
        return cleaned

    @property
    def sheet(self) -> list[Line]:
        """Raises BadSheet."""
        return read_sheet(self.cleaned_data["lines"], domain=self.cleaned_data["domain"])


def _text_of(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


class SheetView(WorkspaceViewMixin, WagtailAdminTemplateMixin, FormView[SheetForm]):
    """Reading changes nothing; the second POST, with `make`, makes the links."""

    roles = WRITERS
    form_class = SheetForm
    template_name = "shortlinks/link/sheet.html"
    page_title = gettext_lazy("Several links at once")
    header_icon = "link"
    success_url = reverse_lazy("shortlinks_links:index")

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        home = {"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}
        return [home, LINKS, {"url": "", "label": self.page_title}]

    def form_valid(self, form: SheetForm) -> HttpResponse:
        try:
            lines = form.sheet
        except BadSheet as error:
            form.add_error("lines", str(error))
            return self.form_invalid(form)
        if "make" in self.request.POST:
            return self._make(lines)
        if "back" in self.request.POST:
            return self.form_invalid(form)
        good = sum(1 for line in lines if line.link)
        return self.render_to_response(self.get_context_data(form=form, lines=lines, good=good))

    def _make(self, lines: list[Line]) -> HttpResponse:
        count = len(make_links(lines, by=self.request.user))  # type: ignore[arg-type]
        words = ngettext("%(count)s link was made.", "%(count)s links were made.", count)
        messages.success(self.request, words % {"count": count})
        return redirect(self.get_success_url())
