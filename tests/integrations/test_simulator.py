import pytest
from django.db import transaction
from django_scopes import scopes_disabled

from integrations import http
from integrations.gateways.base import (
    Absent,
    Accepted,
    ErrorClass,
    Found,
    Outgoing,
    Rejected,
    ReportStatus,
    Undecidable,
    Unknown,
)
from integrations.gateways.registry import gateway_of
from integrations.models import InboundDelivery
from integrations.signals import delivery_reported, message_received
from integrations.simulator import bulk, news, operator
from integrations.simulator.magic import MAGIC, ORDINARY, behaviour_of
from integrations.simulator.operator import Mode
from tests import simulator
from tests.factories import make_account


@pytest.fixture
def account(workspace):
    return make_account(workspace)


@pytest.fixture
def gateway(account):
    return gateway_of(account)


@pytest.fixture
def heard():
    told = []

    def listen(account, reports=(), messages=(), **_):
        told.extend([*reports, *messages])

    delivery_reported.connect(listen)
    message_received.connect(listen)
    yield told
    delivery_reported.disconnect(listen)
    message_received.disconnect(listen)


def outgoing(number: str, reference: str = "a-1", text: str = "Bonjour") -> Outgoing:
    return Outgoing(reference=reference, to=f"+336399{number}", sender="LAMBERT", text=text, is_marketing=True)


def send(gateway, number, reference="a-1", text="Bonjour"):
    (result,) = gateway.send([outgoing(number, reference, text)])
    return result


def statuses(heard):
    return [report.status for report in heard]


def test_an_ordinary_phone_takes_a_message_and_reports_it(gateway, heard):
    result = send(gateway, "80001", text="ê" * 71)

    assert isinstance(result, Accepted)
    assert result.parts == 2
    assert simulator.ring() == 1
    assert [(each.provider_id, each.reference, each.status) for each in heard] == [
        (result.provider_ids[0], "a-1", ReportStatus.DELIVERED)
    ]
    assert simulator.ring() == 0


@pytest.mark.parametrize(
    ("number", "result", "reported"),
    [
        ("80100", Accepted, ["delivered"]),
        ("80104", Accepted, ["undelivered"]),
        ("80105", Accepted, ["delivered"]),
        ("80106", Rejected(ErrorClass.RECIPIENT, code="invalid_recipient"), []),
        ("80107", Rejected(ErrorClass.OPTED_OUT, code="recipient_opted_out"), []),
        ("80108", Accepted, []),
        ("80109", Accepted, ["expired"]),
        ("80112", Accepted, ["delivered"] * 5),
        ("80120", Accepted, ["delivered"]),
        ("80129", Rejected(ErrorClass.THROTTLED, code="throttled", retry_after_seconds=2), []),
        ("80150", Unknown("cut after the message was taken"), ["delivered"]),
        ("80151", Unknown("cut before the message was taken"), []),
        ("80004", Accepted, ["delivered"]),
        ("90104", Accepted, ["delivered"]),
    ],
)
def test_a_magic_number_does_what_the_table_says(gateway, heard, settings, number, result, reported):
    answered = send(gateway, number)
    # Five reports come a second apart when time passes at all.
    simulator.ring()

    assert answered == result or isinstance(answered, result if isinstance(result, type) else ())
    assert statuses(heard) == reported


def test_every_magic_number_has_a_test_above_and_words():
    assert set(MAGIC) == {"04", "05", "06", "07", "08", "09", "12", "20", "29", "50", "51"}
    assert all(str(behaviour.label) for behaviour in MAGIC.values())
    assert behaviour_of("+33639980199") is ORDINARY


def test_a_saturated_provider_takes_the_third_try(gateway):
    results = [send(gateway, "80129", reference=f"a-{n}") for n in range(3)]

    assert [type(result) for result in results] == [Rejected, Rejected, Accepted]


def test_a_message_cut_after_acceptance_is_found_once(gateway, account):
    send(gateway, "80150")

    found = gateway.reconcile("a-1", "+33639980150")

    assert isinstance(found, Found)
    assert found.status == ReportStatus.ACCEPTED
    assert bulk.accept_counts(str(account.public_id)) == {"a-1": 1}


def test_a_message_lost_on_the_way_is_absent_and_the_next_try_arrives(gateway):
    assert isinstance(send(gateway, "80151"), Unknown)
    assert gateway.reconcile("a-1", "+33639980151") == Absent()

    assert isinstance(send(gateway, "80151", reference="a-2"), Accepted)


def test_a_reference_taken_twice_shows(gateway, account):
    send(gateway, "80001")
    send(gateway, "80001")
    send(gateway, "80002", reference="a-2")

    assert bulk.accept_counts(str(account.public_id)) == {"a-1": 2, "a-2": 1}


def test_the_books_keep_what_was_taken_when_our_transaction_rolls_back(gateway, account):
    with pytest.raises(RuntimeError), transaction.atomic():
        send(gateway, "80001")
        raise RuntimeError

    assert bulk.accept_counts(str(account.public_id)) == {"a-1": 1}


