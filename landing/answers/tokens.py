"""What stands at the door of a form instead of a cookie.

The token says that a page of ours showed this very form within a day. It is bound to page, form and hour, and not to a
visitor: so the neutral page stays one page that every cache may keep.
"""

from datetime import datetime
from urllib.parse import urlsplit

from django.core.cache import cache
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.addresses import line_of
from accounts.keys import dated_address_hash

VALID_HOURS = 24
# In ten minutes. Behind one address of a mobile operator stand thousands of people: whoever came by a link of their own
# is counted by that link once the address has sent too much.
MOST_OF_LINE, MOST_OF_VISIT, MOST_OF_PAGE, PERIOD_SECONDS = 60, 10, 3_000, 600
# In an hour: numbers typed at one line, of which nobody knows whether they are the sender's own.
MOST_TYPED, HOUR_SECONDS = 20, 3_600


def make_form_token(*, page: int, block: str, now: datetime) -> str:
    return _signed(page, block, _hour(now))


def is_form_token(token: str, *, page: int, block: str, now: datetime) -> bool:
    """Whether we made it for this form, at most a day ago. A clock of another machine may be an hour ahead."""
    made_at, _dash, _mac = token.partition("-")
    if not (made_at.isdecimal() and len(made_at) < 10 and -1 <= _hour(now) - int(made_at) <= VALID_HOURS):
        return False
    return constant_time_compare(token, _signed(page, block, int(made_at)))


def is_foreign(request: HttpRequest) -> bool:
    """Whether the page of somebody else sent this. Our own pages say `null`: they give no referrer to anybody."""
    origin = request.headers.get("Origin", "null")
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
        return True
    return origin != "null" and urlsplit(origin).netloc != request.get_host()


def line_sent_too_much(request: HttpRequest, now: datetime) -> bool:
    return _count(line_of(request.META["REMOTE_ADDR"]), now) > MOST_OF_LINE


def visit_sent_too_much(token: str, now: datetime) -> bool:
    return _count(f"visit {token}", now) > MOST_OF_VISIT


def page_got_too_much(page: int, now: datetime) -> bool:
    return _count(f"page {page}", now) > MOST_OF_PAGE


def line_typed_too_many(address: str, now: datetime) -> bool:
    return _count(f"typed {line_of(address)}", now, HOUR_SECONDS) > MOST_TYPED


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // 3600


def _signed(page: int, block: str, hour: int) -> str:
    mac = salted_hmac("landing.form", f"{page}:{block}:{hour}", algorithm="sha256").hexdigest()
    return f"{hour}-{mac[:24]}"


def _count(who: str, now: datetime, seconds: int = PERIOD_SECONDS) -> int:
    """How often in these seconds, this time included; who is not kept."""
    key = f"form:{dated_address_hash(who, now.date().isoformat()).hex()}"
    cache.add(key, 0, seconds)
    try:
        return cache.incr(key)
    except ValueError:  # it expired between the two
        return 1
