"""News from short links. A receiver is one line that calls a service, and may run twice for the same news."""

from django.dispatch import Signal

# Clicks landed from the journal. Argument: `clicks` (list[bulk.Row]: the click's values), all of one workspace.
# Sent inside its workspace scope, after the transaction that landed them.
link_clicked = Signal()
