from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from landing.keeping import keep_page, kept_page, may_be_kept
from landing.packing import pack
from landing.rendering import PageResponse


class VisitorPages:
    """Outside of sessions and languages: what they say an answer varies on does not hold for a visitor's page.

    The page that anyone sees is sent from what is kept, before anything asks the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not may_be_kept(request):
            return self.drawn(request)
        kept, generation = kept_page(request)
        if kept is not None:
            return kept
        response = self.drawn(request)
        if isinstance(response, PageResponse):
            keep_page(request, response, generation)
        return response

    def drawn(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, PageResponse):
            pack(request, response)
        return response
