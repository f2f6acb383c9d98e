"""The screen of the workspace's UTM parameters."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.requests import MemberRequest
from shortlinks.forms import UtmForm
from shortlinks.models import UtmTemplate
from shortlinks.services import save_utm
from shortlinks.utm import PLACEHOLDERS
from shortlinks.views import LINKS, WRITERS


class UtmView(WorkspaceViewMixin, WagtailAdminTemplateMixin, FormView):
    """What links add to their addresses, where they are told to."""

    roles = WRITERS
    request: MemberRequest
    form_class = UtmForm
    template_name = "shortlinks/utm.html"
    page_title = gettext_lazy("UTM parameters of links")
    header_icon = "tag"
    success_url = reverse_lazy("shortlinks_links:index")

    @cached_property
    def template(self) -> UtmTemplate:
        return UtmTemplate.objects.first() or UtmTemplate(source="sms", medium="sms", campaign="{label}")

    @property
    def breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [{"url": reverse_lazy("wagtailadmin_home"), "label": _("Home")}, LINKS, {"url": "", "label": "UTM"}]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "instance": self.template}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(placeholders=list(PLACEHOLDERS), **kwargs)

    def form_valid(self, form: UtmForm) -> HttpResponse:
        save_utm(workspace=self.request.workspace, **form.cleaned_data)
        messages.success(self.request, _("Saved. Links that add UTM parameters use them within two seconds."))
        return super().form_valid(form)
