"""What the health page makes of heartbeats: of several machines and processes, alive, ended, killed."""

from dataclasses import asdict
from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from shortlinks.backlog import Backlog
from shortlinks.heartbeats import DrainerFacts, RedirectFacts
from shortlinks.machines import house_now
from shortlinks.models import Heartbeat
from tests.factories import TUESDAY, make_domain, make_link, make_member

SECOND = timedelta(seconds=1)
RECENTLY = (TUESDAY - 60 * SECOND).timestamp()


def beat(kind, machine="alpha", age=SECOND, stopped=False, **facts):
    said = {"read_at": TUESDAY.timestamp(), **facts} if kind == "redirect" else facts
    return Heartbeat.objects.create(
        name=f"{machine}-{Heartbeat.objects.count()}",
        machine=machine,
        kind=kind,
        process_id=100 + Heartbeat.objects.count(),
        started_at=TUESDAY - timedelta(hours=2),
        seen_at=TUESDAY - age,
        stopped_at=TUESDAY - age if stopped else None,
        facts=asdict(RedirectFacts(**said) if kind == "redirect" else DrainerFacts(**said)),
    )


def titles():
    return [(problem.tone, problem.title) for problem in house_now(now=TUESDAY).problems]


@pytest.fixture
def one_machine(db):
    beat("redirect", kept=10)
    beat("drainer", landed=10, landed_at=RECENTLY)


def test_where_all_is_well_nothing_is_said(one_machine):
    house = house_now(now=TUESDAY)

    assert (house.tone, house.problems, house.kept, [machine.name for machine in house.machines]) == (
        "ok",
        [],
        10,
        ["alpha"],
    )


def test_without_any_redirect_short_links_lead_nowhere(db):
    assert titles() == [("stop", "No redirect is running: short links lead nowhere")]


def test_machines_and_processes_are_kept_apart_and_counted_together(one_machine):
    beat("redirect", kept=5, late=2, lost=1)
    beat("redirect", "beta", kept=7, backlog_bytes=900, backlog_records=9, backlog_seconds=3.0)
    beat("drainer", "beta")

    house = house_now(now=TUESDAY)

    assert [(machine.name, len(machine.redirects)) for machine in house.machines] == [("alpha", 2), ("beta", 1)]
    assert house.machines[1].backlog == Backlog(900, 9, 3.0)
    assert (house.kept, house.late, house.lost) == (22, 2, 1)


def test_losses_are_shouted_about_for_an_hour_and_counted_for_a_week(one_machine):
    beat("redirect", lost=3, lost_at=RECENTLY)
    assert titles() == [("stop", "3 clicks could not be kept")]

    Heartbeat.objects.all().delete()
    beat("drainer")
    beat("redirect", lost=3, lost_at=(TUESDAY - timedelta(hours=2)).timestamp())
    assert (titles(), house_now(now=TUESDAY).lost) == ([], 3)


def test_a_killed_process_is_no_trouble_once_another_has_taken_over(one_machine):
    beat("redirect", age=timedelta(minutes=10), kept=99)

    assert titles() == []


def test_a_machine_that_falls_silent_is_missed(one_machine):
    beat("redirect", "beta", age=timedelta(minutes=10))

    assert titles() == [("stop", "The redirect on beta has fallen silent")]


@pytest.mark.parametrize(("age", "stopped"), [(timedelta(minutes=10), True), (timedelta(days=2), False)])
def test_a_machine_that_said_goodbye_is_not(one_machine, age, stopped):
    beat("redirect", "beta", age=age, stopped=stopped)

    assert titles() == []


def test_a_missing_drainer_and_late_clicks_are_told(one_machine):
    beat("redirect", "beta")
    beat("redirect", "gamma", backlog_records=9, backlog_seconds=120.0)
    beat("drainer", "gamma", trouble="OperationalError")

    assert titles() == [("stop", "Nobody lands the clicks of beta"), ("warn", "Clicks of gamma land late")]


def test_a_redirect_that_hears_of_no_changes_is_told_once_it_is_stale(one_machine, workspace):
    make_link(workspace, domain=make_domain(workspace))
    [machine] = house_now(now=TUESDAY).machines
    assert (machine.redirects[0].behind, titles()) == (1, [])

    beat("redirect", read_at=(TUESDAY - timedelta(minutes=5)).timestamp())
    assert titles() == [("stop", "alpha does not hear of new links")]


def test_an_alarm_about_guessing_is_worth_a_look(one_machine):
    beat("redirect", alarms=1, alarmed_at=RECENTLY)

    assert titles() == [("warn", "Somebody is trying codes that do not exist")]


def test_facts_of_another_version_are_read_as_far_as_they_are_known(one_machine):
    row = beat("redirect")
    Heartbeat.objects.filter(pk=row.pk).update(facts={"kept": 3, "colour": "blue"})

    assert house_now(now=TUESDAY).kept == 13


def test_owners_see_the_page_and_others_do_not(client, owner_client, workspace, one_machine):
    page = reverse("shortlinks_health")
    client.force_login(make_member(workspace, Role.MARKETER))

    assert [client.get(page).status_code, owner_client.get(page).status_code] == [302, 200]
    assert "short-link-health" in owner_client.get("/admin/").content.decode()


def test_whoever_asks_again_gets_the_fragment_alone(owner_client, one_machine):
    fragment = owner_client.get(reverse("shortlinks_health"), headers={"X-Requested-With": "XMLHttpRequest"})

    assert fragment.content.decode().lstrip().startswith("<div")


def test_networks_are_for_operators(owner_client, workspace, one_machine):
    beat("redirect", networks=["203.0.113.0/24"])
    page = reverse("shortlinks_health")

    to_owner = owner_client.get(page).content.decode()
    operator = make_member(workspace, Role.OWNER, "operator@chappe.example")
    operator.is_superuser = True
    operator.save()
    owner_client.force_login(operator)

    assert "203.0.113.0/24" not in to_owner
    assert "203.0.113.0/24" in owner_client.get(page).content.decode()


@pytest.mark.parametrize("count", [3, 12])
def test_the_page_asks_two_questions_however_many_machines(one_machine, django_assert_num_queries, count):
    for number in range(count):
        beat("redirect", f"m{number}")

    with django_assert_num_queries(2):
        house_now(now=TUESDAY)
