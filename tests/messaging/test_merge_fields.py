import pytest
from django_scopes import scope

from audience.models import Attribute, Contact
from messaging.compose import Template
from messaging.merge_fields import merge_fields_of, offered_attributes
from messaging.models import Message, TeamNumber
from messaging.services.batches import BadText, add_recipients, queue_message
from messaging.services.team import send_test
from tests.factories import TUESDAY, make_batch, make_contact
from tests.messaging.helpers import run_step

TEXT = "{points|0} points depuis le {since|début}, code parking : {parking|-}"


@pytest.fixture
def attributes(in_workspace):
    facts = {"points": "number", "since": "date", "parking": "text", "is_vip": "yes_no"}
    return [
        Attribute.objects.create(workspace=in_workspace, label=slug.title(), slug=slug, kind=kind)
        for slug, kind in facts.items()
    ]


@pytest.fixture
def people(in_workspace):
    known = {"points": 1250.5, "since": "2024-03-09", "parking": "{link} {", "is_vip": False}
    return [
        make_contact(in_workspace, f"+336399800{number:02}", attributes=facts)
        for number, facts in enumerate([known, {"points": 0}, {}])
    ]


@pytest.mark.usefixtures("attributes")
def test_a_text_is_filled_with_what_is_known_in_the_language_of_the_workspace_and_in_the_sms_alphabet(people, sender):
    batch = make_batch(sender, TEXT)

    add_recipients(batch=batch, contacts=Contact.objects.all(), due_at=TUESDAY, now=TUESDAY)

    assert [message.merge_values for message in Message.objects.order_by("position")] == [
        {"points": "1 250,5", "since": "09/03/2024", "parking": "{link} {"},
        {"points": "0"},
        {},
    ]


@pytest.mark.usefixtures("attributes")
def test_one_message_is_filled_as_many_are(people, sender, account, gateway):
    batch = make_batch(sender, TEXT, purpose="service")

    for contact in people:
        key = f"order-{contact.pk}"
        queue_message(batch=batch, contact=contact, values={}, idempotency_key=key, due_at=TUESDAY, now=TUESDAY)

    assert [message.merge_values for message in Message.objects.order_by("position")] == [
        {"points": "1 250,5", "since": "09/03/2024", "parking": "{link} {"},
        {"points": "0"},
        {},
    ]


def test_another_workspaces_attribute_is_no_field_and_none_is_offered(sender, other_workspace, in_workspace):
    with scope(workspace=other_workspace):
        Attribute.objects.create(workspace=other_workspace, label="Points", slug="points", kind="number")

    with pytest.raises(BadText) as refused:
        make_batch(sender, "{points|0} points")

    assert refused.value.problems == ["There is no field {points}."]
    assert offered_attributes() == []


@pytest.mark.usefixtures("attributes")
def test_not_everybody_has_an_attribute_so_it_needs_a_fallback(sender):
    with pytest.raises(BadText) as refused:
        make_batch(sender, "{points} points")

    assert refused.value.problems == ["{points} needs words for those who have none: {points|…}."]


@pytest.mark.parametrize("slug", ["first_name", "code", "link", "stop_link", "sale_link"])
def test_an_attribute_takes_no_other_holes_name(in_workspace, slug):
    Attribute.objects.create(workspace=in_workspace, label="Mine", slug=slug, kind="text")

    assert offered_attributes() == []
    assert [field.attribute for field in merge_fields_of(Template(f"{{{slug}|x}}")) if field.attribute] == []


@pytest.mark.usefixtures("attributes")
def test_a_test_to_a_colleague_reads_what_those_read_who_have_none(account, in_workspace, sender, gateway):
    lucie = TeamNumber.objects.create(workspace=in_workspace, name="Lucie", phone="+33639980099", confirmed_at=TUESDAY)

    send_test(workspace=in_workspace, sender=sender, text="{points|0} points", links={}, team_number=lucie, now=TUESDAY)
    run_step(account)

    assert [sent.text for sent in gateway.taken] == ["TEST 0 points STOP 36180"]


def test_a_text_without_attributes_asks_the_database_nothing(in_workspace, django_assert_num_queries):
    with django_assert_num_queries(0):
        fields = merge_fields_of(Template("{first_name|vous}, {city|ici} : {link} {code}"))

    assert [field.name for field in fields] == ["first_name", "city"]
