import pytest
from django_scopes import scope

from audience.models import Consent, Contact
from messaging.models import Attempt, Message
from tests.factories import make_contact

PHONES = ("+33639980001", "+33639980002", "+33639980003")


@pytest.fixture
def people(workspace):
    return [make_contact(workspace, phone) for phone in PHONES]


def test_among_finds_what_in_finds(workspace, people):
    first, second, _third = people
    wanted = {"pk": {first.pk, second.pk, 0}, "phone_index": {first.phone_index, b"none"}, "phone_hint": {"it's \\"}}

    with scope(workspace=workspace):
        for name, values in wanted.items():
            expected = Contact.objects.filter(**{f"{name}__in": values}).order_by("pk")
            assert list(Contact.objects.filter(**{f"{name}__among": values}).order_by("pk")) == list(expected)
        assert set(Consent.objects.filter(contact__among={second.pk}).values_list("contact", flat=True)) == {second.pk}
        assert set(Contact.objects.exclude(pk__among={first.pk})) == set(people[1:])


def test_among_nothing_is_nothing_and_asks_nothing(workspace, people, django_assert_num_queries):
    with scope(workspace=workspace), django_assert_num_queries(0):
        assert list(Contact.objects.filter(pk__among=set())) == []
        assert list(Attempt.objects.filter(message__among=set())) == []
        assert Message.objects.filter(pk__among=set()).update(reason="x") == 0
