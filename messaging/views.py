"""The opt-out page: no log-in, no cookie, no script. Looking at it changes nothing; only a POST does."""

from typing import Any, cast

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import TemplateView

from accounts.keys import dated_address_hash
from accounts.models import Workspace
from audience.phone import NotAMobile, mask
from messaging.forms import NumberForm
from messaging.queries import phone_behind
from messaging.services.opt_out import opt_out_by_page, opt_out_typed

POLICY = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}
# Nobody types more numbers than this in ten minutes. Only typing is limited: behind one address of a mobile
# operator stand thousands of people, and whoever comes from their own link proves who they are.
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


class PersonalView(OptOutView):
    """Reached from the link of a message: the number is known, one tap is enough."""

    template_name = "messaging/opt_out/personal.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        phone = self.phone
        return self.render_to_response(self.get_context_data(phone=mask(phone))) if phone else self.type_number()

    def post(self, request: HttpRequest, **_kwargs: Any) -> HttpResponse:
        phone = self.phone
        if not phone:
            return self.type_number()
        opt_out_by_page(workspace=self.workspace, phone=phone, now=timezone.now())
        return self.done()

    @property
    def phone(self) -> str:
        return phone_behind(workspace=self.workspace, token=self.kwargs["token"], now=timezone.now())

    def type_number(self) -> HttpResponse:
        """The token is old: the number is as good."""
        return HttpResponseRedirect(reverse("messaging:opt_out", args=[self.workspace.slug]))


class DoneView(OptOutView):
    template_name = "messaging/opt_out/done.html"


def is_too_much(request: HttpRequest) -> bool:
    """Whether this visitor has posted too often; the address itself is not kept."""
    today = timezone.now().date().isoformat()
    key = f"opt-out:{dated_address_hash(request.META['REMOTE_ADDR'], today).hex()}"
    cache.add(key, 0, PERIOD_SECONDS)
    try:
        return cache.incr(key) > MOST_POSTS
    except ValueError:  # it expired between the two
        return False
