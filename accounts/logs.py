"""Phone numbers stay out of logs: whatever looks like one is masked."""

import logging
import re

# With a plus sign (or its URL-encoded form) wherever it stands; French, with separators; a bare run of digits.
NUMBER = re.compile(
    r"(?:\+|%2B)\d{7,15}"
    r"|(?<!\d)(?:\+33|0033|0)[ .-]?[1-9](?:[ .-]?\d\d){4}(?!\d)"
    r"|(?<!\w)(?<!\d[.:-])\d{9,15}(?!\w)(?![.:-]\d)"
)


def mask_number(number: str) -> str:
    """`+33612345678` → `+33•••••678`."""
    return f"{number[:3]}•••••{number[-3:]}" if len(number) > 6 else "•••"


def mask_text(text: str) -> str:
    return NUMBER.sub(lambda match: mask_number(match[0]), text)


class MaskingFormatter(logging.Formatter):
    """Masks the finished line with its traceback: an exception quotes what a caller passed."""

    def format(self, record: logging.LogRecord) -> str:
        return mask_text(super().format(record))
