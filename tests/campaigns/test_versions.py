"""Who changed what of an automation, and how it comes back."""

import pytest
from django_scopes import scope

from campaigns.models import Automation, AutomationVersion
from campaigns.services import NotReady, restore_version, save_automation, switch_automation
from tests.factories import TUESDAY, make_account, make_automation, make_member, make_sender


@pytest.fixture
def automation(in_workspace):
    return make_automation(in_workspace)


def change(automation, by=None, **fields):
    for name, value in fields.items():
        setattr(automation, name, value)
    return save_automation(automation=automation, by=by, now=TUESDAY)


def test_each_change_is_kept_with_who_made_it_and_no_change_is_none(in_workspace, automation):
    somebody = make_member(in_workspace)

    change(automation, by=somebody, text="Merci ! {link}")
    change(automation, by=somebody)
    switch_automation(automation=automation, to_on=False, by=somebody, now=TUESDAY)

    versions = automation.versions.order_by("number")
    assert [(each.number, each.saved_by, each.content["is_enabled"]) for each in versions] == [
        (1, "", True),
        (2, str(somebody), True),
        (3, str(somebody), False),
    ]
    assert versions[1].content["text"] == "Merci ! {link}"


def test_a_version_comes_back_as_a_new_one_and_the_switch_stays(in_workspace, automation):
    before = automation.text
    change(automation, text="Autre", conditions={"countries": ["FR"]}, delay_minutes=60)
    switch_automation(automation=automation, to_on=False, by=None, now=TUESDAY)

    gone = restore_version(version=automation.versions.get(number=1), by=None, now=TUESDAY)

    automation.refresh_from_db()
    assert (automation.text, automation.conditions, automation.delay_minutes) == (before, {}, 0)
    assert (gone, automation.is_enabled, automation.versions.count()) == ([], False, 4)


def test_what_is_gone_meanwhile_stays_as_it_is(in_workspace, automation):
    old, new = automation.sender, make_sender(make_account(in_workspace, name="Second"), "NOUVEAU")
    change(automation, sender=new)
    old.delete()

    gone = restore_version(version=automation.versions.get(number=1), by=None, now=TUESDAY)

    automation.refresh_from_db()
    assert (gone, automation.sender) == (["sender_id"], new)


def test_what_is_on_does_not_go_back_to_what_can_not_be_sent(in_workspace, automation):
    change(automation, text="")
    change(automation, text="Merci")

    with pytest.raises(NotReady):
        restore_version(version=automation.versions.get(number=2), by=None, now=TUESDAY)

    assert Automation.objects.get().text == "Merci"


def test_the_page_shows_the_history_and_a_button_restores(workspace, owner_client):
    automation = make_automation(workspace)
    with scope(workspace=workspace):
        before = automation.text
        change(automation, text="Merci, autrement")
        first = AutomationVersion.objects.get(number=1)

    steps = owner_client.get(f"/admin/automations/inspect/{automation.pk}/").context["history"]
    looked_at = owner_client.get(f"/admin/automations/restore/{first.pk}/").status_code
    owner_client.post(f"/admin/automations/restore/{first.pk}/")

    automation.refresh_from_db()
    assert [(step.version.number, step.changes, step.is_latest) for step in steps] == [
        (2, "Message", True),
        (1, "As it began", False),
    ]
    assert (looked_at, automation.text) == (405, before)
