"""Pages are packed here: what is kept is kept packed, and a front server has nothing left to do.

Nothing that a visitor writes comes back on a page that was asked for by GET, so that packing tells nobody a secret.
"""

import gzip

import brotli
from django.http import HttpRequest, HttpResponse

QUALITY = {"br": 5, "gzip": 6}
REFUSED = frozenset({"q=0", "q=0.0", "q=0.00", "q=0.000"})


def packing_of(request: HttpRequest) -> str:
    """The best packing that the browser takes: `br`, `gzip`, or none."""
    accepted = request.headers.get("Accept-Encoding", "").lower().replace(" ", "").split(",")
    taken = {name for name, _semicolon, weight in (each.partition(";") for each in accepted) if weight not in REFUSED}
    return next((packing for packing in QUALITY if packing in taken), "")


def pack(request: HttpRequest, response: HttpResponse) -> None:
    packing = packing_of(request)
    response.headers["Vary"] = "Accept-Encoding"
    if packing == "br":
        response.content = brotli.compress(response.content, quality=QUALITY["br"])
    elif packing == "gzip":
        response.content = gzip.compress(response.content, QUALITY["gzip"], mtime=0)
    if packing:
        response.headers["Content-Encoding"] = packing
    if response.has_header("Content-Length"):
        response.headers["Content-Length"] = str(len(response.content))
