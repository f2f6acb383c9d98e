"""What a messenger shows of a link to a page: the same for everybody, whoever's page it was (ogp.me).

The picture is the photo of the poster; where there is none, a card in the brand's colours, drawn here.
"""

import re
from dataclasses import astuple, dataclass
from functools import lru_cache
from hashlib import sha256
from io import BytesIO
from urllib.parse import urljoin

from django.contrib.staticfiles import finders
from django.urls import reverse
from PIL import Image, ImageDraw, ImageFont

from landing import theme
from landing.merge import typeset
from landing.models import LandingPage, Theme
from landing.queries import public_url

# As large as messengers show them.
SIZE = WIDTH, HEIGHT = 1200, 630
MARGIN, LINES, LARGEST, SMALLEST = 84, 3, 104, 56
PHOTO = f"fill-{WIDTH}x{HEIGHT}|format-jpeg|jpegquality-75"
# What our fonts were cut to has no sign for anything else.
UNKNOWN = re.compile(r"[^ -~\u00a0-\u00ffŒœŸ‘’“”–—…€]+")
SPACES = re.compile(r"\s+")


@dataclass(frozen=True)
class Preview:
    """Absolute addresses of the page and of its picture."""

    address: str
    picture: str
    kind: str


@dataclass(frozen=True)
class Card:
    """What is written on a drawn picture, and in which look."""

    title: str
    brand: str
    choices: theme.Choices

    @property
    def version(self) -> str:
        return sha256(repr((self.title, self.brand, *astuple(self.choices))).encode()).hexdigest()[:12]


def preview_of(page: LandingPage) -> Preview:
    address = public_url(page)
    if page.poster:
        return Preview(address, urljoin(address, page.poster.get_rendition(PHOTO).url), "image/jpeg")
    drawn = reverse("landing_visitors:card", args=[page.pk, card_of(page).version])
    return Preview(address, urljoin(address, drawn), "image/png")


def card_of(page: LandingPage) -> Card:
    return Card(page.seo_title or page.title, page.workspace.name, Theme.of(page.workspace).choices)


@lru_cache(maxsize=64)
def drawn(card: Card) -> bytes:
    """The card as a PNG: the brand above, the title below, on the large surface of the pages."""
    roles = theme.light_roles(card.choices)
    picture = Image.new("RGB", SIZE, roles.stage)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT - 24, WIDTH, HEIGHT), fill=roles.pop)
    draw.text((MARGIN, MARGIN), _writable(card.brand), fill=roles.on_stage, font=_font(card.choices, 44))
    lines, font = _set(_writable(card.title), card.choices)
    step = font.size * 1.12
    top = HEIGHT - MARGIN - 24 - step * len(lines)
    for number, line in enumerate(lines):
        draw.text((MARGIN, top + step * number), line, fill=roles.on_stage, font=font)
    file = BytesIO()
    picture.quantize(64).save(file, "PNG", optimize=True)
    return file.getvalue()


def _writable(text: str) -> str:
    return typeset(SPACES.sub(" ", UNKNOWN.sub(" ", text.replace("\N{MINUS SIGN}", "–"))).strip())


def _set(title: str, choices: theme.Choices) -> tuple[list[str], ImageFont.FreeTypeFont]:
    """As large as it can be; what does not even fit in small letters is cut."""
    for size in range(LARGEST, SMALLEST - 1, -8):
        font = _font(choices, size)
        if len(lines := _broken(title, font)) <= LINES:
            return lines, font
    return [*lines[: LINES - 1], lines[LINES - 1] + "…"], font


def _broken(title: str, font: ImageFont.FreeTypeFont) -> list[str]:
    lines = [""]
    for word in title.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if font.getlength(longer) <= WIDTH - 2 * MARGIN or not lines[-1]:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _font(choices: theme.Choices, size: int) -> ImageFont.FreeTypeFont:
    """The font of the headings; for a voice that is every phone's own, the one that is nearest to it."""
    name = choices.font or theme.ELEGANT
    font = ImageFont.truetype(str(finders.find(name)), size)
    if name == theme.DISPLAY:
        font.set_variation_by_axes([float(theme.VOICES[choices.voice].properties["--wide"].rstrip("%"))])
    return font
