from typing import Any

import polib
from django.conf import settings
from django.core.management import BaseCommand
from django.utils.translation.reloader import translation_file_changed


class Command(BaseCommand):
    help = "Compiles the translations (locale/*/LC_MESSAGES/*.po to .mo) where they are older than their source."

    def handle(self, *args: Any, **options: Any) -> None:
        for source in (settings.ROOT / "locale").glob("*/LC_MESSAGES/*.po"):
            target = source.with_suffix(".mo")
            if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
                polib.pofile(str(source)).save_as_mofile(str(target))
                # What this process has read before is forgotten: the demo's pages are written in these words.
                translation_file_changed(sender=None, file_path=target)
