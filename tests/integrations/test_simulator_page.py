import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from integrations.gateways.base import Accepted, Outgoing, Rejected
from integrations.gateways.registry import gateway_of
from integrations.signals import message_received
from integrations.simulator import bulk, registry
from integrations.simulator.operator import Mode, mode_of, moment
from integrations.simulator.registry import Step
from integrations.simulator.texts import shown_text
from tests import simulator
from tests.factories import make_account, make_contact, make_member


@pytest.fixture(autouse=True)
def in_english(settings):
    settings.LANGUAGE_CODE = "en"


@pytest.fixture
def account(workspace):
    return make_account(workspace)


def send(account, number="+33639980001", text="Bonjour", reference="a-1"):
    message = Outgoing(reference=reference, to=number, sender="LAMBERT", text=text, is_marketing=True)
    return gateway_of(account).send([message])[0]


def client_of(workspace, role=Role.OWNER, email=""):
    client = Client()
    client.force_login(make_member(workspace, role, email))
    return client


def live(client, message_id=""):
    """The page, without its words for screen readers."""
    html = client.get(reverse("simulator"), {"message": message_id}).content.decode()
    return re.sub(r"data-words=\S+|<script.*?</script>", "", html, flags=re.DOTALL)


def test_an_empty_phone_says_what_to_do(owner_client, account):
    page = owner_client.get(reverse("simulator"))

    assert page.status_code == 200
    assert "arrives here in a few seconds" in page.content.decode()
    assert "ch-banner" in page.content.decode()


def test_without_a_simulator_there_is_no_page_and_no_menu_item(owner_client, workspace):
    assert owner_client.get(reverse("simulator")).status_code == 404
    assert reverse("simulator") not in owner_client.get(reverse("wagtailadmin_home")).content.decode()


def test_the_menu_leads_to_the_phones(owner_client, account):
    assert reverse("simulator") in owner_client.get(reverse("wagtailadmin_home")).content.decode()


def test_a_message_shows_on_its_contacts_phone_with_parts_and_fate(owner_client, account, workspace):
    make_contact(workspace, first_name="Zoë", last_name="Marchand")
    send(account, text="ë" * 71)

    before = live(owner_client)
    simulator.ring()
    after = live(owner_client)

    assert "Zoë Marchand" in before
    assert "06 39 98 00 01" in before
    assert before.count("ch-seamline") == 1
    assert "2 parts (“ë”) · on its way" in before
    assert re.search("ch-bubmeta.*delivered in 0 s", after)


def test_the_newest_phone_stands_left_and_the_chosen_one_before_it(owner_client, account):
    for digit in "123":
        send(account, number=f"+3363998000{digit}", reference=f"a-{digit}")
    chosen = bulk.taken(str(account.public_id), "a-1")[0].provider_id

    numbers = re.findall("06 39 98 00 0[123]", re.sub(r"data-\S+", "", live(owner_client)))
    with_choice = re.findall("06 39 98 00 0[123]", re.sub(r"data-\S+", "", live(owner_client, chosen)))

    assert list(dict.fromkeys(numbers)) == ["06 39 98 00 03", "06 39 98 00 02", "06 39 98 00 01"]
    assert list(dict.fromkeys(with_choice)) == ["06 39 98 00 01", "06 39 98 00 03", "06 39 98 00 02"]


def test_a_number_that_may_belong_to_somebody_is_masked(owner_client, account):
    send(account, number="+33612345678")

    html = live(owner_client)

    assert "+33 6 •• •• •• 78" in html
    assert "12345678" not in html


def test_a_text_is_escaped(owner_client, account):
    send(account, text="<script>alert(1)</script> l.fr/<b>")

    assert "<script>" not in live(owner_client)


def test_two_workspaces_never_see_each_others_phones(account, other_workspace):
    other = make_account(other_workspace)
    send(account, text="secret of Lambert")
    send(other, text="word of Breton")
    stranger = client_of(other_workspace)
    foreign = bulk.taken(str(account.public_id), "a-1")[0].provider_id

    html = live(stranger, foreign)
    answered = stranger.post(reverse("simulator_reply"), {"message": foreign, "text": "STOP"})
    stranger.post(reverse("simulator_clear"))
    stranger.post(reverse("simulator_mode"), {"mode": "down"})

    assert "word of Breton" in html
    assert "secret of Lambert" not in html
    assert answered.status_code == 404
    assert bulk.find([str(account.public_id)], foreign)
    assert mode_of(str(account.public_id)) == Mode.NORMAL


@pytest.mark.parametrize("word", ["STOP", "Merci à vous 😀"])
def test_an_answer_goes_through_the_real_webhook(owner_client, account, word):
    send(account)
    heard = []

    def listen(messages, **_):
        heard.extend(messages)

    message_received.connect(listen)
    last = bulk.taken(str(account.public_id), "a-1")[0].provider_id

    response = owner_client.post(reverse("simulator_reply"), {"message": last, "text": word})
    simulator.ring()

    message_received.disconnect(listen)
    assert response.status_code == 302
    assert [(each.sender, each.text) for each in heard] == [("+33639980001", word)]
    assert "ch-bub--me" in live(owner_client)


def test_an_answer_needs_words_and_a_phone(owner_client, account):
    send(account)
    last = bulk.taken(str(account.public_id), "a-1")[0].provider_id

    owner_client.post(reverse("simulator_reply"), {"message": last, "text": "  "})
    response = owner_client.post(reverse("simulator_reply"), {"message": "sim-none", "text": "STOP"})

    assert response.status_code == 404
    assert "ch-bub--me" not in live(owner_client)


