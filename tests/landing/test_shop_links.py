"""A recipient's page hands their click on to the shop; everybody else's page has the plain address."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest
from django_scopes import scope

from shortlinks.click_ids import read_click_id
from tests.factories import make_shop
from tests.landing.test_visitors import Mailing

HREF = re.compile(r'href="(https://[^"]*example[^"]*)"')


@pytest.fixture
def mailing(workspace, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    mailing = Mailing(workspace)
    with scope(workspace=workspace):
        text = '<p><a href="https://www.shop.example/a?b=1&amp;c=2#d">A</a> <a href="https://else.example/">B</a></p>'
        mailing.page.body = json.dumps(
            [*mailing.page.body.raw_data, {"type": "text", "value": {"heading": "", "body": text}}]
        )
        mailing.page.save_revision().publish()
    return mailing


def addresses(client, address: str) -> list[str]:
    return sorted({unescape(found) for found in HREF.findall(client.get(address).content.decode())})


def test_links_to_the_shop_say_whose_click_it_was(client, mailing, other_workspace):
    make_shop(mailing.workspace, web_address="https://shop.example")
    make_shop(other_workspace, web_address="https://else.example")
    before = int(datetime.now(UTC).timestamp())

    personal, neutral = addresses(client, mailing.address(1)), addresses(client, mailing.page.url)

    assert neutral == ["https://else.example/", "https://shop.example/", "https://www.shop.example/a?b=1&c=2#d"]
    found = re.fullmatch(r"https://shop\.example/\?smsc=([\w-]{22})", personal[1])
    assert personal == [
        "https://else.example/",
        f"https://shop.example/?smsc={found[1]}",
        f"https://www.shop.example/a?b=1&c=2&smsc={found[1]}#d",
    ]
    click = read_click_id(workspace=mailing.workspace, text=found[1])
    assert (click.link, click.position) == (mailing.link, 1)
    assert before <= click.clicked_at.timestamp() <= before + 60
    assert read_click_id(workspace=other_workspace, text=found[1]) is None


def test_a_page_without_a_shop_of_ours_stays_as_it_is(client, mailing):
    assert addresses(client, mailing.address(1)) == addresses(client, mailing.page.url)


def test_a_made_up_token_tells_the_shop_nothing(client, mailing):
    make_shop(mailing.workspace, web_address="https://shop.example")

    assert "smsc" not in client.get(f"{mailing.page.url}?v={'A' * 22}").content.decode()
