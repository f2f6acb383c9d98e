"""What a page weighs, and what a careful colleague would say before it is published."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from wagtail.images import get_image_model
from wagtail.images.models import AbstractImage

from landing import theme
from landing.blocks import all_blocks
from landing.contents import addresses_of
from landing.models import LandingPage, LinkTrial, Theme
from landing.placeholders import Placeholder, placeholders_of
from landing.registry import registered_findings
from landing.services.trying import NO_ANSWER, NO_SUCH_HOST, PRIVATE
from landing.visitors import ANYONE

# What reaches a phone before anything is seen: one round trip of a new connection (ten packets, RFC 6928).
LIGHT_PAGE = 14 * 1024
# A picture of a poster, and any other, at the width of a phone.
LIGHT_POSTER, LIGHT_PICTURE = 60 * 1024, 30 * 1024
PHONE_WIDTH = 780
FONT_BYTES = 20 * 1024


@dataclass(frozen=True)
class Part:
    """Something that is loaded: its bytes, and why it is heavy, if it is."""

    name: str
    size: int
    why: str = ""


@dataclass(frozen=True)
class Weight:
    parts: list[Part]

    @property
    def total(self) -> int:
        return sum(part.size for part in self.parts)


def weight_of(page: LandingPage) -> Weight:
    """As a phone loads it. Draws the pictures that are missing, so not for a view that must be quick."""
    html = len(gzip.compress(page.response(ANYONE, is_private=True).content, 6))
    why = _("Texts and blocks no longer fit into one round trip: shorten them, or make two pages.")
    parts = [Part(_("Words, style and drawings"), html, why if html > LIGHT_PAGE else "")]
    if font := Theme.of(page.workspace).choices.font:
        parts.append(Part(_("Font of the headings (%(name)s)") % {"name": theme.FONTS[font].family}, FONT_BYTES))
    poster = {child.value["photo"].pk for child in page.hero if child.value.get("photo")}
    parts += [_picture(image, is_poster=image.pk in poster) for image in pictures_of(page)]
    return Weight(parts)


def _picture(image: AbstractImage, *, is_poster: bool) -> Part:
    drawn = [each for each in image.renditions.all() if each.file.name.endswith(".avif") and each.width <= PHONE_WIDTH]
    size = max((each.file.size for each in drawn), default=0)
    limit = LIGHT_POSTER if is_poster else LIGHT_PICTURE
    why = _("Much detail: take a calmer picture, or a smaller part of it.") if size > limit else ""
    return Part(_("Picture “%(title)s”") % {"title": image.title}, size, why)


def pictures_of(page: LandingPage) -> list[AbstractImage]:
    """The images of the page, each once, in order."""
    streams = (*page.hero, *all_blocks(page.body))
    keys = dict.fromkeys(key for child in streams for key in _images_in(child.block.get_prep_value(child.value)))
    found = get_image_model().objects.filter(collection=page.workspace.collection).in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def _images_in(value: Any) -> Iterator[int]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name in {"photo", "image"} and isinstance(inner, int):
                yield inner
            else:
                yield from _images_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _images_in(inner)


def findings_of(page: LandingPage) -> list[str]:
    """What is missing or looks wrong; nothing of it stops anybody."""
    blocks = list(all_blocks(page.body))
    names = {child.block_type for child in blocks}
    found = []
    if names & {"offer", "promo_code", "products"} and "terms" not in names:
        words = _("The page makes an offer, but says no terms: add the block “%(name)s”.")
        found.append(words % {"name": _("Legal terms")})
    if any(child.block_type == "promo_code" and not child.value.get("pool") for child in blocks):
        found.append(_("A promo code block has no promo codes: choose them, or nobody sees a code."))
    if page.action is None and "form" not in names:
        found.append(_("There is no main action: say what visitors should do."))
    found += map(_to_replace, placeholders_of(page))
    if theme.moves(Theme.of(page.workspace).choices):
        found.append(_("Some of your colours are hard to read; pages show them darker or lighter (Look of the pages)."))
    if not page.search_description:
        found.append(_("Shared links show no description: write one under Promote."))
    return [*found, *_dead(page), *registered_findings(page)]


def _to_replace(placeholder: Placeholder) -> str:
    words = _("%(block)s: %(example)s is only an example, put your own.")
    return words % {"block": placeholder.block, "example": placeholder.example}


def _dead(page: LandingPage) -> list[str]:
    """What the last trial of its links found, of those that are still there."""
    trial = LinkTrial.objects.filter(page=page.pk).first()
    troubles = trial.troubles if trial else {}
    return [_trouble(address, troubles[address]) for address in addresses_of(page) if address in troubles]


def _trouble(address: str, trouble: str) -> str:
    words = {
        NO_SUCH_HOST: _("%(address)s leads nowhere: no server has that name."),
        PRIVATE: _("%(address)s leads into a private network, where visitors can't go."),
        NO_ANSWER: _("%(address)s does not answer."),
    }
    return words.get(trouble, _("%(address)s answers with an error (%(trouble)s).")) % {
        "address": address,
        "trouble": trouble,
    }
