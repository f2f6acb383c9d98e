"""News from landing pages. A receiver is one line that calls a service, and may run twice for the same news."""

from django.dispatch import Signal

# Somebody sent a form of a page. Argument: `conversion` (Conversion, goal FORM) with page, contact (None where nobody
# is known), link and position. Sent inside its workspace's scope, once the answer is committed; the same answer sent
# again, or one that takes the place of an earlier one, is no news.
form_submitted = Signal()
