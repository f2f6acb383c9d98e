"""`python -m tests.template` makes an empty, migrated database; each worker of a run starts on a copy of it.

Migrating takes half a minute of a processor, and a run has three workers on each engine.
"""

import os
import shutil
from pathlib import Path
from typing import Any

# The template's name, set by tests/run.py: a file, or a database of the same server.
VARIABLE = "CHAPPE_TEST_TEMPLATE"


def start_from_template(database: dict[str, Any]) -> None:
    """Lets a test database begin as a copy of the template. `--reuse-db` keeps Django from making a file anew."""
    if database["ENGINE"].endswith("sqlite3"):
        begin_with_template(database["TEST"]["NAME"])
    elif template := os.environ.get(VARIABLE):
        database["TEST"]["TEMPLATE"] = template


def begin_with_template(path: Path | str) -> None:
    """A SQLite file to be: as a copy of the template, where the run has one."""
    if template := os.environ.get(VARIABLE):
        shutil.copyfile(template, path)


def main() -> None:
    import tests.environment  # noqa: F401  (before Django reads its settings)

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chappe.settings")
    import django
    from django.db import connection

    django.setup()
    connection.settings_dict["TEST"]["NAME"] = os.environ[VARIABLE]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()


if __name__ == "__main__":
    main()
