"""The opt-out page: no log-in, no cookie, no script. Looking at it changes nothing; only a POST does."""

from typing import Any, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from accounts.addresses import line_of, network_of
from accounts.keys import dated_address_hash
from accounts.models import Workspace
from audience.models import Contact, OptOutScope
from audience.phone import NotAMobile, mask
from audience.queries import is_opted_out
from messaging.forms import ChoicesForm, NumberForm
from messaging.models import OptInRequest
from messaging.queries import Reader, reader_of
from messaging.services.batches import BadSender, BadText
from messaging.services.choices import choices_of, save_choices
from messaging.services.double_opt_in import NoSender, NotPending, confirm_request, request_of, sign_up
from messaging.services.opt_out import opt_out_by_page, opt_out_typed

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
# Nobody types more numbers than this in ten minutes. Only typing is limited: behind one address of a mobile
# operator stand thousands of people, and whoever comes from their own link is limited by that link.
MOST_POSTS, PERIOD_SECONDS = 10, 600


@method_decorator(csrf_exempt, name="dispatch")  # without a session there is nothing to forge
class OptOutView(TemplateView):
    """One brand's page, in the visitor's language."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.workspace = get_object_or_404(Workspace, slug=kwargs["slug"])

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = cast(HttpResponse, super().dispatch(request, *args, **kwargs))
        for name, value in HEADERS.items():
            response.headers[name] = value
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(workspace=self.workspace, language=get_language(), **kwargs)

    def done(self) -> HttpResponse:
        return HttpResponseRedirect(reverse("messaging:opt_out_done", args=[self.workspace.slug]))


class NumberView(OptOutView):
    """For whoever comes without a link: type the number."""

    template_name = "messaging/opt_out/number.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", NumberForm())
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if is_too_much(request):
            return self.render_to_response(self.get_context_data(is_too_much=True), status=429)
        form = NumberForm(request.POST)
        if form.is_valid():
            try:
                opt_out_typed(workspace=self.workspace, typed=form.cleaned_data["phone"], now=timezone.now())
                return self.done()
            except NotAMobile as error:
                form.add_error("phone", str(error.reason))
        return self.render_to_response(self.get_context_data(form=form), status=422)


@method_decorator(csrf_exempt, name="dispatch")  # a dispatch of its own
class TokenView(OptOutView):
    """Reached from the link of a message: the number is known."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.token = kwargs["token"]
        if request.method == "POST" and is_too_much(request, of=self.token):
            return self.render_to_response(super().get_context_data(is_too_much=True), status=429)
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def reader(self) -> Reader | None:
        return reader_of(workspace=self.workspace, token=self.token, now=timezone.now())

    def type_number(self) -> HttpResponse:
        """The token is old: the number is as good."""
        return HttpResponseRedirect(reverse("messaging:opt_out", args=[self.workspace.slug]))


class PersonalView(TokenView):
    """One tap is enough."""

    template_name = "messaging/opt_out/personal.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.reader is None:
            return self.type_number()
        known = {"phone": shown(self.reader), "is_contact": self.reader.contact is not None, "token": self.token}
        return self.render_to_response(self.get_context_data(**known))

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.reader is None:
            return self.type_number()
        opt_out_by_page(workspace=self.workspace, phones=self.reader.phones, now=timezone.now())
        return self.done()


class ChoicesView(TokenView):
    """Topics, frequency, order messages, measuring; and the way back for whoever had opted out.

    A link that was sent to a number the person had before only makes things stricter.
    """

    template_name = "messaging/opt_out/choices.html"

    @cached_property
    def contact(self) -> Contact | None:
        return self.reader.contact if self.reader else None

    @property
    def is_former(self) -> bool:
        return self.reader is not None and self.reader.is_former

    @property
    def is_opposed(self) -> bool:
        assert self.contact  # its callers have looked
        return is_opted_out(workspace=self.workspace, phone=self.contact.phone, scope=OptOutScope.MARKETING)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show() if self.contact else self.type_number()

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        if self.contact is None:
            return self.type_number()
        if "again" in request.POST:
            return self.show(is_asked=self.ask_again(self.contact))
        form = ChoicesForm(request.POST, workspace=self.workspace)
        if not form.is_valid():
            return self.show(form=form, status=422)
        save_choices(
            workspace=self.workspace,
            contact=self.contact,
            choices=form.choices(),
            now=timezone.now(),
            may_loosen=not self.is_former,
        )
        return self.show(is_saved=True)

    def ask_again(self, contact: Contact) -> bool:
        """Their own phone has to say it: whoever holds a forwarded link can't. Whoever never said no is not asked."""
        if self.is_former or not self.is_opposed:
            return False
        wording = gettext("I want to get offers from %(brand)s by SMS again.") % {"brand": self.workspace.name}
        try:
            sign_up(
                workspace=self.workspace, contact=contact, source="preference page", wording=wording, now=timezone.now()
            )
        except (NoSender, BadSender, BadText):
            return False
        return True

    def show(self, *, status: int = 200, **context: Any) -> HttpResponse:
        assert self.contact and self.reader  # its callers have looked
        if "form" not in context:
            known = choices_of(workspace=self.workspace, contact=self.contact)
            context["form"] = ChoicesForm(workspace=self.workspace, choices=known)
        page = {"phone": shown(self.reader), "is_opposed": self.is_opposed, "is_former": self.is_former}
        return self.render_to_response(self.get_context_data(token=self.token, **page, **context), status=status)


class YesView(OptOutView):
    """The link of a double opt-in: what they signed up for, and one button."""

    template_name = "messaging/opt_out/yes.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.show(request_of(workspace=self.workspace, token=kwargs["token"], now=timezone.now()))

    def post(self, request: HttpRequest, *, token: str, **_kwargs: Any) -> HttpResponse:
        now = timezone.now()
        asked = request_of(workspace=self.workspace, token=token, now=now)
        if asked is None:
            return self.show(None)
        evidence = {"network": network_of(request.META["REMOTE_ADDR"]), "page": request.path.replace(token, "…")}
        try:
            confirm_request(request=asked, source="confirmation page", said_at=now, now=now, evidence=evidence)
        except NotPending:
            return self.show(None)
        return self.show(asked, is_done=True)

    def show(self, asked: OptInRequest | None, *, is_done: bool = False) -> HttpResponse:
        context = self.get_context_data(asked=asked, is_done=is_done)
        return self.render_to_response(context, status=200 if asked else 410)


class DoneView(OptOutView):
    template_name = "messaging/opt_out/done.html"


def shown(reader: Reader) -> str:
    """The last digits of the number that got the link: a new one is nobody's business who holds an old link."""
    return mask(reader.phone) if reader.phone else ""


def is_too_much(request: HttpRequest, *, of: str = "") -> bool:
    """Whether this visitor, or the holder of this token, has posted too often; neither is kept."""
    today = timezone.now().date().isoformat()
    key = f"opt-out:{dated_address_hash(of or line_of(request.META['REMOTE_ADDR']), today).hex()}"
    cache.add(key, 0, PERIOD_SECONDS)
    try:
        return cache.incr(key) > MOST_POSTS
    except ValueError:  # it expired between the two
        return False
