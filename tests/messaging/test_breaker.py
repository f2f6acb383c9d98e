from datetime import timedelta

import pytest
from django_scopes import scope

from integrations.gateways.base import ErrorClass, Rejected, Unknown
from integrations.health import Breaker
from messaging import deliver
from messaging.models import Message
from messaging.queries import standing_of
from messaging.services.breaker import OPENS_AFTER
from tests.factories import TUESDAY, make_account, make_batch, make_contact, make_sender
from tests.messaging.helpers import outcome, run_step, send_to_all

PHONES = [f"+336399801{number:02}" for number in range(60)]
SECOND = timedelta(seconds=1)


@pytest.fixture
def batch(workspace, sender):
    for phone in PHONES:
        make_contact(workspace, phone)
    return send_to_all(make_batch(sender))


def seen(account, now):
    account.refresh_from_db()
    with scope(workspace=account.workspace):
        return standing_of(account, now)


def run_until_paused_no_more(account, rounds, now=TUESDAY):
    """A claim whenever the pause is over; the moment after the last pause."""
    for _round in range(rounds):
        run_step(account, now, claimer="claimer")
        account.refresh_from_db()
        now = (account.paused_until or now) + SECOND
    return now


@pytest.mark.parametrize("error", [ErrorClass.AUTH, ErrorClass.CREDIT])
def test_refused_credentials_and_an_empty_purse_open_the_breaker_at_once(account, batch, gateway, error):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(error)))

    run_step(account)

    standing = seen(account, TUESDAY)
    assert (standing.breaker, standing.opened_at) == (Breaker.OPEN, TUESDAY)
    assert account.paused_until == TUESDAY + timedelta(minutes=15)
    assert standing.because.startswith("Waits: ")


@pytest.mark.parametrize("trouble", [Rejected(ErrorClass.GATEWAY_DOWN), Unknown("timeout")])
def test_a_provider_that_is_silent_or_down_opens_it_after_some_calls_in_a_row(account, batch, gateway, trouble):
    gateway.results.update(dict.fromkeys(PHONES, trouble))
    now = run_until_paused_no_more(account, OPENS_AFTER - 1)
    before = seen(account, TUESDAY).breaker

    run_until_paused_no_more(account, 1, now)

    assert (before, seen(account, now).breaker) == (Breaker.CLOSED, Breaker.OPEN)


def test_half_open_sends_one_message_and_stays_shut_while_it_is_under_way(account, batch, gateway):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.CREDIT)))
    now = run_until_paused_no_more(account, 1)
    gateway.results.clear()
    half_open = seen(account, now).breaker

    handled = [run_step(account, now, "probe"), run_step(account, now + SECOND, "probe")]

    assert (half_open, handled) == (Breaker.HALF_OPEN, [1, 5])
    assert seen(account, now).breaker == Breaker.CLOSED


def test_a_message_ahead_that_fails_opens_it_again(account, batch, gateway):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.CREDIT)))
    now = run_until_paused_no_more(account, 1)

    handled = run_step(account, now, "probe")

    assert (handled, seen(account, now).breaker) == (1, Breaker.OPEN)
    assert run_step(account, now + SECOND, "other") is None


def test_a_worker_that_dies_with_the_message_ahead_blocks_the_account_for_a_minute_only(
    account, batch, gateway, workspace
):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.CREDIT)))
    now = run_until_paused_no_more(account, 1)
    gateway.results.clear()
    with scope(workspace=workspace):
        claimed = deliver.claim(account=account, claimer="dead", now=now)
        deliver.admit(claimed, now=now)

    assert run_step(account, now + 30 * SECOND, "early") is None
    assert run_step(account, now + 61 * SECOND, "later") == 1


def test_a_message_ahead_that_the_gate_refuses_lets_the_next_one_go(account, batch, gateway, workspace):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.CREDIT)))
    now = run_until_paused_no_more(account, 1)
    gateway.results.clear()
    with scope(workspace=workspace):
        Message.objects.filter(pk=Message.objects.order_by("due_at", "pk")[0].pk).update(contact=None)

    run_step(account, now, "probe")

    assert seen(account, now).breaker == Breaker.HALF_OPEN
    assert run_step(account, now + SECOND, "probe") == 1
    assert seen(account, now).breaker == Breaker.CLOSED


def test_throttling_never_opens_the_breaker_but_halves_the_rate_which_grows_back(account, batch, gateway):
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.THROTTLED, retry_after_seconds=1)))
    account.rate_per_second = 40
    account.save()

    rates = []
    for minute in range(3):
        run_step(account, TUESDAY + minute * SECOND * 2)
        rates.append(seen(account, TUESDAY + minute * SECOND * 2).rate_per_second)

    assert [round(rate) for rate in rates] == [20, 10, 5]
    assert seen(account, TUESDAY + timedelta(minutes=5)).rate_per_second == pytest.approx(25, abs=1)
    assert seen(account, TUESDAY + timedelta(minutes=11)).rate_per_second == 40
    assert seen(account, TUESDAY).breaker == Breaker.CLOSED


def test_an_account_that_was_throttled_takes_less(account, batch, gateway):
    gateway.results[PHONES[0]] = Rejected(ErrorClass.THROTTLED, retry_after_seconds=1)

    handled = [run_step(account, TUESDAY + number * 2 * SECOND) for number in range(2)]

    assert handled == [5, 2]


def test_a_breaker_is_the_accounts_own(account, batch, gateway, other_workspace):
    theirs = make_account(other_workspace, "scripted")
    make_contact(other_workspace, "+33639980077")
    their_batch = send_to_all(make_batch(make_sender(theirs)))
    gateway.results.update(dict.fromkeys(PHONES, Rejected(ErrorClass.AUTH)))

    run_step(account)
    run_step(theirs)

    assert outcome(their_batch) == [("accepted", "")]
    assert seen(theirs, TUESDAY).breaker == Breaker.CLOSED
