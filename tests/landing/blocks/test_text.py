"""What has to be said in words."""

from landing.visitors import SAMPLE, Visitor
from tests.landing.blocks.showing import refused, shown


def test_it_takes_merge_fields_in_heading_and_text():
    value = {"heading": "Hello {first_name|you}", "body": "<p>See you, {first_name|dear customer}.</p>"}

    html, neutral = shown("text", value, visitor=SAMPLE), shown("text", value)

    assert ("Hello Camille" in html, "See you, Camille." in html) == (True, True)
    assert ("Hello you" in neutral, "See you, dear customer." in neutral) == (True, True)


def test_a_hostile_first_name_is_text_in_rich_text_too():
    html = shown("text", {"body": "<p>{first_name|you}</p>"}, visitor=Visitor("<script>x</script>", 1))

    assert "<p>&lt;script&gt;x&lt;/script&gt;</p>" in html


def test_highlighted_it_stands_on_a_panel():
    assert 'class="panel"' in shown("text", {"heading": "Hello", "body": "", "is_highlighted": True})


def test_without_a_heading_it_is_no_section_without_a_name():
    assert "<section" not in shown("text", {"body": "<p>So.</p>"})


def test_fields_that_a_page_must_not_show_are_refused():
    assert refused("text", {"heading": "{phone|x}", "body": "<p>x</p>"})
    assert refused("text", {"body": "<p>{last_name|x}</p>"})
