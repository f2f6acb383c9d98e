"""QR codes of short addresses, as SVG for print and PNG for screens.

Readers find dark modules on a light ground; colours that are too alike, or the wrong way round, are refused. A logo in
the middle hides modules, so it comes with the strongest error correction (H: ISO/IEC 18004 lets 30 % of the code be
lost) and stays well below that.
"""

import base64
import re
from dataclasses import dataclass
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, ImageDraw, ImageOps
from qrcode.constants import ERROR_CORRECT_H, ERROR_CORRECT_M
from qrcode.main import QRCode

COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
# The quiet zone that the standard asks for, in modules.
BORDER = 4
# Side of the logo's clearing, as a share of the symbol's side: 22 % of the side is 5 % of the area.
LOGO_SHARE = 0.22
# Of the two colours, by WCAG's formula. Cheap cameras in a shop window need more than eyes do on a screen.
LEAST_CONTRAST = 5.0
LOGO_PIXELS = 400


class BadColours(ValueError):
    """A reader would not tell the two colours apart; the message says what to do."""


@dataclass(frozen=True)
class Style:
    """Colours as `#rrggbb`; `logo` is the bytes of a picture, or nothing."""

    dark: str = "#000000"
    light: str = "#ffffff"
    logo: bytes = b""

    def __post_init__(self) -> None:
        if not (COLOUR.fullmatch(self.dark) and COLOUR.fullmatch(self.light)):
            raise BadColours(_("Write colours as # and six digits, such as #123a5c."))


def check_colours(dark: str, light: str) -> None:
    """Raises BadColours unless `dark` stands out darkly against `light`."""
    if luminance(dark) >= luminance(light):
        raise BadColours(_("The code must be darker than its background: most readers see nothing else."))
    if contrast(dark, light) < LEAST_CONTRAST:
        raise BadColours(
            _(
                "These two colours are too alike to be read (contrast %(is)s, needed %(least)s):"
                " take a darker code or a lighter background."
            )
            % {"is": f"{contrast(dark, light):.1f}", "least": f"{LEAST_CONTRAST:.0f}"}
        )


def contrast(one: str, other: str) -> float:
    """From 1 to 21 (WCAG 2.2, contrast ratio)."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """From 0 to 1 (WCAG 2.2, relative luminance)."""
    red, green, blue = (_linear(int(colour[place : place + 2], 16) / 255) for place in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def svg(address: str, style: Style) -> bytes:
    """The code as one path, a unit a module; prints sharp at any size. Raises BadColours."""
    check_colours(style.dark, style.light)
    modules = _modules(address, style)
    side = len(modules)
    runs = "".join(
        f"M{start} {row}h{end - start}v1h-{end - start}z"
        for row, line in enumerate(modules)
        for start, end in _runs(line)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="{style.light}" d="M0 0h{side}v{side}H0z"/><path fill="{style.dark}" d="{runs}"/>'
        f"{_svg_logo(side, style)}</svg>"
    ).encode()


def png(address: str, style: Style, *, pixels: int = 1000) -> bytes:
    """The code, about `pixels` a side: a module is a whole number of them, so that no edge blurs. Raises BadColours."""
    check_colours(style.dark, style.light)
    modules = _modules(address, style)
    scale = max(1, round(pixels / len(modules)))
    picture = Image.new("RGB", (len(modules) * scale,) * 2, style.light)
    draw = ImageDraw.Draw(picture)
    for row, line in enumerate(modules):
        for start, end in _runs(line):
            draw.rectangle((start * scale, row * scale, end * scale - 1, row * scale + scale - 1), style.dark)
    if style.logo:
        side, place = _clearing(len(modules))
        draw.rectangle(
            (place * scale, place * scale, (place + side) * scale - 1, (place + side) * scale - 1), style.light
        )
        room = (side - 1) * scale
        logo = ImageOps.contain(_logo(style), (room, room))
        middle = ((picture.width - logo.width) // 2, (picture.height - logo.height) // 2)
        picture.paste(logo, middle, logo)
    return _png_bytes(picture)


def _modules(address: str, style: Style) -> list[list[bool]]:
    code = QRCode(error_correction=ERROR_CORRECT_H if style.logo else ERROR_CORRECT_M, border=BORDER)
    code.add_data(address)
    code.make(fit=True)
    return code.get_matrix()


def _runs(line: list[bool]) -> list[tuple[int, int]]:
    """(start, end) of each stretch of dark modules."""
    edges = [
        place for place, (before, now) in enumerate(zip([False, *line], [*line, False], strict=True)) if before != now
    ]
    return list(zip(edges[::2], edges[1::2], strict=True))


def _clearing(side: int) -> tuple[int, int]:
    """Side and place, in modules, of the square that is kept free for the logo: in the very middle."""
    own = side - 2 * BORDER
    room = int(own * LOGO_SHARE)
    room += (own - room) % 2
    return room, (side - room) // 2


def _svg_logo(side: int, style: Style) -> str:
    if not style.logo:
        return ""
    room, place = _clearing(side)
    data = base64.b64encode(_png_bytes(_logo(style))).decode()
    return (
        f'<path fill="{style.light}" d="M{place} {place}h{room}v{room}h-{room}z"/>'
        f'<image x="{place + 0.5}" y="{place + 0.5}" width="{room - 1}" height="{room - 1}"'
        f' href="data:image/png;base64,{data}"/>'
    )


def _logo(style: Style) -> Image.Image:
    with Image.open(BytesIO(style.logo)) as logo:
        return ImageOps.contain(logo.convert("RGBA"), (LOGO_PIXELS, LOGO_PIXELS))


def _png_bytes(picture: Image.Image) -> bytes:
    target = BytesIO()
    picture.save(target, "PNG", optimize=True)
    return target.getvalue()
