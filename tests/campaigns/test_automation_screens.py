import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.functional import Promise
from django_scopes import scope

from accounts.models import Role
from audience.models import Attribute
from campaigns.automation.forms import HOURS, LEADS, MINUTES
from campaigns.models import Automation, Decision
from campaigns.services import answer_event
from integrations.services.orders import apply_snapshot
from integrations.shops.base import PhoneCandidate
from messaging.models import Message
from tests.campaigns.test_automations import PLACED
from tests.factories import (
    TUESDAY,
    make_account,
    make_automation,
    make_domain,
    make_member,
    make_page,
    make_sender,
    make_shop,
)

NEW_YEAR = datetime(2031, 1, 1, 7, 0, tzinfo=UTC)


def typed(automation, **changes):
    fields = {
        "name": automation.name,
        "trigger": automation.trigger,
        "shop": automation.shop_id or "",
        "sender": automation.sender_id,
        "text": automation.text,
        "page": automation.page_id or "",
        "cap_days": 7,
        "gives_way": "on",
    }
    return fields | changes


@pytest.fixture
def automation(workspace):
    return make_automation(workspace)


def happen(workspace, shop, **changes):
    with scope(workspace=workspace):
        for event in apply_snapshot(shop=shop, snapshot=replace(PLACED, **changes)):
            answer_event(event=event, now=TUESDAY)


def test_an_empty_list_says_what_to_do(owner_client):
    assert "/admin/automations/begin/" in owner_client.get("/admin/automations/").text


def test_the_form_offers_each_field_that_a_text_may_use(workspace, other_workspace, owner_client):
    with scope(workspace=workspace):
        Attribute.objects.create(workspace=workspace, slug="points", label="Points", kind="number")
    with scope(workspace=other_workspace):
        Attribute.objects.create(workspace=other_workspace, slug="secret", label="Secret", kind="text")

    form = owner_client.get("/admin/automations/new/").text

    offered = re.findall(r'data-ch-fields-(?:name|text)-param="([^"]+)"', form)
    assert offered == [
        "first_name",
        "last_name",
        "city",
        "points",
        "{order_number}",
        "{total}",
        "{shop_name}",
        "carrier",
        "tracking_number",
        "{tracking_link}",
        "{refund}",
        "{date}",
        "time",
        "{code}",
        "{page_title}",
        "{link}",
    ]
    assert "{&quot;trigger&quot;: [&quot;order_refunded&quot;]}" in form
    assert "campaigns/fields" in form


def test_the_list_tells_sent_and_not_sent_with_the_main_reason(workspace, owner_client, automation):
    shop = make_shop(workspace)
    happen(workspace, shop)
    for number in ("2", "3"):
        happen(workspace, shop, external_id=number, is_test=True)

    row = owner_client.get("/admin/automations/").context["object_list"][0]

    assert (row.waiting, row.refused, row.main_reason) == (1, 2, "not sent: test order")


def test_the_list_uses_the_same_number_of_queries_for_one_and_for_more(workspace, owner_client, automation):
    owner_client.get("/admin/automations/")
    with CaptureQueriesContext(connection) as one:
        owner_client.get("/admin/automations/")
    for name in ("Two", "Three"):
        make_automation(
            workspace, name=name, sender=automation.sender, page=automation.page, shop=make_shop(workspace, name=name)
        )
    with CaptureQueriesContext(connection) as many:
        owner_client.get("/admin/automations/")

    assert len(one) == len(many)


def test_the_switch_is_a_post_and_says_what_is_missing(workspace, owner_client, automation):
    address = f"/admin/automations/{automation.pk}/switch/"

    looked_at = owner_client.get(address).status_code
    owner_client.post(address, {"to": "off"})
    automation.refresh_from_db()
    was_on = automation.is_enabled
    with scope(workspace=workspace):
        automation.page.live = False
        automation.page.save()
    refused = owner_client.post(address, {"to": "on"}, follow=True)

    automation.refresh_from_db()
    assert (looked_at, was_on, automation.is_enabled) == (405, False, False)
    assert [message.level_tag for message in refused.context["messages"]] == ["error"]


def test_the_log_says_what_was_decided_and_masks_numbers(workspace, owner_client, automation):
    happen(workspace, make_shop(workspace))

    page = owner_client.get(f"/admin/automations/inspect/{automation.pk}/").text

    assert "XKBKNABJK" in page
    assert "+33639981234" not in page


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"text": "Merci {first_name}"}, "text"),
        ({"text": "Profitez de nos soldes"}, "text"),
        ({"page": ""}, "text"),
        ({"sender": ""}, "sender"),
        ({"trigger": "full_moon"}, "trigger"),
    ],
)
def test_bad_input_is_refused_on_the_form(owner_client, automation, changes, field):
    response = owner_client.post(f"/admin/automations/edit/{automation.pk}/", typed(automation, **changes))

    assert list(response.context["form"].errors) == [field]


