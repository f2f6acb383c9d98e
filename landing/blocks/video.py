import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, URLBlock
from wagtail.images.blocks import ImageBlock

from landing.blocks.base import SHOW, LandingBlock, Source, heading

YOUTUBE = "https://www.youtube-nocookie.com/embed/{}?autoplay=1&rel=0"
VIMEO = "https://player.vimeo.com/video/{}?autoplay=1&dnt=1"
DAILYMOTION = "https://geo.dailymotion.com/player.html?video={}"
# How each of them is asked to play in somebody else's page, with as few traces as it offers:
# support.google.com/youtube/answer/171780, developer.vimeo.com/player/sdk/embed, developers.dailymotion.com/player.
EMBEDS = (
    (re.compile(r"https://(?:www\.|m\.)?youtube\.com/(?:watch\?(?:[^#]*&)?v=|shorts/)([\w-]{11})(?![\w-])"), YOUTUBE),
    (re.compile(r"https://youtu\.be/([\w-]{11})(?![\w-])"), YOUTUBE),
    (re.compile(r"https://(?:www\.)?vimeo\.com/(\d+)(?!\d)"), VIMEO),
    (re.compile(r"https://(?:www\.)?dailymotion\.com/video/(\w+)"), DAILYMOTION),
)
FILE = re.compile(r"https://[a-z0-9.-]+(?::\d+)?/[^?#]*\.(?:mp4|webm)(?:[?#].*)?", re.IGNORECASE)
HOSTS = {"youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo", "dailymotion.com": "Dailymotion"}


def origin_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def host_of(address: str) -> str:
    """Who shows it, as people call them."""
    host = (urlsplit(address).hostname or "").removeprefix("www.").removeprefix("m.")
    return HOSTS.get(host, host)


def player_of(address: str) -> str:
    """The address that plays the video inside of a page; empty where only its own page does."""
    found = ((pattern.match(address), player) for pattern, player in EMBEDS)
    return next((player.format(match[1]) for match, player in found if match), "")


class VideoBlock(LandingBlock):
    """A picture and a play button. Nothing of the video, or of who hosts it, is loaded before the tap.

    A tap plays it in the page, which lets in that one host and nobody else; without scripts it opens where it is.
    """

    scripts = ("film",)

    heading = heading()
    address = URLBlock(label=_("Address of the video"), help_text=_("On YouTube, Vimeo or your own site."))
    image = ImageBlock(required=False, label=_("Picture"))
    title = CharBlock(max_length=80, label=_("What it shows"))
    length = CharBlock(required=False, max_length=12, label=_("Length"), help_text=_("For example 1 min 20."))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        address = value["address"]
        is_file = FILE.fullmatch(address) is not None
        context = {"host": host_of(address), "player": player_of(address), "file": address if is_file else ""}
        return {**super().get_context(value, parent_context), **context}

    def sources(self, value: Any) -> Iterable[Source]:
        address = value["address"]
        if player := player_of(address):
            yield "frame-src", origin_of(player)
        elif FILE.fullmatch(address):
            yield "media-src", origin_of(address)

    class Meta:
        icon = "media"
        label = _("Video")
        description = _("A picture with a play button: the video is asked for when somebody taps it, and not before.")
        group = SHOW
        template = "landing/blocks/video.html"
        preview_value = {
            "heading": _("The collection in motion"),
            "address": "https://www.youtube.com/watch?v=dQw4w9WgXcQ",
            "title": _("The workshop in one minute"),
            "length": "1 min",
        }
