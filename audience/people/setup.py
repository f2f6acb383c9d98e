"""How a workspace keeps its contacts: tags, attributes, fields, retention, and who looked."""

from typing import Any

from django import forms
from django.db import transaction
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.ui.tables import BooleanColumn, Column, DateColumn
from wagtail.admin.views.generic.models import IndexView

from accounts.admin import (
    SettingsView,
    WorkspaceDeleteView,
    WorkspaceForm,
    WorkspacePage,
    WorkspaceViewMixin,
    WorkspaceViewSet,
)
from accounts.models import OWNER_ONLY
from accounts.requests import MemberRequest
from audience.attributes import slug_of
from audience.models import OPTIONAL_FIELDS, Attribute, AudienceSettings, AuditEntry, Contact, Tag, Topic
from audience.queries import settings_of
from audience.services.minimisation import save_settings
from audience.services.retention import NOTICE, silent_since, switch_retention
from audience.tasks import forget_dropped_attribute, forget_dropped_fields

LISTED = 50


class TagForm(WorkspaceForm):
    class Meta:
        model = Tag
        fields = ["name"]


class TagIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Tag]:
        return super().get_base_queryset().annotate(contact_count=Count("contacts"))


class TagViewSet(WorkspaceViewSet):
    model = Tag
    name = "tags"
    url_namespace = "audience_tags"
    url_prefix = "audience/tags"
    icon = "tag"
    menu_label = gettext_lazy("Tags")
    base_form_class = TagForm
    index_view_class = TagIndexView
    search_fields = ["name"]
    list_display = [
        "name",
        Column("contact_count", label=gettext_lazy("Contacts"), sort_key="contact_count"),
        DateColumn("created_at", label=gettext_lazy("Created"), sort_key="created_at"),
    ]


