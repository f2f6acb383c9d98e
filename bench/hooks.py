"""`python -m bench.hooks [--rounds 300]`: what the PrestaShop module's hooks cost a request of the shop.

Measured on our stubs of PrestaShop, with SQLite on disk as the shop database (each write a transaction of its own);
not the rest of the shop. Figures of a real shop on MariaDB are in docs/prestashop.md. The goal is 5 ms a hook.
"""

import argparse
import json
import subprocess

from bench.machine import facts
from integrations.shops.module_zip import FOLDER

SCRIPT = FOLDER.parent / "tests" / "bench.php"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    rounds = parser.parse_args().rounds
    said = subprocess.run(["php", str(SCRIPT), str(rounds)], capture_output=True, text=True, check=True).stdout
    print(json.dumps({"machine": facts(), **json.loads(said)}, indent=2))


if __name__ == "__main__":
    main()
