"""What came of a webhook, in words. Stored in English, shown in the reader's language."""

from django.utils.translation import gettext, gettext_noop

# Sentences that may be stored, so that translators find them.
SENTENCES = [
    gettext_noop("sent"),
    gettext_noop("connected"),
    gettext_noop("nothing new"),
    gettext_noop("not used"),
    gettext_noop("noted: order placed"),
    gettext_noop("noted: order paid"),
    gettext_noop("noted: order shipped"),
    gettext_noop("noted: order delayed"),
    gettext_noop("noted: order out for delivery"),
    gettext_noop("noted: order ready"),
    gettext_noop("noted: order delivered"),
    gettext_noop("noted: order cancelled"),
    gettext_noop("noted: order refunded"),
    gettext_noop("not sent: test order"),
    gettext_noop("not sent: too old"),
    gettext_noop("not sent: no mobile"),
    gettext_noop("waiting for its order"),
    gettext_noop("its order is not known"),
    gettext_noop("not sent: from before the shop was connected"),
    gettext_noop("to do within 30 days: give the customer's data to the merchant"),
    gettext_noop("to do within 30 days: erase the customer's data"),
    gettext_noop("to do within 30 days: erase the shop's data"),
]


def in_words(outcome: str) -> str:
    """An outcome, sentence by sentence, in the active language."""
    return "; ".join(gettext(sentence) for sentence in outcome.split("; ") if sentence)