def test_nothing_changes_by_get(owner_client, account):
    names = ["simulator_reply", "simulator_find", "simulator_mode", "simulator_clear"]

    assert [owner_client.get(reverse(name)).status_code for name in names] == [405] * 4


def test_an_analyst_looks_and_changes_nothing(account, workspace):
    send(account)
    analyst = client_of(workspace, Role.ANALYST)

    assert analyst.get(reverse("simulator")).status_code == 200
    assert reverse("simulator_reply") not in live(analyst)
    for name in ("simulator_reply", "simulator_mode", "simulator_clear"):
        assert analyst.post(reverse(name), {"mode": "down"}).status_code in {302, 403}
    assert mode_of(str(account.public_id)) == Mode.NORMAL


def test_the_operator_goes_down_and_comes_back(owner_client, account):
    owner_client.post(reverse("simulator_mode"), {"mode": "down"})
    refused = send(account)
    owner_client.post(reverse("simulator_mode"), {"mode": "normal"})

    assert isinstance(refused, Rejected)
    assert isinstance(send(account), Accepted)
    assert owner_client.post(reverse("simulator_mode"), {"mode": "sideways"}).status_code == 404


@pytest.mark.parametrize("words", ["camille", "06 39 98 00 01"])
def test_a_phone_is_found_by_name_or_number_and_no_address_carries_it(owner_client, account, workspace, words):
    make_contact(workspace)
    send(account)

    response = owner_client.post(reverse("simulator_find"), {"words": words})

    assert response.url.endswith("?message=" + bulk.taken(str(account.public_id), "a-1")[0].provider_id)


def test_a_name_nobody_has_is_said_so(owner_client, account):
    send(account)

    response = owner_client.post(reverse("simulator_find"), {"words": "Personne"}, follow=True)

    assert response.redirect_chain == [(reverse("simulator"), 302)]


def test_clearing_empties_the_phones(owner_client, account):
    send(account)

    owner_client.post(reverse("simulator_clear"))

    assert "Bonjour" not in live(owner_client)


def test_a_message_taken_twice_is_shown(owner_client, account):
    send(account)
    send(account)

    assert "ch-dot--stop" in live(owner_client)


def test_other_rooms_tell_the_life_and_the_outcomes(owner_client, account, monkeypatch):
    send(account)
    last = bulk.taken(str(account.public_id), "a-1")[0].provider_id
    owner_client.post(reverse("simulator_reply"), {"message": last, "text": "STOP"})
    monkeypatch.setattr(registry, "_lives", [])
    monkeypatch.setattr(registry, "_outcomes", [])
    registry.register_life(lambda reference: [Step(moment(2), f"later {reference}"), Step(moment(1), "sooner")])
    registry.register_outcomes(lambda ids: dict.fromkeys(ids, "opposition noted"))

    html = live(owner_client)

    assert html.index("sooner") < html.index("later a-1")
    assert "opposition noted" in html


def test_the_page_takes_as_many_queries_for_many_phones(
    owner_client, account, workspace, django_assert_max_num_queries
):
    for digit in range(8):
        make_contact(workspace, phone=f"+3363998000{digit}")
        send(account, number=f"+3363998000{digit}", reference=f"a-{digit}")

    with django_assert_max_num_queries(18):
        live(owner_client)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("plain", "plain"),
        ("go lamb.fr/k7P now", 'go <a href="https://lamb.fr/k7P" target="_blank" rel="noopener">lamb.fr/k7P</a> now'),
        (
            "127.0.0.1:8001/x1.",
            '<a href="https://127.0.0.1:8001/x1" target="_blank" rel="noopener">127.0.0.1:8001/x1</a>.',
        ),
        ("http://a.fr/x?y=1", '<a href="http://a.fr/x?y=1" target="_blank" rel="noopener">http://a.fr/x?y=1</a>'),
        ("3.50/mois le 12/03", "3.50/mois le 12/03"),
        ("a & b", "a &amp; b"),
    ],
)
def test_links_open_and_the_rest_is_text(text, html):
    assert shown_text(text) == html


def test_a_link_that_is_cut_stays_one_address():
    html = shown_text("a" * 150 + " l.fr/abcdef " + "b" * 20)

    assert html.count('href="https://l.fr/abcdef"') == 2
    assert html.count("ch-seamline") == 1


def state_of(html):
    return re.search('data-state="(.*?)"', html)[1]


def fragment(client, name, *args, **query):
    return client.get(reverse(name, args=args), query)


def test_a_thread_and_the_facts_stay_fresh_on_their_own(owner_client, account):
    send(account)
    message_id = bulk.taken(str(account.public_id), "a-1")[0].provider_id
    before = fragment(owner_client, "simulator_facts").content.decode()
    send(account, text="Encore", reference="a-2")

    thread = fragment(owner_client, "simulator_thread", message_id, message="newest").content.decode()
    facts = fragment(owner_client, "simulator_facts").content.decode()

    assert thread.count('data-ch-live-target="fragment"') == 1
    assert [thread.index("Bonjour") < thread.index("Encore"), thread.count("ch-bub--sel")] == [True, 1]
    assert state_of(before) == state_of(facts)
    send(account, number="+33639980002", reference="a-3")
    assert state_of(before) != state_of(fragment(owner_client, "simulator_facts").content.decode())


def test_a_thread_of_another_workspace_is_not_found(account, other_workspace):
    make_account(other_workspace)
    send(account)
    foreign = bulk.taken(str(account.public_id), "a-1")[0].provider_id

    assert fragment(client_of(other_workspace), "simulator_thread", foreign).status_code == 404


def test_addresses_carry_no_number(owner_client, account):
    send(account)

    addresses = re.findall('(?:href|src-value|action)="(.*?)"', live(owner_client))

    assert not [address for address in addresses if "639980001" in address or "39980001" in address]
