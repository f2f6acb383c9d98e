import pytest
from django.urls import reverse
from django_scopes import scope

from accounts.models import Role
from audience.models import AuditEntry
from messaging.models import Batch, SendingRules
from messaging.services.batches import RemindersOnly, pause_batch, resume_batch, start_batch
from messaging.services.rules import NeedsConfirmation, save_rules
from tests.factories import TUESDAY, make_batch, make_contact, make_member

PRUDENT = {"policy": "prudent", "cap_messages": "", "cap_days": "7", "sector": "general"}
CHARTER = {**PRUDENT, "policy": "af2m-2026"}


@pytest.fixture
def owner(workspace, client):
    owner = make_member(workspace, Role.OWNER)
    client.force_login(owner)
    return owner


def kept(workspace) -> list[tuple[str, bool, bool, int | None, str]]:
    with scope(workspace=workspace):
        fields = ("policy", "allows_sundays", "allows_holidays", "cap_messages", "sector")
        return list(SendingRules.objects.values_list(*fields))


def log(workspace) -> list[tuple[str, str]]:
    with scope(workspace=workspace):
        return [(str(entry.actor), entry.reason) for entry in AuditEntry.objects.order_by("pk")]


def test_the_screen_says_what_the_law_says_with_source_and_date(client, owner):
    page = client.get(reverse("messaging_rules")).content.decode()

    assert "https://af2m.org/charte-business-messaging-2026" in page
    assert "08:00–21:30" in page
    assert "20 novembre 2026" in page


def test_the_evening_is_asked_once_more_and_then_noted(client, owner, workspace, other_workspace):
    asked = client.post(reverse("messaging_rules"), CHARTER)
    before = kept(workspace)
    client.post(reverse("messaging_rules"), {**CHARTER, "confirmed": "1"})

    assert "21:30" in asked.content.decode()
    assert (before, kept(workspace)) == ([], [("af2m-2026", False, False, None, "general")])
    assert [who for who, _what in log(workspace)] == [str(owner)]
    assert "→" in log(workspace)[0][1]
    assert (kept(other_workspace), log(other_workspace)) == ([], [])


def test_the_page_that_asks_carries_every_choice(client, owner, workspace):
    typed = {**CHARTER, "allows_sundays": "on", "cap_messages": "3", "cap_days": "14"}

    page = client.post(reverse("messaging_rules"), typed).context["form"]
    hidden = {field.html_name: str(field.value()) for field in page if field.value() not in {None, False}}
    client.post(reverse("messaging_rules"), {**hidden, "confirmed": "1"})

    assert kept(workspace) == [("af2m-2026", True, False, 3, "general")]


def test_what_narrows_is_not_asked(client, owner, workspace):
    client.post(reverse("messaging_rules"), {**PRUDENT, "cap_messages": "2", "sector": "law"})

    assert kept(workspace) == [("prudent", False, False, 2, "law")]


def test_sundays_need_a_text_that_tolerates_them(client, owner, workspace):
    answer = client.post(reverse("messaging_rules"), {**PRUDENT, "allows_sundays": "on", "confirmed": "1"})

    assert "allows_sundays" in answer.context["form"].errors
    assert kept(workspace) == []


def test_going_back_to_prudent_hours_takes_the_sundays_along(workspace, owner):
    changes = {"policy": "af2m-2026", "allows_sundays": True, "allows_holidays": True}
    save_rules(workspace=workspace, by=owner, now=TUESDAY, is_confirmed=True, **changes)

    save_rules(workspace=workspace, by=owner, now=TUESDAY, policy="prudent")

    assert kept(workspace) == [("prudent", False, False, None, "general")]


def test_leaving_a_sector_is_asked_too(workspace, owner):
    save_rules(workspace=workspace, by=owner, now=TUESDAY, sector="health")

    with pytest.raises(NeedsConfirmation):
        save_rules(workspace=workspace, by=owner, now=TUESDAY, sector="general")

    assert kept(workspace)[0][-1] == "health"


@pytest.mark.parametrize("role", [Role.MARKETER, Role.ANALYST])
def test_only_owners_see_and_change_the_rules(client, workspace, role):
    client.force_login(make_member(workspace, role))

    answers = [client.get(reverse("messaging_rules")), client.post(reverse("messaging_rules"), PRUDENT)]

    assert {answer.status_code for answer in answers} <= {302, 403}
    assert kept(workspace) == []


def test_no_marketing_batch_starts_or_goes_on_where_only_reminders_leave(workspace, sender, owner):
    make_contact(workspace)
    with scope(workspace=workspace):
        ready, paused, service = (make_batch(sender, purpose=each) for each in ("marketing", "marketing", "service"))
        start_batch(batch=paused, by=owner, now=TUESDAY)
        pause_batch(batch=paused, by=owner, now=TUESDAY)
        save_rules(workspace=workspace, by=owner, now=TUESDAY, sector="finance")

        for act, batch in ((start_batch, ready), (resume_batch, paused)):
            with pytest.raises(RemindersOnly):
                act(batch=batch, by=owner, now=TUESDAY)
        start_batch(batch=service, by=owner, now=TUESDAY)

        states = list(Batch.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["preparing", "paused", "running"]
