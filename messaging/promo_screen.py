"""The screen of promo codes: one for all, or one for each, pasted or brought as a file."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic.models import CreateView, EditView, IndexView

from accounts.admin import WorkspaceForm, WorkspaceViewSet
from accounts.days import check_year
from accounts.templatetags.ch import whole
from audience.sheets.text import UnreadableFile
from messaging.compose import tidy
from messaging.models import PromoPool
from messaging.promo import MOST_CODES, CodeList, TooManyCodes, read_codes, with_stock
from messaging.services.promo import add_codes

MOST_BYTES = 2 * 1024 * 1024
LINES_TOLD = 5


class PromoPoolForm(WorkspaceForm):
    """What a pool is, is chosen once; a pool of codes for each takes more of them at any time."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Who gets which code"),
        choices=[
            ("shared", gettext_lazy("The same code for everybody")),
            ("own", gettext_lazy("A code of their own for each person, used once")),
        ],
        initial="shared",
        widget=forms.RadioSelect,
    )
    pasted = forms.CharField(
        label=gettext_lazy("Codes, one a line"),
        max_length=MOST_BYTES,
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file"),
        required=False,
        help_text=gettext_lazy(
            "Text or CSV, one code a line, up to 2 MB. Codes that are known already are not doubled."
        ),
        widget=forms.FileInput(attrs={"accept": ".txt,.csv,text/plain,text/csv"}),
    )

    class Meta:
        model = PromoPool
        fields = ["name", "shared_code", "expires_at"]
        help_texts = {"expires_at": gettext_lazy("The report card warns before a message leaves later. Empty: no end.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.added, self.found = 0, CodeList()
        self.fields["pasted"].widget.attrs.pop("maxlength", None)  # a browser would cut the list without a word
        if self.instance.pk:
            other_kind = ("pasted", "file") if self.instance.shared_code else ("shared_code",)
            for name in ("kind", *other_kind):
                del self.fields[name]

    def clean_shared_code(self) -> str:
        code = tidy(self.cleaned_data["shared_code"])
        if {"{", "}", "|"} & set(code):
            raise forms.ValidationError(_("A code has no braces and no bars."))
        return code

    def clean_expires_at(self) -> Any:
        check_year(self.cleaned_data["expires_at"])
        return self.cleaned_data["expires_at"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB: bring it in pieces."))
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "pasted" in self.fields and cleaned.get("kind") != "shared":
            cleaned["shared_code"] = ""
            self._read(cleaned)
        elif not cleaned.get("shared_code") and "shared_code" not in self.errors:
            self.add_error("shared_code", _("Give the code that everybody types at the till."))
        return cleaned

    def _read(self, cleaned: dict[str, Any]) -> None:
        file, pasted = cleaned.get("file"), cleaned.get("pasted", "")
        where = "file" if file else "pasted"
        try:
            self.found = read_codes(file.read() if file else pasted.encode())
        except UnreadableFile:
            self.add_error(where, _("This is no text: save the list as text or CSV, one code a line."))
        except TooManyCodes:
            text = _("More than %(most)s codes at once: bring them in pieces.")
            self.add_error(where, text % {"most": whole(MOST_CODES)})
        else:
            if self.found.refused and not self.found.codes:
                self.add_error(where, _("No line holds a code: codes are letters and digits, without accents."))
            elif not self.found.codes and not self.instance.pk and not self.errors:
                self.add_error(where, _("Paste the codes, or choose a file."))

    def save(self, commit: bool = True) -> PromoPool:
        pool = super().save(commit)
        if self.found.codes:
            self.added = add_codes(pool=pool, codes=self.found.codes)
        return pool

    @property
    def told(self) -> str:
        """What became of the list, in words; nothing where none was brought."""
        found = self.found
        known = len(found.codes) - self.added
        parts = [
            ngettext("%(count)s code added", "%(count)s codes added", self.added) % {"count": whole(self.added)},
            *_counted(
                ngettext("%(count)s twice in the list", "%(count)s twice in the list", found.repeated), found.repeated
            ),
            *_counted(ngettext("%(count)s known already", "%(count)s known already", known), known),
            *_counted(ngettext("%(count)s empty line", "%(count)s empty lines", found.blank), found.blank),
        ]
        return f"{', '.join(parts)}." if found.codes else ""

    @property
    def refused(self) -> str:
        """The lines that hold no code, in words."""
        lines = self.found.refused
        text = ngettext(
            "%(count)s line holds no code (line %(lines)s): codes are letters and digits, without accents.",
            "%(count)s lines hold no code (lines %(lines)s): codes are letters and digits, without accents.",
            len(lines),
        )
        more = "…" if len(lines) > LINES_TOLD else ""
        return text % {"count": whole(len(lines)), "lines": ", ".join(map(whole, lines[:LINES_TOLD])) + more}


def _counted(words: str, number: int) -> list[str]:
    return [words % {"count": whole(number)}] if number else []


class TellsMixin:
    """Says what became of the list."""

    def form_valid(self, form: PromoPoolForm) -> Any:
        response = super().form_valid(form)  # type: ignore[misc]
        if form.told:
            messages.info(self.request, form.told)  # type: ignore[attr-defined]
        if form.found.refused:
            messages.warning(self.request, form.refused)  # type: ignore[attr-defined]
        return response


class PromoPoolCreateView(TellsMixin, CreateView):
    pass


class PromoPoolEditView(TellsMixin, EditView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        stock = with_stock(PromoPool.objects.filter(pk=self.object.pk)).get()
        return super().get_context_data(stock=stock, **kwargs)


class PromoPoolIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[PromoPool]:
        return with_stock(super().get_base_queryset())


class LeftColumn(Column):
    cell_template_name = "messaging/promopool/left_cell.html"


class UntilColumn(Column):
    cell_template_name = "messaging/promopool/until_cell.html"

    def get_cell_context_data(self, instance: PromoPool, parent_context: dict[str, Any]) -> dict[str, Any]:
        context = super().get_cell_context_data(instance, parent_context)
        ended = instance.expires_at is not None and instance.expires_at <= timezone.now()
        return {**context, "has_ended": ended}


class PromoPoolViewSet(WorkspaceViewSet):
    model = PromoPool
    name = "promo_codes"
    url_namespace = "messaging_promo"
    url_prefix = "messaging/promo"
    icon = "tag"
    menu_label = gettext_lazy("Promo codes")
    menu_name = "promo-codes"
    menu_order = 315
    add_to_settings_menu = True
    base_form_class = PromoPoolForm
    form_fields = ["name", "shared_code", "expires_at"]
    add_view_class = PromoPoolCreateView
    edit_view_class = PromoPoolEditView
    index_view_class = PromoPoolIndexView
    create_template_name = "messaging/promopool/create.html"
    edit_template_name = "messaging/promopool/edit.html"
    list_display = [
        "name",
        Column("code", label=gettext_lazy("Code"), accessor=lambda pool: pool.shared_code or _("one for each")),
        LeftColumn("left", label=gettext_lazy("Left")),
        Column(
            "handed_out",
            label=gettext_lazy("Handed out"),
            accessor=lambda pool: "" if pool.shared_code else whole(pool.handed_out),
            classname="ch-hide-s",
        ),
        UntilColumn("expires_at", label=gettext_lazy("Valid until"), sort_key="expires_at"),
    ]
    search_fields = ["name", "shared_code"]
    ordering = ["name"]
