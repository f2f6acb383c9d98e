"""What a past call, code or form would have sent; before there is one, an example."""

import pytest
from django.utils import timezone
from django_scopes import scope

from campaigns.models import Decision, Occasion
from messaging.models import Message
from tests.factories import TUESDAY, make_account, make_automation, make_contact, make_page, make_sender

CALL = {
    "trigger": "signed_call",
    "event_name": "appointment_booked",
    "event_fields": ["service"],
    "text": "{first_name|Bonjour}, votre {service|rendez-vous} est noté.",
}
CODE = {"trigger": "one_time_code", "event_name": "login", "text": "Votre code : {code}"}
FORM = {"trigger": "form_sent", "text": "Merci pour {page_title}"}


def make_answer(workspace, fields):
    sender = make_sender(make_account(workspace))
    return make_automation(workspace, **{"is_enabled": False, "page": None, "sender": sender, **fields})


def make_occasion(workspace, kind, name, **fields):
    given = {"key": f"{kind}:{name}", "occurred_at": TUESDAY, **fields}
    return Occasion.objects.create(workspace=workspace, kind=kind, name=name, **given)


def look(client, automation, occasion=None):
    query = {"occasion": occasion.pk} if occasion else {}
    return client.get(f"/admin/automations/{automation.pk}/try-event/", query)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        (CALL, "Bonjour, votre rendez-vous est noté."),
        (CODE, "Votre code : 482 915"),
        (FORM, "Merci pour Our evening"),
    ],
)
def test_before_anything_has_happened_an_example_is_shown(owner_client, workspace, fields, text):
    with scope(workspace=workspace):
        automation = make_answer(workspace, fields)

    page = look(owner_client, automation)

    assert (page.context["trial"].text, page.context["chosen"], page.context["occasions"]) == (text, None, [])


@pytest.mark.parametrize(
    ("fields", "kind", "name", "values", "text"),
    [
        (CALL, "call", "appointment_booked", {"service": "coupe"}, "Camille, votre coupe est noté."),
        (CODE, "code", "login", {}, "Votre code : 482 915"),
        (FORM, "form.sent", "Soirée", {"page_title": "Soirée"}, "Merci pour Soirée"),
    ],
)
def test_a_past_event_shows_its_text_and_sends_nothing(owner_client, workspace, fields, kind, name, values, text):
    with scope(workspace=workspace):
        automation, contact = make_answer(workspace, fields), make_contact(workspace)
        told = make_occasion(workspace, kind, name, values=values, contact=contact)
        nobody = make_occasion(workspace, kind, name, key="nobody", values=values)

    shown, refused = look(owner_client, automation, told), look(owner_client, automation, nobody)

    trial = shown.context["trial"]
    assert (trial.text, trial.reason, trial.leaves_at, trial.has_waited) == (text, "", TUESDAY, False)
    assert "Not sent: no mobile" in refused.text
    with scope(workspace=workspace):
        assert (Decision.objects.count(), Message.objects.count()) == (0, 0)


def test_only_what_the_automation_would_have_answered_can_be_chosen(owner_client, workspace, other_workspace):
    with scope(workspace=other_workspace):
        far = make_occasion(other_workspace, "call", "appointment_booked")
    with scope(workspace=workspace):
        page = make_page(workspace, "Soirée")
        calls, forms = make_answer(workspace, CALL), make_answer(workspace, FORM | {"form_page": page})
        told = make_occasion(workspace, "call", "appointment_booked")
        other = make_occasion(workspace, "call", "lesson_booked")
        form = make_occasion(workspace, "form.sent", "Soirée", page=page)
        make_occasion(workspace, "form.sent", "Ailleurs")

    pages = [look(owner_client, calls, far), look(owner_client, calls, other), look(owner_client, forms)]

    chosen = [each.context["chosen"] for each in pages]
    listed = [[occasion for occasion, _words in each.context["occasions"]] for each in pages]
    assert (chosen, listed) == ([None] * 3, [[told], [told], [form]])


def test_a_code_leaves_at_any_hour(owner_client, workspace):
    night = timezone.localtime(TUESDAY).replace(hour=23)
    with scope(workspace=workspace):
        automation, contact = make_answer(workspace, CODE), make_contact(workspace)
        asked = make_occasion(workspace, "code", "login", contact=contact, occurred_at=night)

    trial = look(owner_client, automation, asked).context["trial"]

    assert (trial.reason, trial.leaves_at) == ("", night)


@pytest.mark.parametrize("screen", ["try", "try-event", "upcoming"])
def test_an_automation_of_another_trigger_leads_to_its_own_page(owner_client, workspace, screen):
    with scope(workspace=workspace):
        orders, calls = make_automation(workspace), make_answer(workspace, CALL)

    answers = [owner_client.get(f"/admin/automations/{each.pk}/{screen}/").status_code for each in (orders, calls)]

    assert answers == {"try": [200, 302], "try-event": [302, 200], "upcoming": [302, 302]}[screen]
