from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from django.db.models import ExpressionWrapper, F
from django_scopes import scope, scopes_disabled

from accounts.keys import opt_out_hashes
from accounts.rotation import rotate, sealed_columns, under_other_keys
from audience.models import Contact, OptOutScope
from audience.queries import contact_of, is_opted_out
from audience.services import record_opt_out
from integrations.simulator import bulk
from tests.environment import fixed_key
from tests.factories import TUESDAY, make_contact
from tests.tenants import make_tenant

OLD, NEW = f"a:{fixed_key('s')}", f"b:{fixed_key('t')}"
PHONE = "+33639980001"


@pytest.fixture
def stored(db):
    """A row of each model in two workspaces, and two messages in the operator's books."""
    for marker in ("ours", "theirs"):
        make_tenant(marker)
    bulk.add("one", [bulk.Entry("r1", PHONE, "LAMBERT", "Bonjour")], 0)
    bulk.add("two", [bulk.Entry("r2", PHONE, "BRETON", "Salut")], 0)


def values() -> dict[str, list[object]]:
    """What every sealed column says, opened."""
    with scopes_disabled():
        return {
            f"{model._meta.label}.{field}": list(model._default_manager.order_by("pk").values_list(field, flat=True))
            for model, field in sealed_columns()
        }


def under_other() -> dict[str, int]:
    with scopes_disabled():
        counts = {
            f"{model._meta.label}.{name}": under_other_keys(model, name).count() for model, name in sealed_columns()
        }
    return {name: count for name, count in counts.items() if count}


def sealed_bytes(model: type[models.Model], field: str) -> list[bytes]:
    raw = ExpressionWrapper(F(field), output_field=models.BinaryField())
    with scopes_disabled():
        return [bytes(value) for value in model._default_manager.order_by("pk").values_list(raw, flat=True)]


def test_after_a_rotation_nothing_needs_the_old_key(stored, settings):
    before = values()
    assert all(before.values()), "a sealed column has no row in this test"

    settings.SEAL_KEYS = [NEW, OLD]
    assert set(under_other()) == set(before)
    progress = list(rotate())
    settings.SEAL_KEYS = [NEW]

    assert (values(), under_other()) == (before, {})
    assert [found.text for found in bulk.thread("one", bulk._index(PHONE), 5)] == ["Bonjour"]
    assert {step.store for step in progress} == {*before, "simulator"}


def test_a_second_run_finds_nothing_to_do(stored, settings):
    settings.SEAL_KEYS = [NEW, OLD]
    call_command("rotate_keys", stdout=StringIO())
    before = sealed_bytes(Contact, "phone")
    output = StringIO()

    call_command("rotate_keys", stdout=output)

    assert sealed_bytes(Contact, "phone") == before
    assert output.getvalue().startswith("0 values are now under key b;")


def test_it_goes_on_where_it_was_interrupted(stored, settings, monkeypatch):
    monkeypatch.setattr("accounts.rotation.CHUNK", 1)
    settings.SEAL_KEYS = [NEW, OLD]
    steps = rotate()
    while not any(sealed.startswith(b"b\x1f") for sealed in sealed_bytes(Contact, "phone")):
        next(steps)

    call_command("rotate_keys", stdout=StringIO())

    assert under_other() == {}


def test_a_value_that_no_key_opens_is_said_and_stops_nobody(stored, settings):
    broken = sealed_bytes(Contact, "phone")[0][:-1] + b"\0\0"
    raw = models.Value(broken, output_field=models.BinaryField())
    with scopes_disabled():
        first = Contact.objects.order_by("pk").values_list("pk", flat=True)[0]
        Contact.objects.filter(pk=first).update(phone=raw)
    settings.SEAL_KEYS = [NEW, OLD]

    with pytest.raises(CommandError, match="1 values could not be opened"):
        call_command("rotate_keys", stdout=StringIO())

    assert under_other() == {"audience.Contact.phone": 1}
    assert sealed_bytes(Contact, "phone")[0] == broken


def test_numbers_and_oppositions_are_found_again_after_a_rotation(workspace, other_workspace, settings):
    contact = make_contact(workspace, PHONE)
    make_contact(other_workspace, PHONE)
    record_opt_out(workspace=workspace, phone=PHONE, scope=OptOutScope.MARKETING, source="STOP", now=TUESDAY)
    hashes = opt_out_hashes(PHONE)

    settings.SEAL_KEYS = [NEW, OLD]
    call_command("rotate_keys", stdout=StringIO())
    settings.SEAL_KEYS = [NEW]

    assert contact_of(workspace=workspace, phone=PHONE) == contact
    assert opt_out_hashes(PHONE) == hashes
    said_no = [
        is_opted_out(workspace=tenant, phone=PHONE, scope="marketing") for tenant in (workspace, other_workspace)
    ]
    assert said_no == [True, False]
    with scope(workspace=workspace):
        assert Contact.objects.get().phone == PHONE
