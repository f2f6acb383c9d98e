"""News from the phone. A receiver is one line that calls a service, and may run twice for the same news."""

from django.dispatch import Signal

# Somebody answered in words that are neither STOP nor CONTACT. Argument: `message` (InboundMessage).
# Sent inside its workspace scope, after the row is committed.
reply_received = Signal()
