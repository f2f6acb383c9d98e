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
    gettext_noop("not the address of a Shopify shop"),
    gettext_noop("Shopify refuses the app’s client id and secret"),
    gettext_noop("Shopify refuses our token"),
    gettext_noop("Shopify asks us to wait"),
    gettext_noop("Shopify can’t be reached"),
    gettext_noop("Shopify’s answer could not be understood"),
    gettext_noop("Shopify could not answer: a scope of the app may be missing"),
    gettext_noop("nothing kept of them"),
    gettext_noop("erased: the customer"),
    gettext_noop("erased: the people of this shop"),
    gettext_noop("its content was erased"),
    gettext_noop("uninstalled: nothing is sent for this shop any more"),
    gettext_noop("noted: cart"),
    gettext_noop("noted: cart left"),
    gettext_noop("noted: customer"),
    gettext_noop("noted: customer without a mobile"),
    gettext_noop("not used: this customer was erased"),
    gettext_noop("agreement without a mobile number"),
    gettext_noop("agreement without its words"),
    gettext_noop("agreement without a date"),
    gettext_noop("refusal without a mobile number"),
    gettext_noop("no more offers by SMS"),
    gettext_noop("refusal older than a later agreement"),
    gettext_noop("shop switched off"),
    gettext_noop("the shop can’t be reached"),
    gettext_noop("the shop refuses our call: connect it again"),
    gettext_noop("the shop’s answer could not be understood"),
    gettext_noop("the module in the shop is too old: install the one offered here"),
    gettext_noop("not sent: shop switched off"),
    gettext_noop("not sent: ordered meanwhile"),
]

# Sentences that go on with what only the call knows.
BEGINNINGS = {
    "unreadable: ": gettext_noop("unreadable: %(what)s"),
    "unreadable events: ": gettext_noop("unreadable events: %(what)s"),
}


def in_words(outcome: str) -> str:
    """An outcome, sentence by sentence, in the active language."""
    return "; ".join(_said(sentence) for sentence in outcome.split("; ") if sentence)


def _said(sentence: str) -> str:
    """What of a body could not be read stays as it is: it names fields of the format."""
    for start, words in BEGINNINGS.items():
        if sentence.startswith(start):
            return gettext(words) % {"what": sentence.removeprefix(start)}
    return gettext(sentence)
