import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django_scopes import scope

from landing.blocks import block_classes, blocks_for
from landing.blocks.offer import promo_pools
from landing.models import LandingPage
from landing.visitors import ANYONE, SAMPLE, Visitor
from messaging.models import PromoCode, PromoPool
from tests.factories import make_contact

BODY = dict(blocks_for("body"))


def preview(client: Client, name: str) -> str:
    stream = LandingPage.hero.field.stream_block if name == "hero" else LandingPage.body.field.stream_block
    response = client.get("/admin/block-preview/", {"id": stream.child_blocks[name].definition_prefix})
    assert response.status_code == 200
    return response.content.decode()


def test_every_block_of_the_settings_is_there():
    assert list(block_classes()) == settings.LANDING_BLOCKS


def test_every_block_has_a_template_of_its_name_and_a_place_in_the_picker():
    for name, block in block_classes().items():
        assert block().meta.template == f"landing/blocks/{name}.html"
        assert block().meta.group


@pytest.mark.parametrize("name", settings.LANDING_BLOCKS)
def test_a_block_says_what_it_is_and_shows_itself_in_the_picker(owner_client, name):
    block = dict(blocks_for("hero") + blocks_for("body"))[name]

    html = preview(owner_client, name)

    assert block.meta.icon
    assert block.meta.label
    assert block.meta.description
    assert block.is_previewable
    assert "--bg:#f3efe7" in html
    assert "<script" not in html


def test_the_preview_of_the_poster_greets_a_sample_visitor(owner_client):
    assert "Camille, 32" in preview(owner_client, "hero")


def test_text_blocks_take_merge_fields():
    block = BODY["text"]

    html = block.render(block.to_python({"heading": "Hello {first_name|you}", "body": ""}), {"visitor": SAMPLE})

    assert "Hello Camille" in html


def test_merge_fields_without_fallback_are_refused_on_the_form():
    block = BODY["call_to_action"]

    with pytest.raises(ValidationError):
        block.clean(block.to_python({"heading": "For {first_name}"}))


def test_a_highlighted_block_stands_on_a_panel():
    block = BODY["text"]

    html = block.render(block.to_python({"heading": "Hello", "body": "", "is_highlighted": True}), {"anchor": "a"})

    assert 'class="panel"' in html


@pytest.mark.django_db  # a page looks its content type up
def test_a_call_to_action_without_button_repeats_the_main_action():
    block = BODY["call_to_action"]
    page = LandingPage(action_label="Enter", action_target="https://shop.example/")

    html = block.render(block.to_python({"heading": "Come in"}), {"page": page, "anchor": "a"})

    assert 'class="btn" href="https://shop.example/"' in html


def test_a_phone_number_becomes_a_call():
    block = BODY["call_to_action"]
    value = {"heading": "Ask us", "label": "Call", "target": "06 39 98 00 00"}

    assert 'href="tel:0639980000"' in block.render(block.to_python(value), {"anchor": "a"})


@pytest.mark.parametrize("target", ["javascript:alert(1)", "/relative", "data:text/html,x", "call me"])
def test_a_button_leads_to_a_web_address_or_a_phone(target):
    block = BODY["call_to_action"]

    with pytest.raises(ValidationError):
        block.clean(block.to_python({"heading": "Ask us", "label": "Go", "target": target}))


def test_the_offer_shows_each_visitor_their_own_code(in_workspace):
    claire, paul = (make_contact(in_workspace, f"+3363998000{number}") for number in (1, 2))
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter")
    for contact, code in ((claire, "LISA-1"), (paul, "LISA-2")):
        PromoCode.objects.create(workspace=in_workspace, pool=pool, contact=contact, code=code)
    block = BODY["offer"]
    value = block.to_python({"figure": "−40 %", "text": "on all", "pool": str(pool.pk)})

    pages = [block.render(value, {"visitor": Visitor("", contact.pk)}) for contact in (claire, paul)]

    assert ["LISA-1" in html for html in pages] == [True, False]
    assert ["LISA-2" in html for html in pages] == [False, True]
    neutral = block.render(value, {"visitor": ANYONE})
    assert "LISA" not in neutral
    assert '<code class="code"' not in neutral


def test_a_code_that_everybody_shares_is_shown_to_everybody(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="Winter", shared_code="WINTER")
    block = BODY["offer"]

    html = block.render(
        block.to_python({"figure": "−40 %", "text": "on all", "pool": str(pool.pk)}), {"visitor": ANYONE}
    )

    assert '<code class="code" data-copied="Copied">WINTER</code>' in html


def test_only_promo_codes_of_the_workspace_can_be_chosen(workspace, other_workspace):
    with scope(workspace=workspace):
        PromoPool.objects.create(workspace=workspace, name="Ours")
    with scope(workspace=other_workspace):
        theirs = PromoPool.objects.create(workspace=other_workspace, name="Theirs", shared_code="THEIRS")
    block = BODY["offer"]
    value = block.to_python({"figure": "−40 %", "text": "on all", "pool": str(theirs.pk)})

    with scope(workspace=workspace):
        offered = promo_pools()
        html = block.render(value, {"visitor": ANYONE})
        with pytest.raises(ValidationError):
            block.clean(value)

    assert [name for _pk, name in offered] == ["Ours"]
    assert "THEIRS" not in html
    assert promo_pools() == []
