#!/usr/bin/env python
"""Django's command line; `site/` joins the path first, so that it works before any install."""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent / "site"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chappe.settings")
    from django.core.management import execute_from_command_line  # the path is set above

    execute_from_command_line(sys.argv)
