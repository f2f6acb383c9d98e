from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django.utils import timezone

from chappe.demo.load import NotADemo, load_demo


class Command(BaseCommand):
    help = "Loads the demo on first call; later, follows the address of the short links. Refuses production settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--short-host", default="127.0.0.1:8001", help="host and port of the redirect")

    def handle(self, *args: Any, short_host: str, **options: Any) -> None:
        try:
            load_demo(short_host=short_host, now=timezone.now())
        except NotADemo as error:
            raise CommandError(str(error)) from error
