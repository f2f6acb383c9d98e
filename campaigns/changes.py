"""What becomes of a text, word by word: shown before it is done."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WORD = re.compile(r"\s*\S+|\s+$")
# Words within which two texts agree again.
NEAR = 20


@dataclass(frozen=True)
class Change:
    """A stretch of words: what goes and what comes, the same where nothing changes."""

    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def changes_between(before: str, after: str) -> Iterator[Change]:
    """All stretches in order: the left sides together are `before`, the right sides `after`.

    In linear time, whatever was pasted: what differs is looked for nearby, as mending changes words where they stand.
    """
    old, new = WORD.findall(before), WORD.findall(after)
    at = to = 0
    while at < len(old) or to < len(new):
        same = _alike(old, new, at, to)
        left, right = (same, same) if same else _apart(old, new, at, to)
        yield Change("".join(old[at : at + left]), "".join(new[to : to + right]))
        at, to = at + left, to + right


def _alike(old: Sequence[str], new: Sequence[str], at: int, to: int) -> int:
    """How many words are the same from here on."""
    count = 0
    while at + count < len(old) and to + count < len(new) and old[at + count] == new[to + count]:
        count += 1
    return count


def _apart(old: Sequence[str], new: Sequence[str], at: int, to: int) -> tuple[int, int]:
    """How many words on either side differ until they agree again; all that is left where they do not soon."""
    for apart in range(1, 2 * NEAR):
        for left in range(apart + 1):
            here, there = at + left, to + apart - left
            if here < len(old) and there < len(new) and old[here] == new[there]:
                return left, apart - left
    return len(old) - at, len(new) - to