def test_a_changed_text_is_kept(workspace, owner_client, automation):
    owner_client.post(f"/admin/automations/edit/{automation.pk}/", typed(automation, text="Merci ! {link}"))

    automation.refresh_from_db()
    assert (automation.text, automation.is_enabled) == ("Merci ! {link}", True)


def test_a_new_automation_starts_switched_off(workspace, owner_client, automation):
    owner_client.post("/admin/automations/new/", typed(automation, name="Second"))

    with scope(workspace=workspace):
        assert not Automation.objects.get(name="Second").is_enabled


def test_choices_and_rows_of_another_workspace_are_out_of_reach(workspace, other_workspace, owner_client, automation):
    theirs = make_automation(other_workspace, page=make_page(other_workspace, "Theirs"))

    response = owner_client.post(
        f"/admin/automations/edit/{automation.pk}/", typed(automation, sender=theirs.sender_id, page=theirs.page_id)
    )

    assert set(response.context["form"].errors) == {"sender", "page"}
    assert owner_client.get(f"/admin/automations/inspect/{theirs.pk}/").status_code == 404
    assert owner_client.post(f"/admin/automations/{theirs.pk}/switch/", {"to": "off"}).status_code == 404


def test_a_service_message_that_leads_to_an_advertising_page_is_warned_of(owner_client, automation):
    page, form = automation.page, typed(automation)
    page.body = [("countdown", {"label": "Ends"})]
    page.save()

    saved = owner_client.post(f"/admin/automations/edit/{automation.pk}/", form, follow=True)

    shown = [owner_client.get(f"/admin/automations/{name}/{automation.pk}/").text for name in ("edit", "inspect")]
    assert ["and a service message must not" in text for text in (saved.text, *shown)] == [True] * 3


def test_an_analyst_switches_nothing(workspace, automation):
    analyst = Client()
    analyst.force_login(make_member(workspace, Role.ANALYST))

    analyst.post(f"/admin/automations/{automation.pk}/switch/", {"to": "off"})

    automation.refresh_from_db()
    assert automation.is_enabled


def test_a_new_automation_begins_with_a_text_of_its_trigger_and_ends_on_its_page(workspace, owner_client):
    with scope(workspace=workspace):
        sender = make_sender(make_account(workspace))
        make_domain(workspace)
    offered = owner_client.get("/admin/automations/begin/").context["rows"]
    [shipped] = [texts[0] for trigger, texts, _known in offered if trigger.slug == "order_shipped"]

    form = owner_client.get(f"/admin/automations/new/?text={shipped.number}").context["form"]
    begun = {name: form[name].value() or "" for name in form.fields}
    saved = owner_client.post("/admin/automations/new/", begun)

    with scope(workspace=workspace):
        automation = Automation.objects.get()
    assert len(offered) == len(settings.TRIGGERS)
    assert (begun["text"], begun["sender"]) == (shipped.text, sender.pk)
    assert (saved.headers["location"], automation.is_enabled) == (f"/admin/automations/inspect/{automation.pk}/", False)
    switched = owner_client.post(f"/admin/automations/{automation.pk}/switch/", {"to": "on", "back": "1"})
    automation.refresh_from_db()
    assert (switched.headers["location"], automation.is_enabled) == (saved.headers["location"], True)


def test_conditions_and_limits_are_kept_and_shown_again(owner_client, automation):
    asked = {"least_total": "30", "countries": "fr, BE", "products": "Tablier, bol", "history": "first"}
    limits = {"delay_minutes": "120", "max_age_hours": "2", "cap_messages": "2", "cap_days": "30", "budget": "50"}
    address = f"/admin/automations/edit/{automation.pk}/"

    owner_client.post(address, typed(automation, **asked, **limits))

    automation.refresh_from_db()
    form = owner_client.get(address).context["form"]
    assert automation.conditions == {
        "least_total": 3_000,
        "countries": ["FR", "BE"],
        "products": ["tablier", "bol"],
        "history": "first",
    }
    assert (automation.delay_minutes, automation.max_age_hours, automation.budget) == (120, 2, 5_000)
    assert (form["countries"].value(), form["history"].value()) == ("FR, BE", "first")
    assert str(form["least_total"].value()) == "30.00"


def folded(page):
    return [group.is_needless for group in page.context["form"].groups()]


