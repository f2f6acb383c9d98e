"""The PrestaShop module as the zip that a back office installs."""

import io
import re
import zipfile
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "prestashop" / "module"
NAME = "chappe"
# Zip files know no time before; the same sources are the same bytes, whenever they are packed.
MOMENT = (1980, 1, 1, 0, 0, 0)
READABLE = 0o100644 << 16


@cache
def module_version() -> str:
    found = re.search(r"\$this->version = '([\d.]+)'", (FOLDER / NAME / f"{NAME}.php").read_text())
    assert found  # a test compares it with config.xml
    return found[1]


@cache
def module_zip() -> bytes:
    """One top folder, sorted, with fixed times."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted(path for path in (FOLDER / NAME).rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(FOLDER).as_posix(), MOMENT)
            entry.external_attr, entry.compress_type, entry.create_system = READABLE, zipfile.ZIP_DEFLATED, 3
            archive.writestr(entry, path.read_bytes())
    return packed.getvalue()


def module_file_name() -> str:
    return f"{NAME}-{module_version()}.zip"
