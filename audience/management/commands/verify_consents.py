from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand, CommandError
from django_scopes import scope

from accounts.models import Workspace
from audience.ledger.verifying import Broken, verify_ledger


class Command(BaseCommand):
    help = "Reads every ledger of consents and names the first row that was altered, deleted or inserted."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="", help="short name; all of them if left out")

    def handle(self, *args: Any, workspace: str, **options: Any) -> None:
        workspaces = Workspace.objects.filter(slug=workspace) if workspace else Workspace.objects.order_by("slug")
        if not workspaces:
            raise CommandError("There is no such workspace.")
        broken = [each for each in workspaces if not self.is_sound(each)]
        if broken:
            raise CommandError(f"Not what was sealed: {', '.join(each.slug for each in broken)}.")

    def is_sound(self, workspace: Workspace) -> bool:
        with scope(workspace=workspace):
            try:
                sound = verify_ledger(workspace=workspace)
            except Broken as error:
                self.stderr.write(f"{workspace.slug}: {error}")
                return False
        self.stdout.write(
            f"{workspace.slug}: {sound.sealed} sealed, {sound.unsealed} not sealed yet, head {sound.head}"
        )
        return True
