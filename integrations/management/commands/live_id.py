from typing import Any

from django.core.management.base import BaseCommand

from integrations.services.accounts import live_id


class Command(BaseCommand):
    help = "Print the id to put into CHAPPE_LIVE, so that accounts other than the simulator may send."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(live_id())
