"""Changing a payload before it is replayed."""

import json
from collections.abc import Callable
from typing import Any

# What a leaf becomes, by the name it stands under; list items stand under the list's name.
Change = Callable[[str, Any], Any]


def rewrite(body: bytes, change: Change) -> bytes:
    """The JSON body with every leaf passed through `change`."""
    return json.dumps(_walk("", json.loads(body), change), ensure_ascii=False).encode()


def _walk(name: str, value: Any, change: Change) -> Any:
    if isinstance(value, dict):
        return {key: _walk(key, child, change) for key, child in value.items()}
    if isinstance(value, list):
        return [_walk(name, child, change) for child in value]
    return change(name, value)
