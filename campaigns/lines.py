"""A line of the report card."""

from dataclasses import dataclass

from django.utils.functional import Promise

OK, WARN, STOP = "ok", "warn", "stop"


@dataclass(frozen=True)
class Line:
    """One rule of the report card: green, amber or red, and how to mend it."""

    tone: str
    subject: str | Promise
    text: str
    mend_label: str = ""
    mend_url: str = ""
    # Only owners may follow it.
    is_owners: bool = False
    # A button of the composer instead of a link: "mend", or "insert" with what it puts into the text.
    mend_action: str = ""
    mend_text: str = ""
    # The form field it speaks of.
    field: str | None = None
