from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import engines
from django.utils.translation import override
from django_scopes import scope


def test_every_style_sheet_that_the_look_names_exists():
    sheet = Path(finders.find("chappe/admin.css")).read_text()
    names = [line.split('"')[1] for line in sheet.splitlines() if line.startswith("@import")]

    assert sorted(names) == sorted(f"admin/{path.name}" for path in (settings.ROOT / "static/chappe/admin").iterdir())


def test_admin_brings_the_look_the_brand_and_the_icons(owner_client):
    page = owner_client.get("/admin/").content.decode()
    sprite = owner_client.get("/admin/sprite/").content.decode()

    assert "/static/chappe/admin.css" in page
    assert "/static/accounts/live.js" in page
    assert '<span class="ch-brandname">Chappe</span>' in page
    assert 'id="icon-ch-send"' in sprite


def test_page_frame_puts_title_actions_and_body_in_their_places(owner_client, workspace):
    source = (
        '{% extends "accounts/page.html" %}'
        "{% block title %}Winter sale{% endblock %}"
        '{% block actions %}<a href="#">Export</a>{% endblock %}'
        "{% block body %}<p>It did.</p>{% endblock %}"
    )
    request = owner_client.get("/admin/").wsgi_request

    with scope(workspace=workspace), override("en"):
        page = engines["django"].from_string(source).render({"header_title": "Report"}, request)

    assert '<div class="ch-head__title">Winter sale</div>' in page
    assert '<div class="ch-head"><a href="#">Export</a></div>' in page.replace("\n", "")
    assert '<div class="ch-page "><p>It did.</p></div>' in page
