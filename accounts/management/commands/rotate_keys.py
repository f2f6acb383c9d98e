from typing import Any

from django.core.management import BaseCommand, CommandError

from accounts.keys import seal_keys
from accounts.rotation import Progress, rotate


class Command(BaseCommand):
    help = (
        "Seals every number, secret and stored body anew under the first key of CHAPPE_SEAL_KEYS, while the site runs."
        " Safe to interrupt and to repeat. Opt-out keys and the index key are never touched."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        results: dict[str, Progress] = {}
        for progress in rotate():
            results[progress.store] = progress
            if progress.total:
                self.stdout.write(f"{progress.store}: {progress.done:,} of {progress.total:,}")
        unreadable = sum(progress.unreadable for progress in results.values())
        if unreadable:
            raise CommandError(
                f"{unreadable:,} values could not be opened with any key of CHAPPE_SEAL_KEYS. Put the key that sealed"
                " them back, and run this again before you remove any key."
            )
        self.stdout.write(
            f"{sum(progress.done for progress in results.values()):,} values are now under key {seal_keys()[0].id};"
            " once this prints 0, no other key is in use any more."
        )