class AttributeForm(WorkspaceForm):
    """The kind is chosen once: values are kept in it."""

    instance: Attribute
    choices = forms.CharField(
        label=gettext_lazy("Choices"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("For the kind “Choice” only: one a line."),
    )

    class Meta:
        model = Attribute
        fields = ["label", "kind"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["choices"] = "\n".join(self.instance.choices)
        self.fields["kind"].disabled = self.instance.pk is not None

    def clean_label(self) -> str:
        label = self.cleaned_data["label"].strip()
        if self.instance.pk is None and Attribute.objects.filter(slug=slug_of(label)).exists():
            raise forms.ValidationError(_("An attribute has this label, or one that is nearly the same."))
        return label

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        lines = [line.strip() for line in cleaned.get("choices", "").splitlines()]
        self.lines = list(dict.fromkeys(line for line in lines if line))
        if cleaned.get("kind") == Attribute.Kind.CHOICE and not self.lines:
            self.add_error("choices", _("Write the choices, one a line."))
        return cleaned

    def save(self, commit: bool = True) -> Attribute:
        attribute = self.instance
        attribute.choices = self.lines if attribute.kind == Attribute.Kind.CHOICE else []
        attribute.slug = attribute.slug or slug_of(attribute.label)
        return super().save(commit)


class TopicForm(WorkspaceForm):
    class Meta:
        model = Topic
        fields = ["name", "description", "is_offered"]


class TopicIndexView(IndexView):
    def get_base_queryset(self) -> QuerySet[Topic]:
        return super().get_base_queryset().annotate(refusal_count=Count("refusals"))


class TopicViewSet(WorkspaceViewSet):
    model = Topic
    name = "topics"
    url_namespace = "audience_topics"
    url_prefix = "audience/topics"
    icon = "list-ul"
    menu_label = gettext_lazy("Topics")
    menu_name = "topics"
    menu_order = 420
    add_to_settings_menu = True
    base_form_class = TopicForm
    index_view_class = TopicIndexView
    list_display = [
        "name",
        Column("refusal_count", label=gettext_lazy("Can do without it"), sort_key="refusal_count"),
        BooleanColumn("is_offered", label=gettext_lazy("On the preference page")),
    ]
    ordering = ["name"]


class AttributeDeleteView(WorkspaceDeleteView):
    def delete_action(self) -> None:
        workspace, slug = self.object.workspace_id, self.object.slug
        super().delete_action()
        transaction.on_commit(lambda: forget_dropped_attribute.delay(workspace, slug))


class AttributeViewSet(WorkspaceViewSet):
    model = Attribute
    name = "attributes"
    url_namespace = "audience_attributes"
    url_prefix = "audience/attributes"
    icon = "list-ul"
    menu_label = gettext_lazy("Attributes")
    menu_name = "attributes"
    menu_order = 410
    add_to_settings_menu = True
    base_form_class = AttributeForm
    delete_view_class = AttributeDeleteView
    list_display = ["label", Column("kind", label=gettext_lazy("Kind"), accessor="get_kind_display"), "slug"]
    ordering = ["label"]


class OwnersView(WorkspaceViewMixin):
    """A list that owners only may see."""

    roles = OWNER_ONLY


class AuditIndexView(OwnersView, IndexView):
    page_title = gettext_lazy("Audit log")

    def get_base_queryset(self) -> QuerySet[AuditEntry]:
        return super().get_base_queryset().select_related("actor", "contact")


def whose(entry: AuditEntry) -> str:
    """The contact as far as they are still here."""
    if entry.contact:
        return str(entry.contact)
    return _("contact %(number)s") % {"number": entry.contact_number} if entry.contact_number else "–"


class AuditViewSet(WorkspaceViewSet):
    """Looked at, never changed."""

    model = AuditEntry
    name = "audit"
    url_namespace = "audience_audit"
    url_prefix = "audience/audit"
    icon = "history"
    menu_label = gettext_lazy("Audit log")
    form_fields = ["action"]
    index_view_class = AuditIndexView
    list_filter = ["action"]
    list_display = [
        DateColumn("happened_at", label=gettext_lazy("When"), sort_key="happened_at"),
        Column("action", label=gettext_lazy("What"), accessor="get_action_display"),
        Column("actor", label=gettext_lazy("Who"), accessor=lambda entry: entry.actor or _("Chappe")),
        Column("contact", label=gettext_lazy("Whose"), accessor=whose),
        Column("count", label=gettext_lazy("Contacts"), classname="ch-hide-s"),
        Column("reason", label=gettext_lazy("Reason")),
    ]
    ordering = ["-happened_at", "-pk"]

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        absent = {"add": None, "edit": None, "delete": None, "history": None, "usage": None}
        names = {f"{name}_url_name": None for name in absent}
        return super().get_common_view_kwargs(**names, **kwargs)

    def get_urlpatterns(self) -> list[URLPattern]:
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in {"index", "index_results"}]


def field_choices() -> list[tuple[str, str]]:
    """Optional facts by the words that the forms use."""
    labels = {name: str(Contact._meta.get_field(name).verbose_name) for name in OPTIONAL_FIELDS}  # type: ignore[union-attr]
    return [(name, label[:1].upper() + label[1:]) for name, label in labels.items()]


class AudienceSettingsForm(forms.ModelForm):
    kept_fields = forms.MultipleChoiceField(
        label=gettext_lazy("Fields kept"),
        required=False,
        choices=field_choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Keep what you use. A field that you untick disappears from forms and imports, and what is stored in it"
            " is deleted for every contact."
        ),
    )

    class Meta:
        model = AudienceSettings
        fields = [
            *("kept_fields", "new_days", "active_days", "retention_months"),
            *("double_opt_in", "existing_customers", "bounce_count", "bounce_days"),
        ]


class AudienceSettingsView(SettingsView):
    form_class = AudienceSettingsForm
    template_name = "audience/settings.html"
    success_url = reverse_lazy("audience:settings")
    page_title = gettext_lazy("Contact data")
    header_icon = "user"

    def get_instance(self) -> AudienceSettings:
        return settings_of(self.request.workspace)

    def save(self, form: forms.Form) -> None:
        save_settings(workspace=self.request.workspace, **form.cleaned_data)
        workspace = self.request.workspace.pk
        transaction.on_commit(lambda: forget_dropped_fields.delay(workspace))


class RetentionView(WorkspacePage, TemplateView):
    """Who would be forgotten, and who will be soon; the POST switches the rule on or off."""

    roles = OWNER_ONLY
    request: MemberRequest
    template_name = "audience/retention.html"
    page_title = gettext_lazy("Retention")
    header_icon = "time"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        settings, now = settings_of(self.request.workspace), timezone.now()
        soon = silent_since(settings, now + NOTICE).order_by("last_active_at", "pk")
        return super().get_context_data(
            settings=settings,
            due=silent_since(settings, now).count(),
            soon=soon.count(),
            contacts=soon.defer("phone")[:LISTED],
            days=NOTICE.days,
            **kwargs,
        )

    def post(self, request: HttpRequest) -> HttpResponseBase:
        is_on = request.POST.get("is_on") == "1"
        switch_retention(workspace=self.request.workspace, is_on=is_on, by=self.request.user, now=timezone.now())
        messages.success(request, _("Switched on: the next night forgets who is due.") if is_on else _("Switched off."))
        return redirect("audience:retention")
