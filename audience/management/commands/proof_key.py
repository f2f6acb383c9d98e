from typing import Any

from django.core.management import BaseCommand

from audience.ledger.keys import public_key


class Command(BaseCommand):
    help = "Prints the public half of the key that signs proof files: give it to whoever has to check one."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(public_key())
