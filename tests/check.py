"""Everything that can be said of the code without running it: `python3 dev.py check`.

Style (ruff, djhtml), types (mypy), borders between rooms (import-linter), missing migrations, missing translations,
addresses of package registries, files that grew over 400 lines. Prints what is wrong; exits non-zero if anything is.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LONGEST_FILE = 400
OURS = {".py", ".js", ".css", ".php", ".html"}
# Split in two, so that this file does not name what it looks for.
REGISTRY_HOSTS = re.compile(
    r"py" r"pi\.org|python" r"hosted|registry\.np" r"mjs|deb\.deb" r"ian|packa" r"gist\.org|(?<!emit-)index" r"-url"
)

Problems = list[str]


def tracked_files() -> list[Path]:
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]


def tool(*command: str) -> Problems:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}"}
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return [] if result.returncode == 0 else [(result.stdout + result.stderr).strip()]


def manage(*arguments: str) -> Problems:
    from tests.environment import DEFAULTS  # sets the environment

    assert DEFAULTS
    return tool(sys.executable, "manage.py", *arguments)


def templates() -> Problems:
    files = [
        str(path) for path in tracked_files() if path.suffix == ".html" and path.is_relative_to(ROOT / "templates")
    ]
    return tool(str(BIN / "djhtml"), "--check", "--tabwidth", "2", *files) if files else []


def long_files() -> Problems:
    counts = [
        (len(path.read_bytes().splitlines()), path.relative_to(ROOT)) for path in tracked_files() if is_ours(path)
    ]
    return [f"{name}: {count} lines" for count, name in counts if count > LONGEST_FILE]


def is_ours(path: Path) -> bool:
    return path.suffix in OURS and not {"migrations", "vendor"} & set(path.parts)


def registry_hosts() -> Problems:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate(text_lines(path), start=1)
        if REGISTRY_HOSTS.search(line) or (path.suffix == ".lock" and "://" in line)
    ]


def text_lines(path: Path) -> Iterator[str]:
    data = path.read_bytes()
    if b"\0" not in data:
        yield from data.decode(errors="replace").splitlines()


def translations() -> Problems:
    """Every string of the sources is in the French catalogue, translated and not fuzzy."""
    if shutil.which("xgettext") is None:
        return ["xgettext is not here: apt-get install gettext"]
    with tempfile.TemporaryDirectory() as folder:
        fresh = extract_messages(Path(folder))
        catalogue = {(e.msgctxt, e.msgid): e for e in polib.pofile(str(ROOT / "locale/fr/LC_MESSAGES/django.po"))}
        problems = []
        for entry in fresh:
            known = catalogue.get((entry.msgctxt, entry.msgid))
            if known is None or not known.translated() or known.fuzzy or known.obsolete:
                where = ", ".join(f"{name}:{line}" for name, line in entry.occurrences[:2])
                problems.append(f"not in French: {entry.msgid[:80]!r} ({where})")
        return problems


def extract_messages(folder: Path) -> list[polib.POEntry]:
    """What makemessages would find, without touching the committed catalogue."""
    from tests.environment import DEFAULTS  # sets the environment

    assert DEFAULTS
    shutil.copytree(
        ROOT, folder / "tree", ignore=shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "*.lock")
    )
    tree = folder / "tree"
    shutil.rmtree(tree / "locale")
    (tree / "locale").mkdir()
    command = [sys.executable, "manage.py", "makemessages", "-l", "fr", "--ignore=tests/*", "--ignore=bench/*"]
    result = subprocess.run(command, cwd=tree, capture_output=True, text=True, check=False)
    if result.returncode:
        raise RuntimeError(result.stderr)
    return list(polib.pofile(str(tree / "locale/fr/LC_MESSAGES/django.po")))


CHECKS: dict[str, Callable[[], Problems]] = {
    "ruff": lambda: tool(str(BIN / "ruff"), "check", "."),
    "format": lambda: tool(str(BIN / "ruff"), "format", "--check", "."),
    "templates": templates,
    "borders": lambda: tool(str(BIN / "lint-imports"), "--no-cache"),
    "registry hosts": registry_hosts,
    "long files": long_files,
    "django": lambda: manage("check"),
    "migrations": lambda: manage("makemigrations", "--check", "--dry-run"),
    "translations": translations,
    "types": lambda: tool(str(BIN / "mypy"), "."),
}


def main() -> int:
    wanted = sys.argv[1:] or list(CHECKS)
    failed = []
    for name in wanted:
        started = time.monotonic()
        problems = CHECKS[name]()
        print(f"{'FAILED' if problems else 'ok':7}{name} ({time.monotonic() - started:.1f} s)", flush=True)
        for problem in problems:
            print("    " + problem.replace("\n", "\n    "))
        if problems:
            failed.append(name)
    print(f"checks: {len(wanted) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
