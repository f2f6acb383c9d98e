"""What people bring that no page can show: it is refused with a sentence, or harmless."""

import io
import json
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from wagtail.images.forms import get_image_form
from wagtail.images.models import Image as WagtailImage

from landing.blocks import blocks_for
from landing.models import LandingPage
from tests.factories import make_page

HERO = dict(blocks_for("hero"))["hero"]
BODY = dict(blocks_for("body"))
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
WORD = {
    "blocks": [
        {
            "key": "a",
            "text": "Prices from Word",
            "type": "unstyled",
            "depth": 0,
            "inlineStyleRanges": [{"offset": 0, "length": 6, "style": "mso-fareast-font-family"}],
            "entityRanges": [{"offset": 0, "length": 6, "key": 0}],
        }
    ],
    "entityMap": {"0": {"type": "LINK", "mutability": "MUTABLE", "data": {"url": "javascript:alert(1)"}}},
}


def refusal_of(name: str, content: bytes, kind: str) -> list[str]:
    form = get_image_form(WagtailImage)({"title": "x"}, {"file": SimpleUploadedFile(name, content, kind)})
    form.is_valid()
    return [str(message) for message in form.errors.get("file", [])]


def flat_png(width: int, height: int) -> bytes:
    """A few kilobytes that unfold into one bit for each of these points."""
    target = io.BytesIO()
    Image.new("1", (width, height)).save(target, "PNG")
    return target.getvalue()


@pytest.mark.django_db
def test_a_drawing_with_a_script_is_not_an_image():
    assert refusal_of("logo.svg", SVG, "image/svg+xml") != []
    assert refusal_of("logo.png", SVG, "image/png") != []


@pytest.mark.django_db
@pytest.mark.parametrize(("width", "height"), [(9000, 6700), (9400, 9400)])
def test_a_picture_of_too_many_points_is_refused_with_the_number(width, height):
    content = flat_png(width, height)

    (message,) = refusal_of("huge.png", content, "image/png")

    assert len(content) < 100_000
    assert "50000000" in message.replace(",", "").replace("\xa0", "")


def bomb(width: int, height: int) -> bytes:
    """A few bytes that say they are billions of points."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.django_db
def test_a_picture_that_would_not_fit_into_memory_is_refused_unopened():
    content = bomb(100_000, 100_000)

    assert len(content) < 1_000
    assert refusal_of("bomb.png", content, "image/png") != []


@pytest.mark.parametrize("name", ["text", "faq"])
def test_what_is_pasted_from_word_keeps_its_words_and_loses_the_rest(name):
    block = BODY[name].child_blocks["body"] if name == "text" else BODY[name].child_blocks["questions"].child_block
    rich = block if name == "text" else block.child_blocks["answer"]

    value = rich.value_from_datadict({"t": json.dumps(WORD)}, {}, "t")

    assert "Prices" in value.source
    assert [word for word in ("mso", "javascript", "style") if word in value.source] == []


@pytest.mark.parametrize(
    ("block", "value"),
    [
        (HERO, {"title": "x" * 5000}),
        (HERO, {"title": "x", "video": "javascript:alert(1)"}),
        (BODY["products"], {"products": [{"name": "x", "link": "javascript:alert(1)"}]}),
        (BODY["video"], {"title": "x", "address": "javascript:alert(1)"}),
        (BODY["choices"], {"choices": [{"label": "x", "link": "javascript:alert(1)"}]}),
        (BODY["social"], {"profiles": [{"network": "site", "address": "data:text/html,x"}]}),
        (BODY["call_to_action"], {"heading": "x", "label": "x", "target": "javascript:alert(1)"}),
    ],
)
def test_headlines_without_end_and_links_that_run_code_are_refused(block, value):
    with pytest.raises(ValidationError):
        block.clean(block.to_python(value))


@pytest.mark.django_db
def test_a_title_of_5000_characters_is_refused(workspace):
    page = make_page(workspace)
    page.title = "x" * 5000

    with pytest.raises(ValidationError) as refused:
        page.full_clean()

    assert "title" in refused.value.message_dict


def test_a_page_of_nothing_but_emoji_has_an_address_and_is_shown(client, workspace):
    page = LandingPage(title="🎉🎉🎉", hero=json.dumps([{"type": "hero", "value": {"title": "🎉"}}]))

    workspace.root_page.add_child(instance=page)

    assert page.slug == "page"
    assert "🎉" in client.get(page.url).content.decode()


def test_two_pages_do_not_share_an_address(workspace):
    make_page(workspace, "Sale")

    with pytest.raises(ValidationError) as refused:
        make_page(workspace, "Sale")

    assert "slug" in refused.value.message_dict
