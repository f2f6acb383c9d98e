"""What becomes of a text, word by word: shown before it is done."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

WORD = re.compile(r"\s*\S+|\s+$")


@dataclass(frozen=True)
class Change:
    """A stretch of words: what goes and what comes, the same where nothing changes."""

    before: str
    after: str

    @property
    def is_same(self) -> bool:
        return self.before == self.after


def changes_between(before: str, after: str) -> Iterator[Change]:
    """All stretches in order: the left sides together are `before`, the right sides `after`."""
    old, new = WORD.findall(before), WORD.findall(after)
    for _kind, start, end, new_start, new_end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield Change("".join(old[start:end]), "".join(new[new_start:new_end]))
