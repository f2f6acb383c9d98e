"""What is better looked at before a text leaves: nothing here keeps it from leaving, but for a page that ends first."""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.templatetags.ch import whole
from campaigns.advertising import fold, selling_words
from campaigns.draft import Draft
from campaigns.lines import OK, STOP, WARN, Line
from campaigns.promises import FIGURE, other_end, unkept
from campaigns.words import words_of_moment
from landing.contents import pools_of
from landing.placeholders import placeholders_of
from messaging.models import BatchPurpose
from messaging.queries import written_to_since
from messaging.repeats import told_the_same
from messaging.rules import cap_by
from messaging.services.senders import is_protected

SPAM_WORDS = Path(__file__).with_name("spam_words.json")
# The same text to the same people within this time is noise to them.
REPEATED_WITHIN = timedelta(days=14)
# A page that ends sooner after the message is seen by few.
SHORT = timedelta(hours=24)
DAY, WEEK = timedelta(days=1), timedelta(days=7)


def _protected_name(review: Draft) -> Iterator[Line]:
    if review.sender and is_protected(review.sender.name):
        text = _("“%(sender)s” is a name that operators protect: have the proof ready that it is yours.")
        yield Line(WARN, _("Sender"), text % {"sender": review.sender.name}, field="sender")


def _page(review: Draft) -> Iterator[Line]:
    page = review.campaign.page
    if page is None or not page.live:
        return
    url = reverse("wagtailadmin_pages:edit", args=[page.pk])
    if page.expire_at and page.expire_at <= review.leaves_at + SHORT:
        tone = STOP if page.expire_at <= review.leaves_at else WARN
        text = _("“%(page)s” ends %(moment)s: prolong it, or choose another page.")
        words = {"page": page, "moment": words_of_moment(page.expire_at)}
        yield Line(tone, _("Page"), text % words, mend_label=_("Open"), mend_url=url, field="page")
    elif missing := unkept(review.campaign.text, page):
        text = _("The text says %(figures)s, the page does not.") % {"figures": ", ".join(missing)}
        yield Line(WARN, _("Page"), text, mend_label=_("Open"), mend_url=url)
    elif other := other_end(review.campaign.text, page):
        text = _("The text says “%(promised)s”, the countdown of the page ends %(moment)s.")
        words = {"promised": other[0], "moment": words_of_moment(other[1])}
        yield Line(WARN, _("Page"), text % words, mend_label=_("Open"), mend_url=url)
    elif ended := pools_of(page).filter(expires_at__lte=review.leaves_at + SHORT).first():
        text = _("The codes “%(pool)s” on the page end %(moment)s.")
        words = {"pool": ended, "moment": words_of_moment(ended.expires_at)}  # type: ignore[arg-type]  # filtered
        yield Line(WARN, _("Page"), text % words, mend_label=_("Open"), mend_url=url)
    elif FIGURE.search(review.campaign.text):
        yield Line(OK, _("Page"), _("published, says the same figures"))
    else:
        yield Line(OK, _("Page"), _("published"))


def _examples(review: Draft) -> Iterator[Line]:
    """What the template of the page brought, and nobody has replaced."""
    page = review.campaign.page
    if page is None or not page.live:
        return
    if examples := dict.fromkeys(each.example for each in placeholders_of(page)):
        text = _("The page still has what is only an example: %(examples)s.") % {"examples": ", ".join(examples)}
        url = reverse("wagtailadmin_pages:edit", args=[page.pk])
        yield Line(WARN, _("Page"), text, mend_label=_("Open"), mend_url=url)


def _advertising(review: Draft) -> Iterator[Line]:
    """Only owners say that something is information; what sells among it is said to them."""
    if review.campaign.purpose != BatchPurpose.INFORMATION:
        return
    if words := selling_words(review.campaign.text):
        text = _("“%(words)s” sounds like advertising: information goes to people who agreed to none.")
        yield Line(WARN, _("Purpose"), text % {"words": "”, “".join(words)}, field="purpose")


def _spam_words(review: Draft) -> Iterator[Line]:
    if found := spam_words(review.campaign.text):
        text = _("“%(words)s” is what spam says: filters and readers trust it less.")
        yield Line(WARN, _("Words"), text % {"words": "”, “".join(found)})


def spam_words(text: str) -> list[str]:
    """The words of a text that make it look like spam, as they stand in it, once each."""
    return list(dict.fromkeys(text[match.start() : match.end()] for match in _spam().finditer(fold(text))))


@cache
def _spam() -> re.Pattern[str]:
    told = json.loads(SPAM_WORDS.read_text(encoding="utf-8"))
    words = sorted({fold(word) for word in (*told["fr"], *told["en"])}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, words))})(?!\w)")


def _repeated(review: Draft) -> Iterator[Line]:
    if review.campaign.audience is None:
        return
    since = review.leaves_at - REPEATED_WITHIN
    if again := told_the_same(review.readers, text=review.campaign.text, since=since):
        text = ngettext(
            "%(count)s reader has had this very text in the last %(days)s days.",
            "%(count)s readers have had this very text in the last %(days)s days.",
            again,
        )
        yield Line(WARN, _("Repeated"), text % {"count": whole(again), "days": REPEATED_WITHIN.days})


def pressure(review: Draft, *, now: datetime) -> Iterator[Line]:
    """How many of the readers had marketing lately. `now` is real time, as messages have left; two queries.

    For whoever is about to send, not for every letter that is typed.
    """
    if review.campaign.audience is None or review.campaign.purpose != BatchPurpose.MARKETING:
        return
    if week := written_to_since(review.readers, now - WEEK):
        cap, day = cap_by(review.rules), written_to_since(review.readers, now - DAY)
        text = ngettext(
            "%(week)s reader has had advertising from you in the last 7 days (in the last 24 hours: %(day)s)."
            " Your rules let one have %(cap)s in %(days)s days.",
            "%(week)s readers have had advertising from you in the last 7 days (in the last 24 hours: %(day)s)."
            " Your rules let one have %(cap)s in %(days)s days.",
            week,
        )
        words = {"week": whole(week), "day": whole(day), "cap": cap.messages, "days": cap.days}
        yield Line(WARN, _("Frequency"), text % words)


CAUTIONS = (_protected_name, _page, _examples, _advertising, _spam_words, _repeated)
