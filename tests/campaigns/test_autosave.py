"""What is typed is kept a moment after, or it is said why not; nobody is overwritten."""

import pytest
from django.test import Client
from django_scopes import scope
from wagtail.models import ModelLogEntry

from accounts.models import Role
from campaigns.models import Campaign
from campaigns.services import Overtaken, save_draft, send_campaign
from tests.campaigns.composing import typed
from tests.factories import TUESDAY, make_campaign, make_member


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


@pytest.fixture
def autosave(campaign):
    return f"/admin/campaigns/{campaign.pk}/autosave/"


def test_a_draft_is_kept_with_when_by_whom_and_as_what_version(owner_client, campaign, autosave):
    first = owner_client.post(autosave, typed(campaign, text="Un {link}", version=0)).json()
    second = owner_client.post(autosave, typed(campaign, text="Deux {link}", version=first["version"])).json()

    campaign.refresh_from_db()
    assert (first["is_saved"], first["version"], second["version"]) == (True, 1, 2)
    assert (campaign.text, campaign.version, bool(campaign.saved_by)) == ("Deux {link}", 2, True)
    assert second["words"].startswith("Saved at ")
    assert second["words"] in owner_client.get(second["edit_url"]).text


def test_what_another_window_wrote_is_not_overwritten(workspace, owner_client, campaign, autosave):
    marketer = Client()
    marketer.force_login(make_member(workspace, Role.MARKETER))
    marketer.post(autosave, typed(campaign, text="Leur texte {link}", version=0))

    answer = owner_client.post(autosave, typed(campaign, text="Mon texte {link}", version=0)).json()

    campaign.refresh_from_db()
    assert (answer["is_saved"], answer["is_over"], campaign.text) == (False, True, "Leur texte {link}")
    assert f"{campaign.saved_by} changed this draft elsewhere at " in answer["why"]


def test_the_save_button_asks_whose_draft_to_keep(owner_client, campaign, autosave):
    composer = f"/admin/campaigns/edit/{campaign.pk}/"
    owner_client.post(autosave, typed(campaign, text="Leur texte {link}", version=0))

    asked = owner_client.post(composer, typed(campaign, text="Mon texte {link}", version=0, **{"action-save": "1"}))
    campaign.refresh_from_db()
    before = campaign.text
    # The browser sends the hidden field first, then the button's.
    kept = owner_client.post(composer, typed(campaign, text="Mon texte {link}", version=[0, 1]))

    campaign.refresh_from_db()
    assert (asked.status_code, "Mon texte {link}" in asked.text) == (200, True)
    assert '<button class="ch-btn" type="submit" name="version" value="1">' in asked.text
    assert (before, kept.status_code, campaign.text) == ("Leur texte {link}", 302, "Mon texte {link}")


def test_a_draft_of_a_thousand_versions_can_still_be_replaced(workspace, owner_client, campaign):
    """French writes 1 024, which no machine reads."""
    with scope(workspace=workspace):
        Campaign.objects.filter(pk=campaign.pk).update(version=1024, saved_by="Paul")

    asked = owner_client.post(f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, version=1023))

    assert 'name="version" value="1024"' in asked.text


def test_a_send_button_sends_nothing_that_another_window_changed(owner_client, campaign, autosave):
    owner_client.post(autosave, typed(campaign, text="Leur texte {link}", version=0))

    asked = owner_client.post(
        f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, version=0, **{"action-send": "1"})
    )

    assert (asked.status_code, list(asked.context["form"].errors)) == (200, ["__all__"])


@pytest.mark.parametrize(
    ("changes", "why", "kept"),
    [
        ({"audience": "list:0"}, "Audience: ", {}),
        (
            {"purpose": "information"},
            "Why it is information: Say why this is information and not advertising.",
            {"purpose": "information"},
        ),
        ({"scheduled_at": "soon", "per_hour": "60"}, "Leaves at: ", {"per_hour": 60}),
        ({"scheduled_at": "9999-12-31T23:59", "budget": "NaN"}, "Leaves at: ", {"scheduled_at": None, "budget": None}),
        ({"scheduled_at": "0001-01-01T00:00"}, "Leaves at: There is no such year here", {"scheduled_at": None}),
        ({"name": "", "per_hour": "-1"}, "Name: This field is required. Messages an hour: ", {}),
    ],
)
def test_what_is_right_is_kept_and_what_can_not_be_is_said(owner_client, campaign, autosave, changes, why, kept):
    before = (campaign.name, campaign.contact_list)

    fields = typed(campaign, text="Autre {link}", version=0, **changes)
    answer = owner_client.post(autosave, fields, headers={"accept-language": "en"}).json()

    campaign.refresh_from_db()
    assert (answer["is_saved"], answer["version"]) == (True, 1)
    assert answer["not_kept"].startswith(f"Kept, but for this: {why}")
    assert (campaign.text, campaign.name, campaign.contact_list) == ("Autre {link}", *before)
    assert {name: getattr(campaign, name) for name in kept} == kept


