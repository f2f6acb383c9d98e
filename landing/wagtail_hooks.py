from typing import Any

from django.http import HttpRequest, HttpResponse
from wagtail import hooks
from wagtail.models import Page

from landing.views import quiet_page


@hooks.register("before_serve_page")
def serve_plain_pages_quietly(page: Page, request: HttpRequest, *args: Any) -> HttpResponse | None:
    return quiet_page(request, page) if type(page) is Page else None
