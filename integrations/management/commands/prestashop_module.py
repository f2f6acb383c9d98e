from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from integrations.shops.module_zip import module_file_name, module_zip


class Command(BaseCommand):
    help = "Pack the PrestaShop module into a zip that a back office installs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--to", type=Path, help="file to write (default: chappe-VERSION.zip here)")

    def handle(self, *, to: Path | None, **_: Any) -> None:
        target = to or Path(module_file_name())
        try:
            target.write_bytes(module_zip())
        except OSError as error:
            raise CommandError(f"{target} can't be written: {error.strerror}.") from error
        self.stdout.write(str(target))
