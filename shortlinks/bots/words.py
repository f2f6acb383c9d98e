"""The reasons of verdicts in words, for whoever reads why a visit counts or does not."""

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

Words = str | Promise

WORDS: dict[str, Words] = {
    # Human.
    "browser": _("a browser, in every respect"),
    "browser-over-http": _("a browser, over a connection without encryption"),
    "browser-old": _("an older browser"),
    "browser-emulated": _("a browser that imitates a phone"),
    "page-shown": _("the page was shown"),
    # Bot.
    "head": _("asked without wanting the page"),
    "prefetch": _("fetched ahead, before anybody looked"),
    "names-its-operator": _("a machine that names its operator"),
    "script": _("a script on a page"),
    "no-user-agent": _("no name of a browser"),
    "monitor": _("monitoring service"),
    "robot:described": _("calls itself a robot"),
    "robot:listed": _("on the public list of robots"),
    "crawler:ai": _("robot of an AI service"),
    "scanner:security": _("security scanner"),
    "preview:other": _("preview of the link"),
    "program:headless": _("a browser without a window"),
    "program:library": _("a program, not a browser"),
    "program:app": _("an app in the background"),
    # Unsure.
    "unknown-client": _("not a browser that we know"),
    "unknown-product": _("a browser with an unknown addition"),
    "no-html": _("did not ask for a page"),
    "no-page": _("asked for something within a page"),
    "no-language": _("names no language"),
    "odd-language": _("names its languages oddly"),
    "language-of-another-browser": _("names its languages as another browser does"),
    "accept-of-another-browser": _("asks as another browser does"),
    "hints-of-another-browser": _("contradicts itself about its browser"),
    "no-hints": _("says less than its browser would"),
    "no-fetch-metadata": _("does not say how it was opened, as its browser would"),
    "no-upgrade": _("does not ask for encryption, as its browser would"),
    "odd-encoding": _("takes odd encodings"),
    "browser-of-old": _("a browser that nobody has any more"),
    "one-network-many-codes": _("one network opened many codes at once"),
    "too-soon-and-no-page": _("opened as soon as delivered, and the page was never shown"),
}
# What stands before the colon, with the name behind it.
KINDS = {
    "preview": _("preview by {name}"),
    "crawler": _("search robot of {name}"),
    "scanner": _("scanner of {name}"),
}
NAMES = {
    "imessage": "iMessage",
    "google-messages": "Google Messages",
    "whatsapp": "WhatsApp",
    "linkedin": "LinkedIn",
    "kakao": "KakaoTalk",
    "line": "LINE",
}


def words_of(reason: str) -> Words:
    """What a reason means; the reason itself where it is of another version of ours."""
    if reason in WORDS:
        return WORDS[reason]
    kind, colon, name = reason.partition(":")
    if not colon or kind not in KINDS:
        return reason
    return format_lazy(KINDS[kind], name=NAMES.get(name, name.capitalize()))
