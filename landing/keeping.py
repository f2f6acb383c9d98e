"""The page that anyone sees is drawn once and then kept, ready to be sent, for as long as its `Cache-Control` says.

By host and path: what else stands in an address (`utm_source`, `fbclid`) changes nothing on it. A page that is
somebody's own (`v=`), or that thanks (`sent=`), is neither looked for nor kept. Whatever changes pages starts a new
generation, and nothing of the old one is sent any more: at once where the cache is one for all processes (Redis), else
in this process, and in the others when their copies are as old as they may be.
"""

import re
import time
from hashlib import sha256
from uuid import uuid4

from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from landing.packing import packing_of
from landing.rendering import PageResponse

GENERATION = "pages:generation"
OWN = frozenset({"v", "sent"})
PUBLIC = re.compile(r"public, max-age=([1-9]\d*)")


def may_be_kept(request: HttpRequest) -> bool:
    return request.method == "GET" and OWN.isdisjoint(request.GET)


def kept_page(request: HttpRequest) -> tuple[HttpResponse | None, str]:
    """The copy, if there is a good one, and the generation that is current before the page is drawn."""
    found = cache.get_many([GENERATION, key := _key(request)])
    generation, copy = found.get(GENERATION), found.get(key)
    if generation and copy and copy[0] == generation:
        return _again(*copy[1:]), generation
    return None, generation or _begin()


def keep_page(request: HttpRequest, response: PageResponse, generation: str) -> None:
    """Keep what anyone may see, packed as this browser takes it. `generation` is of before it was drawn."""
    lifetime = PUBLIC.fullmatch(response.headers.get("Cache-Control", ""))
    if lifetime and response.status_code == 200 and not response.cookies:
        copy = generation, response.content, dict(response.headers), time.time()
        cache.set(_key(request), copy, int(lifetime[1]))


def forget_pages() -> None:
    """Something that pages show has changed."""
    _begin()


def _begin() -> str:
    cache.set(GENERATION, generation := uuid4().hex, None)
    return generation


def _again(content: bytes, headers: dict[str, str], drawn_at: float) -> HttpResponse:
    response = HttpResponse(content, headers=headers)
    response.headers["Age"] = str(max(0, int(time.time() - drawn_at)))
    return response


def _key(request: HttpRequest) -> str:
    where = f"{packing_of(request)} {request.get_host()} {request.path_info}"
    return f"page:{sha256(where.encode()).hexdigest()}"
