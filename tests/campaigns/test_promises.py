"""What messages promise is looked for on their page, also from the page's side."""

import json
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.models import Campaign
from campaigns.promises import last_day, unkept
from landing.checks import findings_of
from tests.factories import make_campaign, make_page


def promises(page):
    return [finding for finding in findings_of(page) if finding.startswith("The message")]


def test_a_page_is_told_what_its_messages_promise_and_it_does_not(in_workspace):
    page, other = make_page(in_workspace, "Sale at -30 %"), make_page(in_workspace, "Other")
    make_campaign(in_workspace, name="Kept", contact_list=None, sender=None, text="30% off {link}", page=page)
    make_campaign(
        in_workspace, name="Broken", contact_list=None, sender=None, text="30% off, from 12,50 € {link}", page=page
    )
    make_campaign(in_workspace, name="Elsewhere", contact_list=None, sender=None, text="99 € {link}", page=other)

    assert promises(page) == ["The message “Broken” says 12,50 €, the page does not."]


def test_a_cancelled_message_promises_nothing(in_workspace):
    page = make_page(in_workspace)

    make_campaign(in_workspace, text="99 € {link}", page=page, state=Campaign.State.CANCELLED)

    assert promises(page) == []


def test_the_poster_blocks_inside_of_blocks_and_both_ways_to_write_a_price_count(in_workspace):
    page = make_page(in_workspace, "Sale")
    page.hero = json.dumps([{"type": "hero", "value": {"title": "-30 % on all"}}])
    inner = {"type": "text", "value": {"heading": "From €12.50", "body": ""}}
    page.body = json.dumps([{"type": "only_for", "value": {"blocks": [inner]}}])

    assert unkept("-30% and 12,50 €, €12.50, not €19 {link}", page) == ["€19"]


def counting_down(workspace, *ends):
    page = make_page(workspace, "Sale")
    page.body = json.dumps([{"type": "countdown", "value": {"ends_at": end}} for end in ends])
    page.save()
    return page


@pytest.mark.parametrize(
    ("text", "is_broken"),
    [
        ("Soldes jusqu'au 29/11 {link}", False),
        ("Soldes jusqu'au 27/11 {link}", True),
        ("Soldes jusqu’à dimanche 29 novembre {link}", False),
        ("Sale until Monday 30 Nov {link}", True),
        ("Sale until 29 November {link}", False),
        ("Soldes du 20/11 au 27/11 {link}", False),
        ("Jusqu'à 20 h le 27/11 {link}", False),
        ("Jusqu'au 29 inclus {link}", False),
        ("Jusqu'au 27/11, ou jusqu'au 30/11 en ligne {link}", False),
    ],
)
def test_a_last_day_and_a_countdown_that_ends_on_another_are_told(in_workspace, text, is_broken):
    end = datetime(2026, 11, 30, tzinfo=ZoneInfo("Europe/Paris"))
    page = counting_down(in_workspace, end.isoformat())
    make_campaign(in_workspace, name="Sale", text=text, page=page)

    assert bool(promises(page)) == is_broken


def test_a_last_day_that_one_of_two_countdowns_shows_is_kept_and_without_any_nothing_is_said(in_workspace):
    page = counting_down(in_workspace, "2026-11-25T12:00:00+01:00", "2026-11-29T23:59:00+01:00")
    make_campaign(in_workspace, name="Kept", text="Until 29/11 {link}", page=page)
    make_campaign(
        in_workspace,
        name="Free",
        contact_list=None,
        sender=None,
        text="Until 27/11 {link}",
        page=make_page(in_workspace),
    )

    assert [promises(campaign.page) for campaign in Campaign.objects.order_by("pk")] == [[], []]


@pytest.mark.parametrize(
    ("written", "month"),
    [("1er mars", 3), ("3 mai", 5), ("3 juin", 6), ("3 juil.", 7), ("3 août", 8), ("3 déc", 12), ("3 personnes", None)],
)
def test_months_are_read_as_people_shorten_them(written, month):
    found = last_day(f"Jusqu’au {written} {{link}}")

    assert (found.month if found else None) == month
