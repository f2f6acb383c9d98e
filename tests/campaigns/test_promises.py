"""What messages promise is looked for on their page, also from the page's side."""

from campaigns.models import Campaign
from landing.checks import findings_of
from tests.factories import make_campaign, make_page


def promises(page):
    return [finding for finding in findings_of(page) if finding.startswith("The message")]


def test_a_page_is_told_what_its_messages_promise_and_it_does_not(in_workspace):
    page, other = make_page(in_workspace, "Sale at -30 %"), make_page(in_workspace, "Other")
    make_campaign(in_workspace, name="Kept", contact_list=None, sender=None, text="30% off {link}", page=page)
    make_campaign(
        in_workspace, name="Broken", contact_list=None, sender=None, text="30% off, from 12,50 € {link}", page=page
    )
    make_campaign(in_workspace, name="Elsewhere", contact_list=None, sender=None, text="99 € {link}", page=other)

    assert promises(page) == ["The message “Broken” says 12,50 €, the page does not."]


def test_a_cancelled_message_promises_nothing(in_workspace):
    page = make_page(in_workspace)

    make_campaign(in_workspace, text="99 € {link}", page=page, state=Campaign.State.CANCELLED)

    assert promises(page) == []
