"""News from landing pages. A receiver is one line that calls a service, and may run twice for the same news."""

from enum import StrEnum

from django.dispatch import Signal


class Trust(StrEnum):
    """Whose number a form has: anybody can type anybody's."""

    # It came by the link that was sent to that very number.
    OWN = "own"
    TYPED = "typed"
    # One of many numbers that were typed at one line within the hour.
    CROWD = "crowd"


# Somebody sent a form of a page. Arguments: `conversion` (Conversion, goal FORM) with page, contact (None where nobody
# is known), link and position; `trust`. Sent inside its workspace's scope, once the answer is committed; the same
# answer sent again, or one that takes the place of an earlier one, is no news.
form_submitted = Signal()
