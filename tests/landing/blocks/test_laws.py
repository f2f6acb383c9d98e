"""What holds for every block: in both languages, without scripts, for everybody, and whatever is typed into it."""

import json
import re
from pathlib import Path

import polib
import pytest
from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from wagtail.blocks import CharBlock, RichTextBlock, TextBlock, URLBlock

from landing.blocks import block_classes
from landing.models import LandingPage
from tests.check import ROOT
from tests.landing.blocks.showing import ALL, RUNNING, filled, leaves, shown
from tests.landing.test_bad_input import WORD

HOSTILE = """"><img src=x onerror="alert(1)"></p><script>alert(1)</script>"""
EMOJI = "🎉"
# Nothing of theirs is text: a line, and blocks that are shown by others.
WORDLESS = {"divider", "reusable", "only_for"}

every_block = pytest.mark.parametrize("name", settings.LANDING_BLOCKS)


def test_every_block_of_the_settings_is_there():
    assert list(block_classes()) == settings.LANDING_BLOCKS


@every_block
def test_a_block_is_one_file_one_template_and_one_test(name):
    assert ALL[name].meta.template == f"landing/blocks/{name}.html"
    assert Path(__file__).with_name(f"test_{name}.py").exists()


@pytest.fixture(scope="session")
def french() -> dict[str, str]:
    return {entry.msgid: entry.msgstr for entry in polib.pofile(str(ROOT / "locale/fr/LC_MESSAGES/django.po"))}


@every_block
def test_a_block_says_what_it_is_in_both_languages(name, french):
    meta = ALL[name].meta

    with translation.override("en"):
        words = [str(word) for word in (meta.label, meta.description, meta.group)]

    assert meta.icon
    assert [word for word in words if not french.get(word)] == []


@every_block
@pytest.mark.parametrize("language", ["en", "fr"])
def test_its_preview_is_for_everybody_and_runs_nothing(name, language):
    html = shown(name, ALL[name].meta.preview_value, language=language)

    assert re.findall(r"<script|<iframe|<style|\sstyle=|\son\w+=|javascript:", html) == []
    assert unnamed(BeautifulSoup(html, "html.parser")) == []


def unnamed(page: BeautifulSoup) -> list[str]:
    """Whatever a screen reader could not name, and names that point nowhere."""
    ids = {str(tag["id"]) for tag in page.select("[id]")}
    pointing = [tag for tag in page.select("[aria-labelledby]") if tag["aria-labelledby"] not in ids]
    silent = [tag for tag in page.select("a, button, summary, [role=img], [role=group]") if not name_of(tag)]
    pictures = [tag for tag in page.select("img") if not tag.has_attr("alt")]
    drawings = [tag for tag in page.select("svg") if not (hidden(tag) or name_of(tag))]
    labelled = {str(tag["for"]) for tag in page.select("label[for]")}
    fields = [
        tag
        for tag in page.select("input:not([type=hidden]), select, textarea")
        if not (tag.get("id") in labelled or tag.get("aria-label") or tag.find_parent("label"))
    ]
    return [str(tag)[:120] for tag in (*pointing, *silent, *pictures, *drawings, *fields)]


def name_of(tag: Tag) -> str:
    return str(tag.get("aria-label") or tag.get("aria-labelledby") or tag.get_text(strip=True))


def hidden(tag: Tag) -> bool:
    return any(each.get("aria-hidden") == "true" or each.get("role") == "img" for each in (tag, *tag.parents))


@every_block
def test_what_is_typed_stays_text(name):
    html = shown(name, filled(ALL[name], HOSTILE))

    page = BeautifulSoup(html, "html.parser")
    assert page.select("script, [onerror], [src=x]") == []
    assert ("onerror" in page.get_text()) == (name not in WORDLESS)


@every_block
def test_nothing_but_emoji_is_shown(name):
    assert (EMOJI in shown(name, filled(ALL[name], EMOJI))) == (name not in WORDLESS)


@every_block
def test_no_text_is_without_an_end(name):
    texts = [leaf for leaf in leaves(ALL[name]) if isinstance(leaf, CharBlock | TextBlock)]

    assert [leaf.label for leaf in texts if not is_refused(leaf, "x" * 5_000)] == []


@every_block
@pytest.mark.parametrize("address", RUNNING)
def test_no_link_runs_anything(name, address):
    links = [leaf for leaf in leaves(ALL[name]) if isinstance(leaf, URLBlock)]

    assert [leaf.label for leaf in links if not is_refused(leaf, address)] == []


def is_refused(leaf: CharBlock, value: str) -> bool:
    try:
        leaf.clean(leaf.to_python(value))
    except ValidationError:
        return True
    return False


@every_block
def test_what_is_pasted_from_word_keeps_its_words_and_loses_the_rest(name):
    rich = [leaf for leaf in leaves(ALL[name]) if isinstance(leaf, RichTextBlock)]

    sources = [leaf.value_from_datadict({"t": json.dumps(WORD)}, {}, "t").source for leaf in rich]

    assert [source for source in sources if "Prices" not in source] == []
    assert re.findall(r"mso|javascript|style", " ".join(sources)) == []


def preview(client, name: str) -> str:
    stream = LandingPage.hero.field.stream_block if name == "hero" else LandingPage.body.field.stream_block
    response = client.get("/admin/block-preview/", {"id": stream.child_blocks[name].definition_prefix})
    assert response.status_code == 200
    return response.content.decode()


def test_the_picker_shows_every_block_as_a_sample_visitor_would_see_it(owner_client):
    shown_in_picker = {name: preview(owner_client, name) for name in settings.LANDING_BLOCKS}

    assert [name for name, block in ALL.items() if not block.is_previewable] == []
    assert [name for name, html in shown_in_picker.items() if "--bg:#f3efe7" not in html or "<script" in html] == []
    assert "Camille, 32" in shown_in_picker["hero"]
