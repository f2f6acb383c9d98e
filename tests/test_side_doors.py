"""The borders that import-linter can't see: names in strings that point to a room on the left, and raw SQL."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# From left to right; the two in the middle do not know each other.
ROOMS = [
    "chappe",
    "reports",
    "campaigns",
    "landing",
    "messaging",
    "integrations",
    ("audience", "shortlinks"),
    "accounts",
]
RANK = {room: rank for rank, rooms in enumerate(ROOMS) for room in ([rooms] if isinstance(rooms, str) else rooms)}
NAMES = "|".join(RANK)
URL_NAME = re.compile(rf"""["']({NAMES}):[\w:-]+["']""")
TEMPLATE_PATH = re.compile(rf"""["']({NAMES})/[\w/.-]+\.(?:html|txt|svg|css|js)["']""")
# `static/chappe` and `templates/chappe` hold what the house shows everywhere; the house's style is nobody's secret.
SHARED_FILES = re.compile(r"""["']chappe/""")
RELATIONS = {"ForeignKey", "OneToOneField", "ManyToManyField", "ParentalKey", "ParentalManyToManyField"}


def is_left_of(named: str, room: str) -> bool:
    """Whether `room` may not name `named`: it stands to the left, or beside it."""
    return RANK[named] <= RANK[room] and named != room


def sources(room: str) -> Iterator[Path]:
    folder = ROOT / "site" / "chappe" if room == "chappe" else ROOT / room
    yield from (path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def templates(room: str) -> Iterator[Path]:
    yield from (ROOT / "templates" / room).rglob("*.*")


def lines_of(room: str) -> Iterator[tuple[Path, int, str]]:
    for path in [*sources(room), *templates(room)]:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            yield path.relative_to(ROOT), number, line


def left_names(room: str, pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{path}:{number} names {match[0]}"
        for path, number, line in lines_of(room)
        for match in pattern.finditer(line)
        if is_left_of(match[1], room) and not SHARED_FILES.match(match[0])
    ]


def calls(path: Path) -> Iterator[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def called_name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


@pytest.mark.parametrize("room", RANK)
def test_url_names_never_point_left(room):
    assert left_names(room, URL_NAME) == []


@pytest.mark.parametrize("room", RANK)
def test_template_and_static_paths_never_point_left(room):
    assert left_names(room, TEMPLATE_PATH) == []


@pytest.mark.parametrize("room", RANK)
def test_no_relation_names_its_model_by_a_dotted_string(room):
    dotted = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(room)
        for call in calls(path)
        if called_name(call) in RELATIONS
        and call.args
        and isinstance(call.args[0], ast.Constant)
        and "." in str(call.args[0].value)
    ]
    assert dotted == []


@pytest.mark.parametrize("room", RANK)
def test_no_model_is_fetched_by_name(room):
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(room)
        for call in calls(path)
        if called_name(call) == "get_model"
    ]
    assert found == []


@pytest.mark.parametrize("room", RANK)
def test_cursors_live_in_bulk_files(room):
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sources(room)
        if path.name != "bulk.py"
        for call in calls(path)
        if called_name(call) in {"cursor", "raw", "extra", "RawSQL", "executemany"}
    ]
    assert found == []


def test_every_signal_says_what_it_carries():
    undocumented = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in ROOT.glob("*/signals.py")
        for before, line in pairwise(path.read_text(encoding="utf-8").splitlines())
        if line.endswith("= Signal()") and not before.startswith("#")
    ]
    assert undocumented == []


def test_the_guard_itself_sees_a_name_that_points_left():
    assert is_left_of("reports", "accounts")
    assert is_left_of("audience", "shortlinks")
    assert not is_left_of("accounts", "reports")
    assert URL_NAME.findall("""reverse("reports:campaign")""") == ["reports"]
    assert TEMPLATE_PATH.findall("""{% include 'campaigns/part.html' %}""") == ["campaigns"]
