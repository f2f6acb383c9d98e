"""Buttons and links of a recipient's page that lead to a shop say whose click it was; nobody else's page does."""

import re
from html import escape, unescape

from django.http import HttpResponse

from accounts.models import Workspace
from shortlinks.click_ids import CLICK_ID, click_id_of
from shortlinks.registry import leads_to_shop, shop_hosts
from shortlinks.ways import way_to

# As Django's templates and the rich text editor write it.
WEB_LINK = re.compile(r'(?<= href=")https?://[^"]+(?=")')


def tell_shops(response: HttpResponse, *, workspace: Workspace, token: str) -> None:
    """Add the click id of the visit to each address in a shop of the workspace."""
    hosts = shop_hosts(workspace) if token else frozenset[str]()
    click_id = click_id_of(workspace=workspace, token=token) if hosts else ""
    if click_id:
        html = response.content.decode()
        response.content = WEB_LINK.sub(lambda found: _told(found[0], hosts, click_id), html).encode()


def _told(written: str, hosts: frozenset[str], click_id: str) -> str:
    url = unescape(written)
    try:
        return escape(way_to(url, [], carries=CLICK_ID).with_token(click_id)) if leads_to_shop(url, hosts) else written
    except ValueError:  # an address that nobody can follow
        return written