def test_an_operator_that_is_down_takes_nothing_says_nothing_and_knows_nothing(gateway, account, heard):
    send(gateway, "80001")
    operator.set_mode(account=str(account.public_id), mode=Mode.DOWN)

    assert send(gateway, "80002", reference="a-2") == Rejected(ErrorClass.GATEWAY_DOWN)
    assert gateway.reconcile("a-1", "+33639980001") == Undecidable()
    assert simulator.ring() == 0
    operator.set_mode(account=str(account.public_id), mode=Mode.NORMAL)
    assert simulator.ring() == 1


def test_the_mode_of_one_account_is_not_the_mode_of_another(account, other_workspace):
    other = make_account(other_workspace)

    operator.set_mode(account=str(account.public_id), mode=Mode.DOWN)

    assert operator.mode_of(str(account.public_id)) == Mode.DOWN
    assert operator.mode_of(str(other.public_id)) == Mode.NORMAL


def test_reports_wait_for_their_time(gateway, settings):
    settings.SIMULATOR_SECONDS = 8

    send(gateway, "80001")

    assert simulator.ring() == 0
    assert bulk.claim_news(bulk.clock() + 1.9, limit=10) == {}
    assert len(bulk.claim_news(bulk.clock() + 8.1, limit=10)) == 1


def test_a_call_that_did_not_arrive_comes_again_unchanged(gateway, account):
    send(gateway, "80001")
    seen = []

    def refuse(url, body, headers):
        seen.append((headers["webhook-id"], body))
        return 500

    def break_off(url, body, headers):
        seen.append((headers["webhook-id"], body))
        raise http.NoAnswer("ReadTimeout")

    assert news.tell(post=refuse) == 0
    assert news.tell(post=refuse) == 0  # leased: not at once
    with bulk._books() as books:
        books.execute("UPDATE news SET due_at = 0")
    assert news.tell(post=break_off) == 0

    assert len(seen) == 2
    assert seen[0] == seen[1]


def test_thousands_of_reports_travel_in_few_calls(gateway, account):
    for start in range(0, 1_000, 100):
        gateway.send([outgoing("80001", reference=f"a-{n}") for n in range(start, start + 100)])

    told = [simulator.ring(), simulator.ring(), simulator.ring()]

    assert told == [500, 500, 0]
    with scopes_disabled():
        assert InboundDelivery.objects.count() == 2


def test_many_long_answers_travel_in_several_calls(account, heard):
    for _ in range(100):
        operator.reply(account=str(account.public_id), phone="+33639980001", text="😀" * 1_000)

    assert simulator.ring() == 100
    assert len(heard) == 100
    with scopes_disabled():
        assert InboundDelivery.objects.count() > 3


def test_an_answer_reaches_us_through_the_webhook(account, heard):
    provider_id = operator.reply(account=str(account.public_id), phone="+33639980001", text="STOP")

    assert simulator.ring() == 1
    assert [(each.sender, each.text, each.provider_id) for each in heard] == [("+33639980001", "STOP", provider_id)]


def test_news_of_an_account_that_is_gone_is_dropped(gateway, account):
    send(gateway, "80001")
    with scopes_disabled():
        account.delete()

    assert simulator.ring() == 0
    assert bulk.claim_news(bulk.clock() + 1e6, limit=10) == {}


def test_clearing_the_phones_forgets_nothing(gateway, account, heard):
    ours = str(account.public_id)
    send(gateway, "80001")

    bulk.clear([ours])

    assert bulk.newest_of_each_phone([ours], limit=10) == []
    assert bulk.accept_counts(ours) == {"a-1": 1}
    assert simulator.ring() == 1


def test_phones_come_newest_first_and_only_of_the_accounts_asked_for(gateway, account, other_workspace):
    other = make_account(other_workspace)
    send(gateway, "80001")
    send(gateway, "80002")
    send(gateway, "80001", reference="a-3")
    send(gateway_of(other), "80009")

    shown = bulk.newest_of_each_phone([str(account.public_id)], limit=10)

    assert [each.phone for each in shown] == ["+33639980001", "+33639980002"]
    assert [each.reference for each in bulk.thread(shown[0].account, shown[0].phone_index, limit=10)] == ["a-1", "a-3"]


def test_numbers_and_texts_are_sealed_in_the_books(gateway, settings):
    send(gateway, "80001", text="Bonjour Camille")

    written = b"".join(path.read_bytes() for path in settings.SIMULATOR_PATH.parent.glob("simulator.sqlite3*"))
    assert b"a-1" in written
    assert b"639980001" not in written
    assert b"Camille" not in written


def test_the_books_forget_what_is_old(gateway, account):
    send(gateway, "80001")

    assert bulk.purge(bulk.clock() - 1) == 0
    assert bulk.purge(bulk.clock() + 1) == 1
    assert simulator.ring() == 0


def test_the_books_open_again_after_their_file_was_removed(gateway, settings):
    send(gateway, "80001")
    settings.SIMULATOR_PATH.unlink()

    assert isinstance(send(gateway, "80001"), Accepted)
