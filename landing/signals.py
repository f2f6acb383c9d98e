"""News from landing pages. A receiver is one line that calls a service, and may run twice for the same news."""

from django.dispatch import Signal

# A visitor reached a goal of a page. Argument: `conversion` (Conversion). Sent inside its workspace scope.
form_submitted = Signal()
