from datetime import UTC, datetime

import pytest
from django.utils import translation
from django_scopes import scope

from audience.models import Contact
from audience.phone import TIME_ZONES
from campaigns.departures import departures_of
from campaigns.review import OK, STOP, WARN, Review
from messaging import law
from messaging.compliance import Limits
from messaging.models import SendingRules
from tests.factories import TUESDAY, make_campaign, make_contact, make_list

SUNDAY = datetime(2026, 11, 29, 9, 30, tzinfo=UTC)
GOOD_FRIDAY = datetime(2026, 4, 3, 9, 30, tzinfo=UTC)
EVENING = datetime(2026, 11, 24, 20, 0, tzinfo=UTC)  # nine in Paris


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def people(workspace, *kinds: tuple[str, str]) -> list[Contact]:
    return [
        make_contact(
            workspace, f"+336399800{index:02}", territory=territory, time_zone=TIME_ZONES[territory], postcode=postcode
        )
        for index, (territory, postcode) in enumerate(kinds)
    ]


def told(at, limits=None) -> list[tuple[str, int, str]]:
    found = departures_of(Contact.objects.all(), purpose="marketing", at=at, limits=limits or Limits())
    return [(each.place, each.readers, each.moment if each.is_late else "now") for each in found]


def hours_line(campaign, now=TUESDAY) -> tuple[str, str]:
    line = next(line for line in Review(campaign, now).lines if line.subject == "Hours")
    return line.tone, line.text


def test_each_share_leaves_in_its_own_morning(in_workspace, other_workspace, django_assert_num_queries):
    people(in_workspace, ("FR", "75011"), ("FR", "13001"), ("MQ", ""), ("FR", "97200"))
    people(other_workspace, ("RE", ""))

    with django_assert_num_queries(1):
        found = told(TUESDAY)

    assert found == [("Mainland France", 2, "now"), ("Martinique", 2, "at 13:00")]


def test_alsace_moselle_has_a_share_of_its_own_on_its_own_holidays(in_workspace):
    people(in_workspace, ("FR", "75011"), ("FR", "67000"), ("FR", ""), ("FR", "57000"))

    assert told(TUESDAY) == [("Mainland France", 4, "now")]
    assert told(GOOD_FRIDAY) == [
        ("Alsace-Moselle, or without a postcode", 3, "Saturday 4 April at 08:00"),
        ("Mainland France", 1, "now"),
    ]


def test_the_report_card_tells_who_waits_and_why(in_workspace):
    readers = people(in_workspace, ("FR", "75011"), ("FR", "75012"), ("MQ", ""))
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *readers))

    assert hours_line(campaign) == (OK, "2 now; Martinique: 1 at 13:00 (before 08:00 there)")


@pytest.mark.parametrize("purpose", ["marketing", "information"])
def test_a_sunday_is_called_by_its_name(in_workspace, purpose):
    campaign = make_campaign(in_workspace, purpose=purpose, purpose_reason="Roadworks")

    tone, text = hours_line(campaign, SUNDAY)

    assert (tone, text) == (WARN, "Not allowed (Sunday): it leaves Monday 30 November at 08:00.")


def test_the_evening_is_allowed_where_an_owner_chose_the_charter(in_workspace):
    campaign = make_campaign(in_workspace)

    before = hours_line(campaign, EVENING)
    SendingRules.objects.create(workspace=in_workspace, policy="af2m-2026")

    assert before == (WARN, "Not allowed (after 20:00 there): it leaves Wednesday 25 November at 08:00.")
    assert hours_line(campaign, EVENING) == (OK, "allowed for all")


def test_readers_whose_day_the_provider_never_shares_stop_the_campaign(in_workspace, monkeypatch):
    held = law.provider_texts()["smsfactor"]
    readers = people(in_workspace, ("PF", ""))
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *readers))
    monkeypatch.setattr("messaging.law.provider_texts", lambda: {campaign.sender.account.gateway: held})

    tone, text = hours_line(campaign, datetime(2026, 7, 1, 9, 30, tzinfo=UTC))

    assert (tone, text) == (STOP, "Their day and the provider’s hours never meet: choose another sender.")


def test_a_practice_that_sends_reminders_only_has_no_campaign(in_workspace):
    campaign = make_campaign(in_workspace)

    SendingRules.objects.create(workspace=in_workspace, sector="health")

    with scope(workspace=in_workspace):
        problems = [line.text for line in Review(campaign, TUESDAY).problems]
    assert problems == ["This workspace sends reminders only (Health)."]
