#!/usr/bin/env python3
"""Chappe's two commands, and a third. Needs Python 3.11 or newer, git, and nothing else.

python3 dev.py run  [--port 8000] [--reset]   the whole product on this machine, with demo data
python3 dev.py test [--engine sqlite] [...]   every test, on SQLite and on PostgreSQL with Redis
python3 dev.py check                          style, types, borders, migrations, translations
"""

import argparse
import base64
import hashlib
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
HOME = Path(os.environ.get("CHAPPE_HOME") or ROOT / "var").resolve()
# What --reset forgets: all that the demo wrote, not the keys.
DEMO_FILES = ["chappe.sqlite3*", "simulator.sqlite3*", "journal", "media", "queue", "queue-control", "beat-schedule*"]


def main() -> int:
    if sys.version_info < (3, 11):  # noqa: UP036 (run by whatever Python is there)
        sys.exit("Chappe needs Python 3.11 or newer; this is " + sys.version.split()[0])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    run_parser = commands.add_parser("run")
    run_parser.add_argument("--port", type=int, default=8000, help="of the site; short links answer on the next one")
    run_parser.add_argument("--reset", action="store_true", help="start the demo afresh")
    commands.add_parser("test")
    commands.add_parser("check")
    options, rest = parser.parse_known_args()
    if options.command == "run":
        if rest:
            parser.error(f"unknown: {' '.join(rest)}")
        run(options)
    install("requirements-test.lock")
    module = "tests.run" if options.command == "test" else "tests.check"
    return subprocess.run([PYTHON, "-m", module, *rest], cwd=ROOT, check=False).returncode


def run(options: argparse.Namespace) -> NoReturn:
    install("requirements.lock")
    write_keys()
    if options.reset:
        forget_demo()
    environment = {**os.environ, "CHAPPE_HOME": str(HOME)}
    command = [str(PYTHON), str(ROOT / "manage.py"), "start", "--port", str(options.port)]
    os.chdir(ROOT)
    if os.name == "nt":
        sys.exit(subprocess.call(command, env=environment))
    # In our place, not under us: Ctrl-C must reach the supervisor, and nobody may kill it while it stops the rest.
    os.execve(command[0], command, environment)


def install(lock: str) -> None:
    """A virtual environment with exactly what the lock names; nothing to do while lock and project are unchanged."""
    stamp = VENV / "installed"
    wanted = fingerprint(lock)
    # The test lock holds all of the run lock: whoever tests can run.
    if stamp.exists() and stamp.read_text() in {wanted, fingerprint("requirements-test.lock")}:
        return
    if not PYTHON.exists():
        make_environment()
    print(f"Installing {lock} …", file=sys.stderr, flush=True)
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*pip, "--require-hashes", "-r", str(ROOT / lock)], check=True)
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-e", str(ROOT)], check=True)
    stamp.write_text(wanted)


def fingerprint(lock: str) -> str:
    parts = [lock.encode(), (ROOT / lock).read_bytes(), (ROOT / "pyproject.toml").read_bytes(), sys.version.encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def make_environment() -> None:
    result = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)
    if result.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        hint = "On Debian and Ubuntu: apt-get install python3-venv" if "ensurepip" in result.stdout else result.stderr
        sys.exit(f"Could not make a virtual environment. {hint}")


def write_keys() -> None:
    """Keys of this installation, made once. Whoever loses the file loses what is sealed with them: back it up."""
    path = HOME / "env"
    if path.exists():
        add_proof_key(path)
        return
    HOME.mkdir(parents=True, exist_ok=True)
    lines = [
        "# Keys of this installation, made on first start. Keep a copy: without them nothing sealed can be read.",
        "CHAPPE_DEMO=yes",
        f"CHAPPE_SECRET_KEY={secrets.token_urlsafe(48)}",
        f"CHAPPE_SEAL_KEYS=a:{new_key()}",
        f"CHAPPE_INDEX_KEY={new_key()}",
        f"CHAPPE_OPT_OUT_KEYS=a:{new_key()}",
        f"CHAPPE_PROOF_KEY={new_key()}",
    ]
    path.touch(mode=0o600)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def add_proof_key(path: Path) -> None:
    """Installations from before there were proofs get the key that signs them."""
    if not setting("CHAPPE_PROOF_KEY"):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"CHAPPE_PROOF_KEY={new_key()}\n")


def new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def forget_demo() -> None:
    if obstacle := why_not_to_forget():
        sys.exit(f"--reset is for the demo on SQLite; {obstacle}, so nothing was touched.")
    for pattern in DEMO_FILES:
        for path in HOME.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def why_not_to_forget() -> str:
    if setting("DATABASE_URL"):
        return "DATABASE_URL is set"
    if setting("CHAPPE_DEMO").lower() not in {"yes", "true", "1"} or setting("CHAPPE_LIVE"):
        return "this installation is for real customers"
    return "Chappe is running: stop it first" if is_running() else ""


def setting(name: str) -> str:
    """From the environment, or else from the home's file, as the site reads it."""
    path = HOME / "env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    written = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return os.environ.get(name, written.get(name, ""))


def is_running() -> bool:
    """Whether the supervisor that wrote the home's `running` file is alive."""
    try:
        os.kill(int((HOME / "running").read_text(encoding="utf-8").split()[2]), 0)
    except (OSError, ValueError, IndexError):
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
