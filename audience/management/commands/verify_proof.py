from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from audience.ledger.proof import NotAProof, read_proof


class Command(BaseCommand):
    help = "Checks a proof file: signature, seals and evidence. The number in it is not printed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", default="", help="public key of its maker (see proof_key); ours if left out")

    def handle(self, *args: Any, file: Path, key: str, **options: Any) -> None:
        try:
            proof = read_proof(file.read_text(encoding="utf-8"), key=key)
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} can't be read.") from error
        except NotAProof as error:
            raise CommandError(f"NOT a proof. {error}") from error
        sealed = sum(bool(row["seal"]) for row in proof["ledger"])
        self.stdout.write(f"Genuine: made {proof['made_at']} by {proof['advertiser']['name']}.")
        self.stdout.write(f"{len(proof['ledger'])} statements, {sealed} of them sealed.")
