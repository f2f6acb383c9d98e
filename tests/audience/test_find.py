import pytest
from django.urls import reverse

from tests.factories import make_contact

FIND = reverse("audience_contacts:find")


@pytest.mark.parametrize("written", ["+33639980042", "06 39 98 00 42", "0033 6 39 98 00 42"])
def test_a_number_leads_to_its_contact_and_stays_out_of_the_address(owner_client, workspace, written):
    contact = make_contact(workspace, "+33639980042")

    response = owner_client.post(FIND, {"number": written})

    assert (response.status_code, response.url) == (302, reverse("audience_contacts:inspect", args=[contact.pk]))


@pytest.mark.parametrize("written", ["+33639980042", "nonsense", "", "06 39"])
def test_a_number_that_nobody_here_has_leads_back_to_the_list(owner_client, other_workspace, written):
    make_contact(other_workspace, "+33639980042")

    response = owner_client.post(FIND, {"number": written})

    assert (response.status_code, response.url) == (302, reverse("audience_contacts:index"))


def test_nobody_finds_by_get(owner_client):
    assert owner_client.get(FIND, {"number": "+33639980042"}).status_code == 405
