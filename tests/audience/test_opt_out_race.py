"""An opposition and its contact are written at the same moment: neither transaction sees the other's row."""

import pytest
from django_scopes import scope

from accounts.keys import opt_out_hash
from audience.models import Contact, OptOut
from audience.queries import with_standing
from audience.services import add_contact, record_opt_out
from tests.factories import TUESDAY, make_contact

PHONE = "+33639980001"


def opposition(workspace):
    """As another transaction commits it."""
    with scope(workspace=workspace):
        return OptOut.objects.create(
            workspace=workspace,
            number_hash=opt_out_hash(PHONE),
            scope="marketing",
            source="STOP",
            opted_out_at=TUESDAY,
        )


def said_no(workspace):
    with scope(workspace=workspace):
        return with_standing(Contact.objects.all()).get().said_no


def test_whoever_was_added_while_they_opted_out_is_opted_out(workspace, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        record_opt_out(workspace=workspace, phone=PHONE, scope="marketing", source="STOP", now=TUESDAY)
        make_contact(workspace, PHONE)

    assert said_no(workspace)


def test_an_opposition_written_while_its_contact_was_added_is_the_contacts(
    workspace, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        add_contact(workspace=workspace, phone=PHONE, source="till")
        opposition(workspace)

    assert said_no(workspace)


@pytest.mark.parametrize("is_same_workspace", [True, False])
def test_an_opposition_under_an_older_key_is_claimed_in_its_own_workspace(
    workspace, other_workspace, settings, is_same_workspace
):
    opposition(workspace)
    settings.OPT_OUT_KEYS = ("new:" + "A" * 43 + "=", *settings.OPT_OUT_KEYS)
    here = workspace if is_same_workspace else other_workspace

    add_contact(workspace=here, phone=PHONE, source="till")

    assert said_no(here) is is_same_workspace
