"""`manage.py replay_webhook SHOP FILE`: sign a payload, post it to the running site, say what came of it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.queries import shop_webhook_url
from integrations.services import replay


class Command(BaseCommand):
    help = "Sign a shop's payload, post it to the running site, and say what came of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("shop", help="id, name or platform of a connected shop")
        parser.add_argument("file", type=Path, help="a JSON body, such as those in tests/payloads/")
        parser.add_argument("--phone", default="", help="put this number wherever the payload has one")
        parser.add_argument("--fresh", action="store_true", help="a new order, placed now, that is no test order")
        parser.add_argument("--topic", default="", help="what the shop calls this news (default: from the file's name)")
        parser.add_argument("--url", default="", help="where to post (default: the shop's address on this site)")

    def handle(self, *, shop: str, file: Path, phone: str, fresh: bool, topic: str, url: str, **_: Any) -> None:
        now = timezone.now()
        try:
            connection, body = replay.find_shop(shop), file.read_bytes()
            topic = topic or replay.topic_of(file.name)
            ready = replay.prepare(shop=connection, body=body, topic=topic, phone=phone, is_fresh=fresh, now=now)
            delivery = replay.post(replay=ready, url=url or shop_webhook_url(connection), now=now)
        except OSError as error:
            raise CommandError(f"{file} can't be read: {error.strerror}.") from error
        except ValueError as error:
            raise CommandError(f"{file} is not JSON, or not of this platform.") from error
        except (replay.NoSuchShop, replay.SiteRefused) as error:
            raise CommandError(str(error)) from error
        outcome = replay.wait_for_outcome(delivery=delivery)
        if not outcome:
            raise CommandError("Stored, but no worker has seen to it within 10 seconds: is one running?")
        self.stdout.write(outcome)
