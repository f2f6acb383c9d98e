"""The block list: by hand, pasted or brought in; lifted with a question; a stop of their own stays."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django_scopes import scope

from audience.models import Block, Consent, Contact
from audience.queries import is_opted_out, reachable
from audience.services import add_contact, record_opt_out
from audience.services.blocks import Blocked, block_number, block_numbers, hold_marketing, lift_block, release_marketing
from tests.factories import TUESDAY, make_contact, make_member

PHONE = "+33639980001"


def block(workspace, phone=PHONE, **fields):
    said = {"kind": "manual", "source": "call", "now": TUESDAY} | fields
    return block_number(workspace=workspace, phone=phone, **said)


def test_a_list_of_numbers_is_blocked_once_and_the_rest_is_named(in_workspace, other_workspace):
    known = make_contact(in_workspace)
    lines = ["06 39 98 00 01", "", "+33639980002;", "06 39 98 00 02", "bonjour", "01 23 45 67 89"]

    first = block_numbers(workspace=in_workspace, lines=lines, source="old list", now=TUESDAY)
    again = block_numbers(workspace=in_workspace, lines=lines, source="old list", now=TUESDAY)

    assert first == Blocked(added=2, known=0, refused=["bonjour", "01 23 45 67 89"])
    assert again == Blocked(added=0, known=2, refused=["bonjour", "01 23 45 67 89"])
    assert list(Block.objects.order_by("pk").values_list("contact", "kind")) == [
        (known.pk, "imported"),
        (None, "imported"),
    ]
    with scope(workspace=other_workspace):
        assert Block.objects.count() == 0


def test_a_block_that_comes_again_for_service_too_is_the_stricter_one(in_workspace):
    block(in_workspace)
    block(in_workspace, bars_service=True)
    block(in_workspace)
    for bars_service in (False, True, False):
        lines = ["06 39 98 00 02"]
        block_numbers(workspace=in_workspace, lines=lines, source="list", now=TUESDAY, bars_service=bars_service)

    assert list(Block.objects.values_list("bars_service", flat=True)) == [True, True]


def test_a_block_outlives_the_contact_and_meets_them_again(in_workspace, settings):
    contact = make_contact(in_workspace)
    block(in_workspace)
    contact.delete()
    settings.OPT_OUT_KEYS = ["b:" + "eHh4" * 10 + "eHg=", *settings.OPT_OUT_KEYS]

    again = add_contact(workspace=in_workspace, phone=PHONE, source="till")
    block(in_workspace)

    assert list(Block.objects.values_list("contact", flat=True)) == [again.pk]


def test_who_is_blocked_counts_as_blocked(in_workspace):
    make_contact(in_workspace)
    block(in_workspace)

    reach = reachable(Contact.objects.all())

    assert (reach.total, reach.reachable, reach.blocked) == (1, 0, 1)


def test_lifting_a_block_lifts_no_opposition(in_workspace):
    row = block(in_workspace)
    record_opt_out(workspace=in_workspace, phone=PHONE, scope="marketing", source="SMS", now=TUESDAY)

    lift_block(block=row, now=TUESDAY)

    assert Block.objects.count() == 0
    assert is_opted_out(workspace=in_workspace, phone=PHONE, scope="marketing")


def test_a_hold_and_its_end_are_rows_of_the_ledger(in_workspace):
    hold_marketing(workspace=in_workspace, phone=PHONE, source="SMS", now=TUESDAY, evidence={"text": "bon, stop"})
    released = [
        release_marketing(workspace=in_workspace, phone=PHONE, source="Lucie", now=TUESDAY) for _time in range(2)
    ]

    assert released == [True, False]
    assert list(Consent.objects.order_by("pk").values_list("act", flat=True)) == ["held", "released"]


def test_the_screen_blocks_brings_in_and_lifts(client, workspace):
    client.force_login(make_member(workspace, "marketer"))

    empty = client.get(reverse("audience_blocks:index"))
    bad = client.post(reverse("audience_blocks:add"), {"number": "bonjour", "kind": "manual", "source": "call"})
    number = {"number": "06 39 98 00 01", "kind": "manual", "source": "call", "bars_service": "on"}
    client.post(reverse("audience_blocks:add"), number)
    file = SimpleUploadedFile("list.txt", b"06 39 98 00 02\nnobody\n")
    many = client.post(reverse("audience_blocks:many"), {"file": file, "source": "old list"})
    listed = client.get(reverse("audience_blocks:index"))
    with scope(workspace=workspace):
        first = Block.objects.get(kind="manual")
    asked = client.get(reverse("audience_blocks:delete", args=[first.pk]))
    client.post(reverse("audience_blocks:delete", args=[first.pk]))

    assert "No number is blocked" in empty.text
    assert bad.status_code == 200 and "nobody" in many.text
    assert "+33 6 •• •• •• 01" in listed.text and "+33 6 •• •• •• 02" in listed.text and "63998" not in listed.text
    assert "A STOP of its own stays" in asked.text and first.bars_service
    with scope(workspace=workspace):
        assert list(Block.objects.values_list("kind", flat=True)) == ["imported"]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"PK\0\0"])
def test_what_is_no_list_is_said(client, workspace, content):
    client.force_login(make_member(workspace))

    answer = client.post(
        reverse("audience_blocks:many"), {"file": SimpleUploadedFile("x.txt", content), "source": "old"}
    )

    assert 'role="alert"' in answer.text or "empty" in answer.text
    with scope(workspace=workspace):
        assert Block.objects.count() == 0
