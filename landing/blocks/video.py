from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import CharBlock, URLBlock
from wagtail.images.blocks import ImageBlock

from landing.blocks.base import SHOW, LandingBlock, heading

HOSTS = {"youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo", "dailymotion.com": "Dailymotion"}


def host_of(address: str) -> str:
    """Who shows it, as people call them."""
    host = (urlsplit(address).hostname or "").removeprefix("www.").removeprefix("m.")
    return HOSTS.get(host, host)


class VideoBlock(LandingBlock):
    """A picture and a play button. Nothing of the video, or of who hosts it, is loaded before the tap."""

    heading = heading()
    address = URLBlock(label=_("Address of the video"), help_text=_("On YouTube, Vimeo or your own site."))
    image = ImageBlock(required=False, label=_("Picture"))
    title = CharBlock(max_length=80, label=_("What it shows"))
    length = CharBlock(required=False, max_length=12, label=_("Length"), help_text=_("For example 1 min 20."))

    def get_context(self, value: Any, parent_context: Mapping[str, Any] | None = None) -> dict[str, Any]:
        return {**super().get_context(value, parent_context), "host": host_of(value["address"])}

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
