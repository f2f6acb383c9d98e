"""The simulated operator in tests: its calls reach our webhook through Django's test client."""

from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from accounts.keys import keyed_index
from integrations.models import GatewayAccount
from integrations.services import inbox
from integrations.simulator import bulk, news


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    return Client().post(urlsplit(url).path, body, content_type=headers["content-type"], headers=headers).status_code


def ring() -> int:
    """Whatever is due reaches the webhook and is worked on; how many reports and answers it was."""
    told = news.tell(post=post)
    inbox.sweep(now=timezone.now())
    return told


def texts_on(account: GatewayAccount, phone: str) -> list[str]:
    """What this phone got, in order."""
    thread = bulk.thread(str(account.public_id), keyed_index(phone).hex(), 30)
    return [message.text for message in thread if not message.is_inbound]
