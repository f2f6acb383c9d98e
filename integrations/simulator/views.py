"""The phone page: the product works a minute after installation, and any failure is a number away."""

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic.base import WagtailAdminTemplateMixin

from accounts.admin import WorkspaceViewMixin
from accounts.models import Role
from accounts.requests import MemberRequest
from integrations.queries import simulator_accounts
from integrations.simulator import bulk, operator, phones
from integrations.simulator.magic import MAGIC, ORDINARY
from integrations.simulator.operator import Mode
from integrations.tasks import run_simulated_operator

LONGEST_ANSWER = 1_000
QUICK_ANSWERS = ["STOP", gettext_lazy("YES"), "CONTACT"]
MODES = {Mode.NORMAL: gettext_lazy("Normal"), Mode.SLOW: gettext_lazy("Slow"), Mode.DOWN: gettext_lazy("Down")}
CHANGERS = frozenset({Role.OWNER, Role.MARKETER})


class PhonesMixin(WorkspaceViewMixin):
    """The simulators of the workspace; without one there is nothing to see."""

    request: Any

    @cached_property
    def accounts(self) -> list[str]:
        accounts = [str(account.public_id) for account in simulator_accounts()]
        if not accounts:
            raise Http404
        return accounts

    def back(self, message_id: str = "") -> HttpResponseRedirect:
        query = f"?message={message_id}" if message_id else ""
        return HttpResponseRedirect(reverse("simulator") + query)


class ScreenMixin(PhonesMixin):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen_id = self.request.GET.get("message", "")
        return super().get_context_data(  # type: ignore[misc]
            screen=phones.screen(self.accounts, chosen_id),
            chosen_id=chosen_id,
            quick_answers=QUICK_ANSWERS,
            may_change=self.request.role in CHANGERS,
            **kwargs,
        )


class SimulatorView(ScreenMixin, WagtailAdminTemplateMixin, TemplateView):
    template_name = "integrations/simulator/page.html"
    page_title = gettext_lazy("Simulator")
    header_icon = "ch-phone"
    breadcrumbs_items: list[dict[str, str]] = []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        mode = operator.mode_of(self.accounts[0])
        return super().get_context_data(
            modes=[(value.value, label, value == mode) for value, label in MODES.items()],
            magic=[("00 xx", ORDINARY.label), *((f"01 {end}", each.label) for end, each in MAGIC.items())],
            **kwargs,
        )


class FactsView(ScreenMixin, TemplateView):
    """The life of the message and the other phones, kept fresh by `ch-live`."""

    template_name = "integrations/simulator/facts.html"


class ThreadView(PhonesMixin, TemplateView):
    """What is on one phone, kept fresh by `ch-live`: apart from the boxes in which somebody may be writing."""

    template_name = "integrations/simulator/thread.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen_id = self.request.GET.get("message", "")
        phone = phones.phone_of(self.accounts, kwargs["message_id"], chosen_id)
        if phone is None:
            raise Http404
        return super().get_context_data(phone=phone, **kwargs)


class ReplyView(PhonesMixin, View):
    """Somebody answers on a phone: into the operator's books, and from there through our real webhook."""

    roles = CHANGERS

    def post(self, request: MemberRequest) -> HttpResponse:
        message = bulk.find(self.accounts, request.POST.get("message", ""))
        text = request.POST.get("text", "").strip()[:LONGEST_ANSWER]
        if message is None:
            raise Http404
        if not text:
            return self.back(message.provider_id)
        answer_id = operator.reply(account=message.account, phone=message.phone, text=text)
        # Outside a transaction this runs at once; without a broker, beat brings the answer a second later.
        transaction.on_commit(lambda: run_simulated_operator.apply_async(retry=False), robust=True)
        return self.back(answer_id)


class FindView(PhonesMixin, View):
    """POST, because a number has no place in an address."""

    def post(self, request: MemberRequest) -> HttpResponse:
        found = phones.search(self.accounts, request.POST.get("words", "").strip())
        if found is None:
            messages.warning(request, _("No phone of this name or number has a message yet."))
        return self.back(found.provider_id if found else "")


class ModeView(PhonesMixin, View):
    roles = CHANGERS

    def post(self, request: MemberRequest) -> HttpResponse:
        if request.POST.get("mode") not in set(Mode):
            raise Http404
        for account in self.accounts:
            operator.set_mode(account=account, mode=Mode(request.POST["mode"]))
        return self.back()


class ClearView(PhonesMixin, View):
    roles = CHANGERS

    def post(self, request: MemberRequest) -> HttpResponse:
        bulk.clear(self.accounts)
        messages.success(request, _("The phones are empty. What was sent stays in your reports."))
        return self.back()
