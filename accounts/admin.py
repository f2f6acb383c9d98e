"""The two bases that every admin screen of ours inherits: a viewset for tenant rows, a mixin for plain views."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Model, ProtectedError, QuerySet
from django.forms.models import ModelChoiceField, modelform_factory
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from django_scopes import scopes_disabled
from wagtail.admin import messages
from wagtail.admin.forms.models import WagtailAdminModelForm, WagtailAdminModelFormMetaclass
from wagtail.admin.views.generic import CreateView, DeleteView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin
from wagtail.admin.viewsets.model import ModelViewSet

from accounts.models import OWNER_ONLY, Role
from accounts.queries import current_workspace, rows_of
from accounts.requests import MemberRequest, SiteRequest


class WorkspaceFormMetaclass(WagtailAdminModelFormMetaclass):
    """Form classes are built when the site starts, outside any workspace: their choices are read later."""

    def __new__(cls, *args: Any, **kwargs: Any) -> type:
        with scopes_disabled():
            return super().__new__(cls, *args, **kwargs)


class WorkspaceForm(WagtailAdminModelForm, metaclass=WorkspaceFormMetaclass):
    """Sets the workspace of a new row, and reads every choice afresh from the current workspace.

    A viewset builds its form class once; without this, foreign-key choices would leak between workspaces.
    """

    instance: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.workspace_id is None:
            self.instance.workspace = current_workspace()
        for field in self.fields.values():
            if isinstance(field, ModelChoiceField):
                field.queryset = self.choices_of(field)

    def choices_of(self, field: ModelChoiceField) -> QuerySet[Any]:
        """Rows of our own, and Wagtail's pages and files, of this workspace only."""
        return rows_of(current_workspace(), field.queryset.model)  # type: ignore[union-attr]

    def validate_unique(self) -> None:
        """`workspace` is not a form field, but takes part in the constraints."""
        try:
            self.instance.validate_unique()
            self.instance.validate_constraints()
        except forms.ValidationError as error:
            self._update_errors(error)


class WorkspaceCreateView(CreateView):
    """Says what it does in its own words, where Wagtail says “New: ” and the name of the model."""

    def get_page_subtitle(self) -> str:
        """The title says it all."""
        return ""

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        *above, here = super().get_breadcrumbs_items()
        return [*above, {**here, "label": self.page_title}]


class WorkspaceDeleteView(DeleteView):
    """Says so when something else still needs the row."""

    # What goes with it, and what one may do instead.
    consequences: str | Promise = ""

    @property
    def confirmation_message(self) -> str:
        question = _("Delete “%(row)s”? It can't be brought back.") % {"row": self.object}
        return f"{question} {self.consequences}".strip()

    def form_valid(self, form: forms.Form) -> HttpResponseBase:
        # Wagtail's own answer to a row that its reference index knows to be in use is "no permission".
        if not (self.usage and self.usage.is_protected):
            try:
                return super().form_valid(form)
            except ProtectedError:
                pass  # in use by a row that the index doesn't follow
        messages.error(self.request, _("“%(row)s” is still in use and stays.") % {"row": self.object})
        return redirect(self.get_success_url())


class WorkspaceViewSet(ModelViewSet):
    """List, add, edit, delete, inspect rows of the current workspace. The scoped manager does the scoping."""

    # Give `form_fields`, or a form of your own here; `panels` only with an `edit_handler` that names such a form.
    base_form_class: type[WorkspaceForm] = WorkspaceForm
    delete_view_class = WorkspaceDeleteView
    add_to_admin_menu = False
    copy_view_enabled = False
    inspect_view_enabled = False

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        """Wagtail itself ignores a base form next to `form_fields`."""
        if self._edit_handler is None:
            return modelform_factory(self.model, form=self.base_form_class, fields=self.get_form_fields())
        form_class = super().get_form_class(for_update)
        if not issubclass(form_class, WorkspaceForm):
            raise TypeError(f"{type(self).__name__} needs a form that inherits WorkspaceForm.")
        return form_class

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        """The title beside it says of what; the name of the model has a gender in French, and no room on a phone."""
        return super().get_index_view_kwargs(**{"add_item_label": gettext_lazy("Add"), **kwargs})

    @cached_property
    def index_results_template_name(self) -> Any:
        """`room/model/index_results.html` where a room has one; such extend `accounts/index_results.html`."""
        own = f"{self.app_label}/{self.model_name}/index_results.html"
        return [own, *super().index_results_template_name]

    def register_admin_url_finder(self) -> None:
        """Wagtail would link to an edit view from everywhere, also where a viewset has none."""
        if any(pattern.name == "edit" for pattern in self.get_urlpatterns()):
            super().register_admin_url_finder()


class WorkspaceViewMixin:
    """For plain admin views: refuses whoever is not a member with one of `roles`."""

    roles: ClassVar[frozenset[str]] = frozenset(Role.values)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        here = cast(SiteRequest, request)
        if here.workspace is None or here.role not in self.roles:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class WorkspacePage(WorkspaceViewMixin, WagtailAdminTemplateMixin):
    """A screen of our own in the admin's frame: the menu says where one is, no breadcrumbs repeat it."""

    breadcrumbs_items: ClassVar[list[dict[str, Any]]] = []


class SettingsView(WorkspacePage, FormView, ABC):
    """A form over a row of which a workspace has one, for its owners. A room says which row, and how it is written."""

    roles = OWNER_ONLY
    request: MemberRequest
    saved: str | Promise = gettext_lazy("Saved.")

    @abstractmethod
    def get_instance(self) -> Model: ...

    @abstractmethod
    def save(self, form: Any) -> None: ...

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.get_instance()}

    def form_valid(self, form: Any) -> HttpResponse:
        self.save(form)
        messages.success(self.request, str(self.saved))
        return super().form_valid(form)
