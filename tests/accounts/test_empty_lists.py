"""What a list says while there is nothing in it."""

import pytest
from django.urls import reverse

from tests.factories import make_member, make_workspace

pytestmark = pytest.mark.django_db

EMPTY = {
    "audience_tags": "No tag yet.",
    "audience_topics": "No topic yet.",
    "audience_attributes": "No attribute yet.",
    "audience_imports": "Nothing has been imported yet.",
    "audience_audit": "leaves a line here",
    "audience_lists": "No list yet.",
    "shortlinks_links": "No short link yet.",
}


@pytest.mark.parametrize(("space", "words"), EMPTY.items(), ids=EMPTY)
def test_an_empty_list_says_what_it_is_for(space, words, client):
    client.force_login(make_member(make_workspace()))

    page = client.get(reverse(f"{space}:index")).text

    assert (words in page, "Nothing matches" in page) == (True, False)
