"""The block list: numbers that are left alone for a reason of ours, with where that comes from and since when."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import URLPattern, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import FormView
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column, DateColumn, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.models import CreateView, IndexView
from wagtail.admin.widgets.button import HeaderButton

from accounts.admin import WorkspaceDeleteView, WorkspaceForm, WorkspaceViewMixin, WorkspaceViewSet
from accounts.models import Role
from accounts.queries import current_workspace
from accounts.requests import MemberRequest
from audience.models import Block
from audience.phone import NotAMobile, parse_mobile
from audience.services.blocks import block_number, block_numbers, lift_block

# The other kinds come by themselves.
BY_HAND = [(kind.value, kind.label) for kind in (Block.Kind.MANUAL, Block.Kind.COMPLAINT)]
MOST_BYTES = 2 * 1024 * 1024
SERVICE_TOO = gettext_lazy("No order messages either: for a number that is not theirs, or somebody who has died.")


class BlockForm(WorkspaceForm):
    number = forms.CharField(label=gettext_lazy("Mobile number"), max_length=40)
    source = forms.CharField(
        label=gettext_lazy("Source"), max_length=120, help_text=gettext_lazy("Who asked for it, and how.")
    )

    class Meta:
        model = Block
        fields = ["kind", "source", "bars_service"]

    field_order = ("number", "kind", "source", "bars_service")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bars_service"].help_text = SERVICE_TOO
        self.fields["kind"].choices = BY_HAND

    def clean_number(self) -> str:
        try:
            return parse_mobile(self.cleaned_data["number"], current_workspace().country).e164
        except NotAMobile as error:
            raise forms.ValidationError(str(error.reason)) from error

    def validate_unique(self) -> None:
        """Blocked twice is blocked once: the service finds the row."""

    def save(self, commit: bool = True) -> Block:
        return block_number(
            workspace=current_workspace(),
            phone=self.cleaned_data["number"],
            kind=self.cleaned_data["kind"],
            source=self.cleaned_data["source"],
            now=timezone.now(),
            bars_service=self.cleaned_data["bars_service"],
        )


class BlockManyForm(forms.Form):
    numbers = forms.CharField(
        label=gettext_lazy("Numbers, one a line"), required=False, widget=forms.Textarea(attrs={"rows": 8})
    )
    file = forms.FileField(
        label=gettext_lazy("Or a text file"), required=False, help_text=gettext_lazy("One number a line, up to 2 MB.")
    )
    source = forms.CharField(
        label=gettext_lazy("Where the list comes from"),
        max_length=120,
        help_text=gettext_lazy("Who made it, and when."),
    )
    bars_service = forms.BooleanField(label=gettext_lazy("Service messages too"), required=False, help_text=SERVICE_TOO)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file = data.get("file")
        if file and file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 2 MB: split it."))
        written = file.read().decode("utf-8", errors="replace") if file else data.get("numbers", "")
        if "\0" in written:
            raise forms.ValidationError(_("This is no text file. Save the list as text, one number a line."))
        self.lines = written.splitlines()
        if not any(line.strip() for line in self.lines):
            raise forms.ValidationError(_("Paste the numbers, or choose a file."))
        return data


class BlockManyView(WorkspaceViewMixin, WagtailAdminTemplateMixin, FormView):
    """A pasted list or a file; what is no number comes back with its line."""

    roles = frozenset({Role.OWNER, Role.MARKETER})
    request: MemberRequest
    form_class = BlockManyForm
    template_name = "audience/block/many.html"
    success_url = reverse_lazy("audience_blocks:index")
    page_title = gettext_lazy("Block many numbers")
    header_icon = "no-view"

    def get_breadcrumbs_items(self) -> list[dict[str, str]]:
        here = [{"url": str(self.success_url), "label": _("Block list")}, {"url": "", "label": self.get_page_title()}]
        return [*super().get_breadcrumbs_items(), *here]

    def form_valid(self, form: BlockManyForm) -> HttpResponse:
        done = block_numbers(
            workspace=self.request.workspace,
            lines=form.lines,
            source=form.cleaned_data["source"],
            now=timezone.now(),
            bars_service=form.cleaned_data["bars_service"],
        )
        words = ngettext("%(count)s number blocked.", "%(count)s numbers blocked.", done.added)
        messages.success(self.request, words % {"count": done.added})
        if not done.refused:
            return super().form_valid(form)
        return self.render_to_response(self.get_context_data(form=form, refused=done.refused))


class BlockIndexView(IndexView):
    @cached_property
    def header_buttons(self) -> list[HeaderButton]:
        many = HeaderButton(
            _("Block many numbers"), url=reverse("audience_blocks:many"), icon_name="upload", priority=20
        )
        return [*super().header_buttons, many] if self.user_has_permission("add") else super().header_buttons


class BlockCreateView(CreateView):
    page_title = gettext_lazy("Block a number")
    success_message = gettext_lazy("%(object)s is blocked.")

    def get_success_buttons(self) -> list[Any]:
        return []


class BlockLiftView(WorkspaceDeleteView):
    page_title = gettext_lazy("Lift the block")
    success_message = gettext_lazy("%(object)s is no longer blocked.")

    @property
    def confirmation_message(self) -> str:
        return _(
            "Write to this number again? A STOP of its own stays, whatever you do here; a message that asked for a"
            " decision is better read in the inbox first."
        )

    def delete_action(self) -> None:
        lift_block(block=self.object, now=timezone.now())


def lift_url(block: Block) -> str:
    return reverse("audience_blocks:delete", args=[block.pk])


def barred_word(block: Block) -> str:
    return _("all messages") if block.bars_service else _("marketing")


class BlockViewSet(WorkspaceViewSet):
    """Added, brought in and lifted, never edited."""

    model = Block
    name = "blocks"
    url_namespace = "audience_blocks"
    url_prefix = "audience/blocks"
    icon = "no-view"
    menu_label = gettext_lazy("Block list")
    base_form_class = BlockForm
    form_fields = ["kind", "source", "bars_service"]
    index_view_class = BlockIndexView
    index_results_template_name = "audience/block/index_results.html"
    add_view_class = BlockCreateView
    delete_view_class = BlockLiftView
    delete_template_name = "audience/block/lift.html"
    list_filter = ["kind"]
    list_display = [
        TitleColumn("phone_hint", label=gettext_lazy("Mobile number"), get_url=lift_url, classname="ch-nowrap"),
        Column("kind", label=gettext_lazy("Why"), accessor="get_kind_display"),
        Column("source", label=gettext_lazy("Source"), classname="ch-hide-s"),
        Column("bars_service", label=gettext_lazy("Blocked for"), accessor=barred_word, classname="ch-hide-s"),
        DateColumn("blocked_at", label=gettext_lazy("Since"), sort_key="blocked_at"),
    ]
    ordering = ["-blocked_at", "-pk"]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = {"edit_url_name": None, "history_url_name": None, "usage_url_name": None}
        return super().get_common_view_kwargs(**absent, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        kept = {"index", "index_results", "add", "delete"}
        patterns = [pattern for pattern in super().get_urlpatterns() if pattern.name in kept]
        return [*patterns, path("many/", BlockManyView.as_view(), name="many")]
