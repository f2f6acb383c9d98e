from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.blocks import ChoiceBlock, ListBlock, StructBlock, StructValue, URLBlock

from landing.blocks.base import BUILD, LandingBlock, heading

NETWORKS = [
    (name.lower(), name)
    for name in ("Instagram", "Facebook", "TikTok", "YouTube", "Pinterest", "LinkedIn", "WhatsApp", "Mastodon")
] + [("site", _("Our site"))]


class ProfileValue(StructValue):
    @property
    def label(self) -> Any:
        return dict(NETWORKS).get(self["network"], self["network"])


class ProfileBlock(StructBlock):
    network = ChoiceBlock(choices=NETWORKS, default="instagram", label=_("Where"))
    address = URLBlock(label=_("Address"))

    class Meta:
        icon = "link"
        label = _("Profile")
        value_class = ProfileValue


class SocialBlock(LandingBlock):
    """Where else the brand can be followed: plain links, nothing of the networks is loaded."""

    heading = heading()
    profiles = ListBlock(ProfileBlock(), min_num=1, max_num=8, label=_("Profiles"))

    class Meta:
        icon = "group"
        label = _("Social networks")
        description = _("Links to the brand's own profiles. Nothing of the networks is loaded.")
        group = BUILD
        template = "landing/blocks/social.html"
        preview_value = {
            "heading": _("Follow us"),
            "profiles": [
                {"network": "instagram", "address": "https://example.com/"},
                {"network": "facebook", "address": "https://example.com/"},
            ],
        }
