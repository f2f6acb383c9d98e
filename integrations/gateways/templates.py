"""Requests that an operator writes down as a template: `{to}`, `{text}` and so on become values.

One pass over the template, and every value is encoded for its place, so that a text with braces or quotes stays a text.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, urlencode

HOLE = re.compile(r"\{([a-z_0-9]+)\}")
# What a template may name.
NAMES = frozenset(
    {"to", "to_digits", "sender", "text", "reference", "report_url", "key", "key_base64", "is_marketing", "is_unicode"}
)

Value = str | bool


class BadTemplate(ValueError):
    """The message says what is wrong, in English; `name` is the unknown placeholder, if that is it."""

    def __init__(self, message: str, name: str = "") -> None:
        super().__init__(message)
        self.name = name


def names_in(template: str) -> set[str]:
    """Raises BadTemplate for a name that there is not."""
    names = set(HOLE.findall(template))
    if unknown := sorted(names - NAMES):
        raise BadTemplate("unknown placeholder", unknown[0])
    return names


def fill_url(template: str, values: Mapping[str, Value]) -> str:
    return _fill(template, values, lambda text: quote(text, safe=""))


def fill_line(template: str, values: Mapping[str, Value]) -> str:
    """For a header: no value begins another line."""
    return _fill(template, values, lambda text: " ".join(text.split()))


def fill_form(template: str, values: Mapping[str, Value]) -> bytes:
    """`name = template`, a line each."""
    return urlencode([(name, _fill(value, values, str)) for name, value in pairs(template)]).encode()


def fill_json(template: str, values: Mapping[str, Value]) -> bytes:
    return json.dumps(_fill_tree(read_json(template), values), ensure_ascii=False).encode()


def read_json(template: str) -> Any:
    """Raises BadTemplate."""
    try:
        return json.loads(template)
    except (ValueError, RecursionError):
        raise BadTemplate("not JSON") from None


def _fill_tree(node: Any, values: Mapping[str, Value]) -> Any:
    """A placeholder that stands alone keeps its type: true and false are not words."""
    if isinstance(node, dict):
        return {name: _fill_tree(child, values) for name, child in node.items()}
    if isinstance(node, list):
        return [_fill_tree(child, values) for child in node]
    if not isinstance(node, str):
        return node
    alone = HOLE.fullmatch(node)
    return values[alone[1]] if alone else _fill(node, values, str)


def _fill(template: str, values: Mapping[str, Value], encode: Callable[[str], str]) -> str:
    return HOLE.sub(lambda hole: encode(_text(values[hole[1]])), template)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else str(int(value))


def pairs(lines: str) -> list[tuple[str, str]]:
    """`name = value` or `Name: value`, a line each; blank lines are skipped. Raises BadTemplate."""
    found = []
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, sign, value = re.match(r"([^=:]*)([=:]?)(.*)", line, re.S).groups()  # type: ignore[union-attr]
        if not sign or not name.strip():
            raise BadTemplate("not a pair")
        found.append((name.strip(), value.strip()))
    return found


def at_path(node: Any, path: str) -> str:
    """What stands at `messages.0.id` in an answer, as text; "" where nothing simple does."""
    for step in filter(None, path.split(".")):
        if isinstance(node, dict):
            node = node.get(step)
        elif isinstance(node, list) and step.isascii() and step.isdigit() and int(step) < len(node):
            node = node[int(step)]
        else:
            return ""
    if isinstance(node, bool):
        return str(node).lower()
    return str(node) if isinstance(node, str | int | float) else ""
