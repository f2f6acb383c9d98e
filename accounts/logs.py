"""Phone numbers stay out of logs: whatever looks like one is masked."""

import logging
import re

NUMBER = re.compile(r"(?<![\w.:-])(\+?\d{2,3})(\d{4,8})(\d{3})(?![\w.:-])")


def mask_number(number: str) -> str:
    """`+33612345678` → `+33•••••678`."""
    return f"{number[:3]}•••••{number[-3:]}" if len(number) > 6 else "•••"


def mask_text(text: str) -> str:
    return NUMBER.sub(lambda match: f"{match[1]}•••••{match[3]}", text)


class MaskNumbers(logging.Filter):
    """Logging filter: masks what looks like a phone number in the finished message."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = mask_text(record.getMessage()), ()
        return True
