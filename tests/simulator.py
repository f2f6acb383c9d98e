"""The simulated operator in tests: its calls reach our webhook through Django's test client."""

from urllib.parse import urlsplit

from django.test import Client
from django.utils import timezone

from integrations.services import inbox
from integrations.simulator import news


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    return Client().post(urlsplit(url).path, body, content_type=headers["content-type"], headers=headers).status_code


def ring() -> int:
    """Whatever is due reaches the webhook and is worked on; how many reports and answers it was."""
    told = news.tell(post=post)
    inbox.sweep(now=timezone.now())
    return told
