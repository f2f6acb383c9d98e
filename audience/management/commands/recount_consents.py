from typing import Any

from django.core.management import BaseCommand

from accounts.models import Workspace
from audience.services.ledger import recount


class Command(BaseCommand):
    help = "Counts anew who has agreed to marketing, from the ledger; says how many contacts were counted otherwise."

    def handle(self, *args: Any, **options: Any) -> None:
        for workspace in Workspace.objects.order_by("slug"):
            self.stdout.write(f"{workspace.slug}: {recount(workspace=workspace)} counted otherwise")
