"""News from short links. A receiver is one line that calls a service, and may run twice for the same news."""

from datetime import datetime
from typing import NamedTuple

from django.dispatch import Signal


class Told(NamedTuple):
    """What is told of a click; the rest stands in its row."""

    workspace_id: int
    link_id: int
    position: int | None
    clicked_at: datetime
    verdict: str


# Clicks have landed from the journal, or turned out to be human. Argument: `clicks` (list[Told]), all of one workspace.
# Sent inside its workspace scope and inside the transaction that notes it as told: what fails or dies is told again.
link_clicked = Signal()
