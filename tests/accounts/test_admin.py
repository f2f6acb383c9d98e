from django.test import Client
from django_scopes import scope

from audience.models import ContactList
from campaigns.models import Campaign
from tests.factories import make_list, make_member


def test_row_that_is_in_use_stays_and_the_screen_says_so(workspace):
    contact_list = make_list(workspace)
    with scope(workspace=workspace):
        Campaign.objects.create(workspace=workspace, name="Winter sale", contact_list=contact_list)
    client = Client(headers={"accept-language": "en"})
    client.force_login(make_member(workspace))
    client.get("/admin/")  # from the first page on, Wagtail's reference index follows our rows

    response = client.post(f"/admin/audience/lists/delete/{contact_list.pk}/", follow=True)

    assert [str(message).strip() for message in response.context["messages"]] == [
        "“Customers” is still in use and stays."
    ]
    with scope(workspace=workspace):
        assert ContactList.objects.get() == contact_list
