from io import BytesIO
from xml.etree import ElementTree

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from shortlinks.qr import BORDER, BadColours, Style, check_colours, contrast, png, svg

ADDRESS = "https://go.lambert.example/soldes/q"
SPACE = "{http://www.w3.org/2000/svg}"


def logo(width: int = 300, height: int = 120) -> bytes:
    picture, target = Image.new("RGBA", (width, height), "#b00020"), BytesIO()
    picture.save(target, "PNG")
    return target.getvalue()


def read(picture: bytes) -> list[str]:
    """What a real reader makes of it."""
    return [found.text for found in zxingcpp.read_barcodes(Image.open(BytesIO(picture)))]


def drawn(code: bytes, scale: int = 8) -> bytes:
    """The SVG's path as a picture, drawn here: runs of modules, then the logo's clearing."""
    root = ElementTree.fromstring(code)
    side = int(root.attrib["viewBox"].split()[-1])
    picture = Image.new("RGB", (side * scale, side * scale), "white")
    draw, target = ImageDraw.Draw(picture), BytesIO()
    for path in root.findall(f"{SPACE}path")[1:]:
        for run in path.attrib["d"].replace("z", "").split("M")[1:]:
            x, y = (int(number) for number in run.split("h")[0].split())
            width, height = int(run.split("h")[1].split("v")[0]), int(run.split("v")[1].split("h")[0])
            box = (x * scale, y * scale, (x + width) * scale - 1, (y + height) * scale - 1)
            draw.rectangle(box, path.attrib["fill"])
    picture.save(target, "PNG")
    return target.getvalue()


@pytest.mark.parametrize(
    "style", [Style(), Style(logo=logo()), Style(dark="#123a5c", light="#fff4e0", logo=logo(90, 300))]
)
def test_a_reader_reads_the_address_from_both_forms(style):
    assert (read(png(ADDRESS, style)), read(drawn(svg(ADDRESS, style)))) == ([ADDRESS], [ADDRESS])


@settings(max_examples=15, deadline=None)
@given(st.from_regex(r"https://[a-z]{2,12}\.example/[A-Za-z0-9-]{1,30}/q", fullmatch=True), st.integers(120, 900))
def test_any_address_is_read_at_any_size(address, pixels):
    assert read(png(address, Style(logo=logo()), pixels=pixels)) == [address]


def test_a_small_print_is_still_read():
    small, target = Image.open(BytesIO(png(ADDRESS, Style(logo=logo())))).resize((140, 140)), BytesIO()
    small.save(target, "PNG")

    assert read(target.getvalue()) == [ADDRESS]


def test_the_quiet_zone_is_light():
    picture = Image.open(BytesIO(png(ADDRESS, Style())))
    scale = picture.width // int(ElementTree.fromstring(svg(ADDRESS, Style())).attrib["viewBox"].split()[-1])

    edge = picture.crop((0, 0, picture.width, BORDER * scale))

    assert edge.getcolors() == [(edge.width * edge.height, (255, 255, 255))]


@pytest.mark.parametrize(
    ("dark", "light"), [("#ffffff", "#000000"), ("#777777", "#ffffff"), ("#ff0000", "#ffffff"), ("#123456", "#123456")]
)
def test_colours_that_a_reader_would_miss_are_refused(dark, light):
    with pytest.raises(BadColours):
        check_colours(dark, light)


def test_contrast_is_what_the_standard_says():
    assert [round(contrast("#000000", "#ffffff"), 2), round(contrast("#767676", "#ffffff"), 2)] == [21, 4.54]


@pytest.mark.parametrize("colour", ["red", "#12345", "#1234567", '#000000"/><script>', "#00000g", "#000000\n"])
def test_nothing_but_a_colour_is_a_colour(colour):
    with pytest.raises(BadColours):
        Style(dark=colour)
