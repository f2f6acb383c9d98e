"""`Contact.has_agreed` is what the ledger says, whatever was written; see also tests/messaging/test_opposition.py."""

from audience.models import Contact
from audience.services import grant_consent
from audience.services.contacts import save_contact
from audience.services.ledger import recount
from tests.factories import TUESDAY, make_contact


def test_a_contact_that_was_read_before_a_word_keeps_what_the_ledger_says(in_workspace):
    contact = make_contact(in_workspace, consents=False)
    old_copy = Contact.objects.get(pk=contact.pk)
    yes = {"purpose": "marketing", "source": "till", "wording": "I agree.", "occurred_at": TUESDAY}
    grant_consent(workspace=in_workspace, contact=contact, now=TUESDAY, **yes)

    save_contact(contact=old_copy)

    assert Contact.objects.get(pk=contact.pk).has_agreed


def test_recounting_finds_and_mends_whoever_is_counted_otherwise_than_the_ledger_says(in_workspace, other_workspace):
    agreed, silent = (make_contact(in_workspace, f"+3363998000{n}", consents=n == 1) for n in (1, 2))
    Contact.objects.filter(pk=agreed.pk).update(has_agreed=False)
    Contact.objects.filter(pk=silent.pk).update(has_agreed=True)

    found = [recount(workspace=workspace) for workspace in (other_workspace, in_workspace, in_workspace)]

    assert found == [0, 2, 0]
    assert list(Contact.objects.filter(has_agreed=True)) == [agreed]
