from typing import Any

from django.core.management import BaseCommand, CommandError

from accounts.services import KeyChanged, KeyLost, verify_fingerprints


class Command(BaseCommand):
    help = "Refuses when a key that must never change has changed or is gone; run before anything starts."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            verify_fingerprints()
        except KeyLost as error:
            raise CommandError(
                f"The key {error} of this database is not configured. Oppositions written under it would be forgotten:"
                " put it back into CHAPPE_OPT_OUT_KEYS (new keys go in front, old ones stay)."
            ) from error
        except KeyChanged as error:
            raise CommandError(
                f"The key {error} is not the one this database was written with: numbers and oppositions would not be"
                " found again. Restore CHAPPE_INDEX_KEY and CHAPPE_OPT_OUT_KEYS from your backup."
            ) from error
