"""The services of docs/deploy.md: systemd understands them, and every command takes the options it is given."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, get_commands, load_command_class

from tests.installation import ROOT

PAGE = (ROOT / "docs/deploy.md").read_text()
PROGRAMS = Path(sys.executable).parent
PREFIX = "/opt/chappe/.venv/bin/"


def unit_of(page: str) -> str:
    """The one unit that is written out."""
    [unit] = re.findall(r"^    \[Unit\]\n(?:    .*\n|\n)+", page, re.MULTILINE)
    return re.sub(r"^    ", "", unit, flags=re.MULTILINE)


def commands_of(page: str) -> dict[str, str]:
    """What each service starts, by its row of the table; what the row leaves out stands in the unit."""
    rows = dict(re.findall(r"^\| `(chappe-\w+)` \| `(.+?)` \|", page, re.MULTILINE))
    [whole] = re.findall(rf"^ExecStart={PREFIX}(.+)$", unit_of(page), re.MULTILINE)
    return {name: whole if "…" in row else row for name, row in rows.items()}


def refusal(command: str) -> str:
    """Why a command would not start as it is written; empty when it would. Nothing is started."""
    program, *arguments = shlex.split(command)
    if arguments[0] == "manage.py":
        return refusal_of_manage(*arguments[1:])
    # Click reads all options before it prints its help.
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'site'}{os.pathsep}{ROOT}"}
    asked = [PROGRAMS / program, *arguments, "--help"]
    done = subprocess.run(asked, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else ""


def refusal_of_manage(name: str, *arguments: str) -> str:
    app = get_commands().get(name)
    if app is None:
        return f"no command {name}"
    command = load_command_class(app, name)
    command._called_from_command_line = False
    try:
        command.create_parser("manage.py", name).parse_args(arguments)
    except CommandError as error:
        return str(error)
    return ""


def test_the_page_names_four_services():
    assert list(commands_of(PAGE)) == ["chappe-web", "chappe-redirect", "chappe-worker", "chappe-beat"]


@pytest.mark.parametrize("name", commands_of(PAGE))
def test_every_service_starts_a_command_that_takes_its_options(name):
    assert refusal(commands_of(PAGE)[name]) == ""


@pytest.mark.parametrize("name", commands_of(PAGE))
def test_an_option_that_is_none_would_be_noticed(name):
    assert "--nonsense" in refusal(f"{commands_of(PAGE)[name]} --nonsense 1")


def test_what_a_clean_machine_is_told_to_run_exists():
    told = re.findall(r"manage\.py (\w+)", PAGE)

    assert {"migrate", "check_keys", "redirect"} <= set(told)
    assert set(told) - set(get_commands()) == set()


def verified(unit: Path) -> "subprocess.CompletedProcess[str]":
    if shutil.which("systemd-analyze") is None and os.environ.get("CI") != "true":
        pytest.skip("apt-get install systemd")
    return subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", commands_of(PAGE))
def test_systemd_understands_the_units(name, tmp_path):
    unit = re.sub(r"ExecStart=.*", f"ExecStart={PREFIX}{commands_of(PAGE)[name]}", unit_of(PAGE))
    path = tmp_path / f"{name}.service"
    path.write_text(unit.replace(PREFIX, f"{PROGRAMS}/").replace("/opt/chappe", str(ROOT)))

    done = verified(path)

    assert [line for line in done.stderr.splitlines() if name in line] == []
    assert done.returncode == 0, done.stderr


def test_systemd_would_notice_what_it_does_not_understand(tmp_path):
    path = tmp_path / "chappe-odd.service"
    path.write_text(unit_of(PAGE).replace("KillMode=mixed", "KillMode=gently").replace(PREFIX, "/nowhere/"))

    done = verified(path)

    assert "Failed to parse kill mode" in done.stderr
    assert done.returncode != 0
