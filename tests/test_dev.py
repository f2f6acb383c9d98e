"""The commands of dev.py that can be tested without installing anything."""

import importlib.util
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from chappe.management.commands.start import child_environment
from tests import run

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(tmp_path, monkeypatch):
    """dev.py as a module, with a home of its own."""
    monkeypatch.setenv("CHAPPE_HOME", str(tmp_path))
    specification = importlib.util.spec_from_file_location("dev_under_test", ROOT / "dev.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_dev_imports_the_standard_library_only():
    source = (ROOT / "dev.py").read_text(encoding="utf-8")
    imported = {line.split()[1].split(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}

    assert imported <= sys.stdlib_module_names


def test_keys_are_made_once_and_kept_from_others(dev, tmp_path):
    dev.write_keys()
    first = (tmp_path / "env").read_text()
    dev.write_keys()

    assert (tmp_path / "env").read_text() == first
    assert stat.S_IMODE((tmp_path / "env").stat().st_mode) == 0o600


def test_reset_forgets_the_demo_and_keeps_the_keys(dev, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    dev.write_keys()
    (tmp_path / "chappe.sqlite3").touch()
    (tmp_path / "journal").mkdir()

    dev.forget_demo()

    assert sorted(path.name for path in tmp_path.iterdir()) == ["env"]


def test_reset_refuses_a_database_server(dev, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://somewhere/real")
    (tmp_path / "chappe.sqlite3").touch()

    with pytest.raises(SystemExit, match="nothing was touched"):
        dev.forget_demo()
    assert (tmp_path / "chappe.sqlite3").exists()


@pytest.mark.parametrize(
    "line", ["DATABASE_URL=postgresql://x/real", "CHAPPE_DEMO=no", "CHAPPE_DEMO=", "CHAPPE_LIVE=1234"]
)
def test_reset_refuses_what_the_home_says_is_no_demo(dev, tmp_path, monkeypatch, line):
    for name in ("DATABASE_URL", "CHAPPE_DEMO", "CHAPPE_LIVE"):
        monkeypatch.delenv(name, raising=False)
    dev.write_keys()
    name = line.partition("=")[0]
    others = [each for each in (tmp_path / "env").read_text().splitlines() if not each.startswith(name)]
    (tmp_path / "env").write_text("\n".join([*others, line]))
    (tmp_path / "chappe.sqlite3").touch()

    with pytest.raises(SystemExit, match="nothing was touched"):
        dev.forget_demo()
    assert (tmp_path / "chappe.sqlite3").exists()


def test_reset_refuses_while_the_site_is_running(dev, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    dev.write_keys()
    (tmp_path / "running").write_text(f"# process {os.getpid()}\n")
    (tmp_path / "chappe.sqlite3").touch()

    with pytest.raises(SystemExit, match="nothing was touched"):
        dev.forget_demo()
    assert (tmp_path / "chappe.sqlite3").exists()


def test_a_suite_that_was_killed_has_failed(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["tests.run"])
    monkeypatch.setattr(run, "run_suite", lambda *_: -signal.SIGSEGV)
    monkeypatch.setattr(run, "run_on_postgresql", lambda _: 0)

    assert run.main() != 0


def test_empty_variables_mean_the_default_to_the_children_too(monkeypatch):
    monkeypatch.setenv("CHAPPE_BASE_URL", "")
    monkeypatch.setenv("CHAPPE_SHORT_LINK_SCHEME", "")

    environment = child_environment(site="http://127.0.0.1:9000")

    assert environment["CHAPPE_BASE_URL"] == "http://127.0.0.1:9000"
    assert environment["CHAPPE_SHORT_LINK_SCHEME"] == "http"


def test_start_refuses_a_port_that_somebody_uses(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        result = subprocess.run(
            [sys.executable, "manage.py", "start", "--port", str(port)],
            cwd=ROOT, env={**os.environ, "CHAPPE_HOME": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip

    assert result.returncode == 1
    assert f"Port {port} is taken" in result.stderr
    assert not (tmp_path / "chappe.sqlite3").exists()
