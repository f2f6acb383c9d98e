from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from landing.rendering import PageResponse


class VisitorPages:
    """Outside of sessions and languages: what they say an answer varies on does not hold for a visitor's page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, PageResponse):
            response.headers.pop("Vary", None)
        return response
