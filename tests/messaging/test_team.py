from datetime import timedelta

import pytest
from django_scopes import scope

from messaging.models import BatchPurpose, TeamNumber
from messaging.services.team import NotConfirmed, TooManyTests, WrongCode, confirm, send_code, send_test
from tests.factories import TUESDAY
from tests.messaging.helpers import run_step

PHONE = "+33639980055"
NIGHT = TUESDAY.replace(hour=2)


@pytest.fixture
def colleague(workspace, sender):
    with scope(workspace=workspace):
        return TeamNumber.objects.create(workspace=workspace, name="Paul", phone=PHONE, confirmed_at=TUESDAY)


def try_out(workspace, sender, colleague, text="Bonjour {first_name|vous}", now=TUESDAY, **fields):
    fields = {"links": {}, **fields}
    return send_test(workspace=workspace, sender=sender, text=text, team_number=colleague, now=now, **fields)


def code_in(gateway):
    return gateway.taken[-1].text.split(" is ")[1][:6]


def test_a_test_reads_like_the_real_thing_and_says_that_it_is_none(
    account, workspace, sender, colleague, gateway, link
):
    try_out(workspace, sender, colleague, "{first_name|vous}: {code} {order_number} {link}", links={"link": link})

    run_step(account)

    [sent] = gateway.taken
    assert sent.to == PHONE
    assert sent.text.startswith("TEST Paul: CODE123 [order_number] go.lambert.example/")
    assert sent.text.endswith(" STOP 36180")


def test_a_test_of_a_service_text_carries_no_stop_clause_and_comes_at_night(
    account, workspace, sender, colleague, gateway
):
    try_out(workspace, sender, colleague, "Commande {order_number}", now=NIGHT, purpose=BatchPurpose.SERVICE)

    run_step(account, NIGHT)

    assert [sent.text for sent in gateway.taken] == ["TEST Commande [order_number]"]


def test_no_test_to_a_number_that_its_owner_has_not_confirmed(workspace, sender, colleague):
    with scope(workspace=workspace):
        TeamNumber.objects.update(confirmed_at=None)

    with pytest.raises(NotConfirmed):
        try_out(workspace, sender, colleague)


def test_ten_tests_a_day(workspace, sender, colleague):
    for _time in range(10):
        try_out(workspace, sender, colleague)

    with pytest.raises(TooManyTests):
        try_out(workspace, sender, colleague)
    try_out(workspace, sender, colleague, now=TUESDAY + timedelta(days=1))


def test_the_owner_of_a_number_confirms_it_by_a_code(account, workspace, colleague, gateway):
    send_code(team_number=colleague, now=TUESDAY)
    run_step(account)

    with pytest.raises(WrongCode):
        confirm(team_number=colleague, code="nothing", now=TUESDAY)
    confirmed = confirm(team_number=colleague, code=code_in(gateway), now=TUESDAY)

    assert confirmed.confirmed_at == TUESDAY


def test_a_code_is_good_for_ten_minutes_and_five_tries(account, workspace, colleague, gateway):
    send_code(team_number=colleague, now=TUESDAY)
    run_step(account)
    code = code_in(gateway)

    with pytest.raises(WrongCode):
        confirm(team_number=colleague, code=code, now=TUESDAY + timedelta(minutes=10))
    for _time in range(5):
        with pytest.raises(WrongCode):
            confirm(team_number=colleague, code="000000x", now=TUESDAY)
    with pytest.raises(WrongCode):
        confirm(team_number=colleague, code=code, now=TUESDAY)


def test_a_new_code_replaces_the_old_one_and_there_are_five_a_day(account, workspace, colleague, gateway):
    for _time in range(5):
        send_code(team_number=colleague, now=TUESDAY)

    with pytest.raises(TooManyTests):
        send_code(team_number=colleague, now=TUESDAY)
