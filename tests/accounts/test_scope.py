import pytest
from django_scopes import scope
from django_scopes.exceptions import ScopeError

from audience.models import Contact
from tests.factories import make_contact


def test_default_manager_raises_outside_a_scope(workspace):
    make_contact(workspace)

    with pytest.raises(ScopeError):
        Contact.objects.count()


def test_default_manager_shows_only_the_scope_of_its_workspace(workspace, other_workspace):
    ours = make_contact(workspace, "+33639980001")
    make_contact(other_workspace, "+33639980002")

    with scope(workspace=workspace):
        assert list(Contact.objects.all()) == [ours]


def test_phone_is_sealed_in_the_database_and_read_back_in_clear(workspace, django_db_blocker):
    contact = make_contact(workspace, "+33639980001")

    with scope(workspace=workspace):
        raw = Contact.objects.filter(pk=contact.pk).extra(select={"raw": "phone"}).values_list("raw", flat=True)[0]
        assert Contact.objects.get().phone == "+33639980001"
    assert b"39980001" not in bytes(raw)