def test_a_draft_of_no_readable_version_overwrites_nothing(owner_client, campaign, autosave):
    owner_client.post(autosave, typed(campaign, text="Leur texte {link}", version=0))

    answer = owner_client.post(autosave, typed(campaign, text="Mon texte {link}", version="x")).json()

    campaign.refresh_from_db()
    assert (answer["is_saved"], answer["is_over"], campaign.text) == (False, False, "Leur texte {link}")


def test_only_an_owner_makes_it_information_whatever_else_is_wrong(workspace, campaign, autosave):
    marketer = Client()
    marketer.force_login(make_member(workspace, Role.MARKETER))

    marketer.post(autosave, typed(campaign, text="Autre {link}", version=0, purpose="information", purpose_reason="x"))

    campaign.refresh_from_db()
    assert (campaign.text, campaign.purpose) == ("Autre {link}", "marketing")


def test_a_campaign_that_has_left_is_written_no_more(workspace, owner_client, campaign, autosave):
    with scope(workspace=workspace):
        send_campaign(campaign=campaign, now=TUESDAY)

    answer = owner_client.post(autosave, typed(campaign, text="Trop tard {link}", version=0)).json()

    campaign.refresh_from_db()
    assert (answer["is_saved"], answer["is_over"], campaign.text == "Trop tard {link}") == (False, True, False)


def test_a_new_campaign_is_kept_before_it_has_a_name(workspace, owner_client):
    fields = {"name": "", "purpose": "marketing", "text": "B"}
    answer = owner_client.post("/admin/campaigns/autosave/", fields, headers={"accept-language": "en"}).json()

    with scope(workspace=workspace):
        [campaign] = Campaign.objects.all()
    assert (campaign.name, campaign.text, answer["is_saved"]) == ("Untitled", "B", True)
    assert answer["not_kept"] == "Kept, but for this: Name: This field is required."


def test_a_new_campaign_is_kept_once(workspace, owner_client):
    named = owner_client.post("/admin/campaigns/autosave/", {"name": "Printemps", "purpose": "marketing"}).json()
    fields = {"name": "Printemps", "purpose": "marketing", "text": "Bonjour", "version": named["version"]}
    again = owner_client.post(named["autosave_url"], fields).json()

    with scope(workspace=workspace):
        [campaign] = Campaign.objects.all()
    assert (named["is_saved"], named["not_kept"], again["is_saved"]) == (True, "", True)
    assert (campaign.text, named["edit_url"]) == ("Bonjour", f"/admin/campaigns/edit/{campaign.pk}/")
    assert ModelLogEntry.objects.filter(object_id=str(campaign.pk), action="wagtail.create").count() == 1


def test_strangers_and_analysts_keep_nothing(workspace, other_workspace, owner_client, campaign, autosave):
    analyst, theirs = Client(), make_campaign(other_workspace)
    analyst.force_login(make_member(workspace, Role.ANALYST))

    refused = analyst.post(autosave, typed(campaign, text="X {link}")).status_code
    unknown = owner_client.post(f"/admin/campaigns/{theirs.pk}/autosave/", typed(theirs)).status_code

    campaign.refresh_from_db()
    assert (refused in {302, 403}, unknown, campaign.version) == (True, 404, 0)


def test_without_a_version_nothing_is_compared(workspace, campaign):
    with scope(workspace=workspace):
        save_draft(campaign=campaign, fields=["text"], by=None, now=TUESDAY)
        save_draft(campaign=campaign, fields=["text"], by=None, now=TUESDAY)
        with pytest.raises(Overtaken):
            save_draft(campaign=campaign, fields=["text"], by=None, now=TUESDAY, version=1)

    assert campaign.version == 2