@pytest.mark.parametrize(
    ("changes", "groups"),
    [
        ({}, [False, False, True, True, True]),
        ({"countries": "FR"}, [False, False, False, True, True]),
        ({"cap_days": "0"}, [False, False, True, False, True]),
    ],
)
def test_groups_that_nobody_uses_are_folded_and_one_with_an_error_is_not(owner_client, automation, changes, groups):
    if "cap_days" in changes:
        page = owner_client.post(f"/admin/automations/edit/{automation.pk}/", typed(automation, **changes))
    else:
        owner_client.post(f"/admin/automations/edit/{automation.pk}/", typed(automation, **changes))
        page = owner_client.get(f"/admin/automations/edit/{automation.pk}/")

    assert folded(page) == groups
    assert page.text.count("<summary>") == groups.count(True)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"countries": "France"}, "countries"),
        ({"languages": "x"}, "languages"),
        ({"least_total": "50", "most_total": "30"}, "most_total"),
        ({"budget": "-1"}, "budget"),
        ({"cap_messages": "0"}, "cap_messages"),
        ({"delay_minutes": "7"}, "delay_minutes"),
        ({"products": ",".join(f"word{number}" for number in range(21))}, "products"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(owner_client, automation, changes, field):
    response = owner_client.post(f"/admin/automations/edit/{automation.pk}/", typed(automation, **changes))

    assert list(response.context["form"].errors) == [field]


def log_of(client, **asked):
    return client.get("/admin/automations/log/", asked).context["lines"]


def test_the_log_is_narrowed_by_verdict_automation_contact_order_and_event(workspace, owner_client, automation):
    shop = make_shop(workspace)
    happen(workspace, shop)
    happen(workspace, shop, external_id="2", number="SECOND", phones=(PhoneCandidate("0639981299", "FR"),))
    happen(workspace, shop, external_id="3", is_test=True)
    make_automation(workspace, name="Other", sender=automation.sender, page=automation.page)
    with scope(workspace=workspace):
        first = Decision.objects.order_by("pk").first()
        Message.objects.filter(pk=first.message_id).update(state=Message.State.DELIVERED)
    asked = {
        "sent": {"verdict": "sent"},
        "waiting": {"verdict": "waiting"},
        "not_sent": {"verdict": "not_sent"},
        "contact": {"contact": first.contact_id},
        "order": {"order": "SECOND"},
        "event": {"event": first.event_id},
        "automation": {"automation": automation.pk},
        "senseless": {"verdict": "x", "contact": "²", "automation": "9" * 30, "p": "y"},
    }

    found = {name: len(log_of(owner_client, **query)) for name, query in asked.items()}

    once = dict.fromkeys(("sent", "waiting", "not_sent", "contact", "order", "event"), 1)
    assert found == {**once, "automation": 3, "senseless": 3}


@pytest.mark.parametrize(
    ("changes", "verdict", "words"),
    [
        ({"state": "delivered"}, "sent", "Sent · Delivered"),
        ({"state": "suppressed", "reason": "opted_out"}, "not_sent", "Not sent: opted out"),
        ({"state": "queued", "reason": "legal_hour"}, "waiting", "Deferred to 08:00: Waits for a legal hour"),
        (
            {"state": "queued", "reason": "legal_hour", "due_at": NEW_YEAR},
            "waiting",
            "Deferred to 01/01/2031 at 08:00: Waits for a legal hour",
        ),
        ({"state": "queued"}, "waiting", "About to leave"),
    ],
)
def test_a_line_says_what_became_of_the_message(workspace, owner_client, automation, changes, verdict, words):
    happen(workspace, make_shop(workspace))
    eight = timezone.localtime().replace(hour=8, minute=0)
    with scope(workspace=workspace):
        Message.objects.update(**{"due_at": eight} | changes)

    [line] = log_of(owner_client, verdict=verdict)

    assert line.words == words


def test_the_log_of_one_person_stands_on_their_page_with_the_reasons(workspace, owner_client, automation):
    switched = f"/admin/automations/{automation.pk}/switch/"
    owner_client.post(switched, {"to": "off"})
    happen(workspace, make_shop(workspace))
    with scope(workspace=workspace):
        contact = Decision.objects.get().contact

    page = owner_client.get(f"/admin/audience/contacts/inspect/{contact.pk}/").text
    log = owner_client.get(f"/admin/automations/log/?contact={contact.pk}")

    assert "Not sent: automation off" in page
    assert f"/admin/automations/log/?contact={contact.pk}" in page
    assert (log.context["contact"], "+33639981234" in log.text) == (contact, False)


def test_the_log_uses_the_same_number_of_queries_for_one_and_for_more(workspace, owner_client, automation):
    shop = make_shop(workspace)
    counts = []
    for number in range(3):
        happen(workspace, shop, external_id=str(number), phones=(PhoneCandidate(f"063998121{number}", "FR"),))
        with CaptureQueriesContext(connection) as queries:
            assert len(log_of(owner_client)) == number + 1
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_the_log_of_another_workspace_is_out_of_reach(workspace, other_workspace, owner_client, automation):
    make_automation(other_workspace, name="Theirs")
    happen(other_workspace, make_shop(other_workspace))
    with scope(workspace=other_workspace):
        theirs = Decision.objects.get()

    lines = [log_of(owner_client, **asked) for asked in ({}, {"contact": theirs.contact_id})]

    assert lines == [[], []]


def test_times_are_said_in_the_language_of_whoever_reads_them():
    said = [label for _value, label in (*MINUTES, *LEADS, *HOURS)]

    assert [type(label) for label in said if not isinstance(label, Promise)] == []
    assert [str(label) for _value, label in LEADS][:4] == [
        "the same day",
        "1 hour before",
        "2 hours before",
        "4 hours before",
    ]
