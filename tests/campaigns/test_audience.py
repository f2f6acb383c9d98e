from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override
from django_scopes import scope

from audience.models import Contact, ContactList, Segment
from audience.segments.rules import BadRules
from audience.segments.services import freeze_segment
from campaigns.audience import audience_of, words_of_audience
from campaigns.models import Campaign
from campaigns.review import Review
from campaigns.services import copy_campaign, prepare_campaign, schedule_campaign, send_campaign
from messaging.models import Message
from tests.factories import TUESDAY, make_campaign, make_contact, make_list

LYON = {"match": "all", "rules": [{"about": "city", "is": "equals", "values": ["Lyon"]}]}


def make_segment(workspace, rules=LYON, name="Lyon"):
    with scope(workspace=workspace):
        return Segment.objects.create(workspace=workspace, name=name, rules=rules)


def to_segment(workspace, **fields):
    return make_campaign(workspace, contact_list=None, segment=make_segment(workspace), **fields)


@pytest.fixture
def people(in_workspace, other_workspace):
    make_contact(other_workspace, "+33639980021", city="Lyon")
    make_contact(in_workspace, "+33639980022", city="Nantes")
    return [make_contact(in_workspace, f"+3363998003{number}", city="Lyon") for number in range(3)]


def recipients(campaign):
    return list(Message.objects.filter(batch=campaign.batch).order_by("position").values_list("contact", flat=True))


def test_a_campaign_goes_to_whoever_matches_its_segment(in_workspace, people):
    Contact.objects.update(created_at=TUESDAY - timedelta(days=1))
    campaign = send_campaign(campaign=to_segment(in_workspace), now=TUESDAY)

    campaign = prepare_campaign(campaign=campaign, now=TUESDAY)

    assert recipients(campaign) == [person.pk for person in people]
    assert campaign.state == Campaign.State.SENDING


def test_whoever_comes_after_it_has_left_is_not_written_to(in_workspace, people):
    Contact.objects.update(created_at=TUESDAY - timedelta(days=1))
    campaign = send_campaign(campaign=to_segment(in_workspace), now=TUESDAY)
    late = make_contact(in_workspace, "+33639980039", city="Lyon")
    Contact.objects.filter(pk=late.pk).update(created_at=TUESDAY + timedelta(seconds=1))

    prepare_campaign(campaign=campaign, now=TUESDAY + timedelta(minutes=1))
    campaign.refresh_from_db()

    assert recipients(campaign) == [person.pk for person in people]


def test_whoever_comes_to_match_before_it_leaves_is_written_to_and_a_frozen_list_does_not_move(in_workspace, people):
    segment = make_segment(in_workspace)
    live = make_campaign(in_workspace, contact_list=None, segment=segment)
    frozen = freeze_segment(segment=segment, now=TUESDAY)
    kept = Campaign.objects.create(workspace=in_workspace, name="Kept", contact_list=frozen)

    new = make_contact(in_workspace, "+33639980039", city="LYON")

    assert set(audience_of(live, TUESDAY)) == {*people, new}
    assert set(audience_of(kept, TUESDAY)) == set(people)
    assert words_of_audience(live) == "Everyone who matches when it leaves."
    with override("en"):
        assert words_of_audience(kept) == "As of 24 November, 10:30: whoever came to match later is not in it."


def test_a_scheduled_campaign_is_counted_for_the_day_it_leaves(in_workspace):
    make_contact(in_workspace, birth_date=(TUESDAY + timedelta(days=3)).date().replace(year=1990))
    rules = {"match": "all", "rules": [{"about": "birthday", "is": "soon", "days": 0}]}
    draft = make_campaign(in_workspace, contact_list=None, segment=make_segment(in_workspace, rules))

    today = Review(draft, TUESDAY).reach.total
    draft.scheduled_at = TUESDAY + timedelta(days=3)

    assert (today, Review(draft, TUESDAY).reach.total) == (0, 1)


def test_a_segment_that_speaks_of_something_gone_keeps_the_campaign_back(in_workspace):
    contact_list = make_list(in_workspace, make_contact(in_workspace))
    rules = {"match": "all", "rules": [{"about": "list", "is": "out", "value": str(contact_list.pk)}]}
    draft = make_campaign(in_workspace, contact_list=None, segment=make_segment(in_workspace, rules))
    contact_list.delete()

    review = Review(draft, TUESDAY)

    assert [(line.field, line.text) for line in review.problems] == [
        ("audience", "“Lyon” can't be read: List: What was chosen for “list” is gone.")
    ]
    with pytest.raises(BadRules):
        audience_of(draft, TUESDAY)


def test_a_segment_stays_while_a_scheduled_campaign_needs_it(workspace, owner_client):
    with scope(workspace=workspace):
        make_contact(workspace, "+33639980030", city="Lyon")
        campaign = schedule_campaign(campaign=to_segment(workspace), at=TUESDAY + timedelta(days=1), now=TUESDAY)
        address = f"/admin/audience/segments/delete/{campaign.segment_id}/"

        owner_client.post(address)
        kept = Segment.objects.count()
        Campaign.objects.update(state=Campaign.State.SENT)
        owner_client.post(address)

        assert (kept, Segment.objects.count()) == (1, 0)
        assert Campaign.objects.get().segment is None


def test_a_copy_has_the_same_audience(in_workspace):
    campaign = to_segment(in_workspace)

    assert copy_campaign(campaign=campaign).segment == campaign.segment


def test_a_campaign_has_one_audience(in_workspace):
    campaign = to_segment(in_workspace)

    with pytest.raises(IntegrityError, match="campaign_to_list_or_segment"), transaction.atomic():
        Campaign.objects.filter(pk=campaign.pk).update(contact_list=make_list(in_workspace))


def test_the_composer_offers_lists_and_segments_and_says_whether_the_audience_moves(workspace, owner_client):
    make_contact(workspace, "+33639980030", city="Lyon")
    campaign = to_segment(workspace)
    with scope(workspace=workspace):
        ContactList.objects.create(workspace=workspace, name="Customers")

    page = owner_client.get(f"/admin/campaigns/edit/{campaign.pk}/").text
    confirm = owner_client.get(f"/admin/campaigns/{campaign.pk}/confirm/").text

    assert f'<option value="segment:{campaign.segment_id}" selected>Lyon</option>' in page
    assert "Customers" in page
    assert "Everyone who matches when it leaves." in page
    assert "Everyone who matches when it leaves." in confirm


def test_another_workspaces_segment_is_no_choice(workspace, other_workspace, owner_client):
    theirs = make_segment(other_workspace)
    campaign = make_campaign(workspace)

    response = owner_client.post(
        f"/admin/campaigns/edit/{campaign.pk}/",
        {"name": "Mine", "purpose": "marketing", "audience": f"segment:{theirs.pk}"},
    )

    assert list(response.context["form"].errors) == ["audience"]
