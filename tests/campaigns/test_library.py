import pytest

from audience.models import Attribute
from campaigns.advertising import selling_words
from campaigns.library import LANGUAGES, OF_CAMPAIGNS, TRADES, examples, examples_for, texts_by_trigger
from campaigns.models import Automation
from campaigns.readiness import problems_of
from campaigns.triggers import triggers
from integrations.gateways.encoding import Encoding, measure
from messaging.compose import Template, sample_links
from messaging.models import BatchPurpose
from tests.factories import make_account, make_domain, make_sender

EVENT_FIELDS = {
    name: str(value)
    for trigger in triggers().values()
    for name, value in {**trigger.fields, **trigger.optional}.items()
}
LINKS = ("link", "tracking_link")


def name_of(example):
    return f"{example.language} {example.title}"


def test_every_trade_has_texts_in_both_languages():
    assert {(each.trade, each.language) for each in examples()} == {(t, lang) for t in TRADES for lang in LANGUAGES}


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_a_text_is_lawful_and_complete(example):
    is_service = example.purpose == BatchPurpose.SERVICE

    problems = Template(example.text).problems(extra_fields=EVENT_FIELDS if is_service else (), links=LINKS)

    assert problems == []
    assert "stop" not in example.text.lower()


@pytest.mark.parametrize("example", examples(), ids=name_of)
def test_a_text_is_one_part_of_the_sms_alphabet_with_names_link_and_stop_mention(example):
    values = {"first_name": "Marie-Claire", **EVENT_FIELDS, "shop_name": "Maison Lambert"}

    text = Template(example.text).render(values, sample_links(LINKS, "lambert.fr/Ab3dE9x"), " STOP au 36180")

    measured = measure(text)
    assert (measured.encoding, measured.parts, measured.guilty) == (Encoding.GSM_7, 1, ())


@pytest.mark.parametrize(
    "example", [each for each in examples() if each.purpose != BatchPurpose.MARKETING], ids=name_of
)
def test_a_text_that_is_no_advertisement_carries_no_word_of_one(example):
    assert selling_words(example.text) == []


def test_a_campaign_is_offered_no_service_text():
    assert {each.purpose for each in examples_for(OF_CAMPAIGNS)} == set(OF_CAMPAIGNS)


def test_every_trigger_has_texts_in_both_languages():
    assert [set(texts_by_trigger(language)) for language in LANGUAGES] == [set(triggers())] * 2


def test_a_text_of_a_trigger_can_be_switched_on_as_it_is(in_workspace):
    make_domain(in_workspace)
    sender = make_sender(make_account(in_workspace))
    begun = [each for each in examples() if each.trigger]

    visit = Attribute.objects.create(workspace=in_workspace, label="Visit", slug="visit", kind=Attribute.Kind.DATE_TIME)
    known = {"workspace": in_workspace, "sender": sender, "date_attribute": visit, "event_name": "booked"}

    problems = [problems_of(Automation(trigger=each.trigger, text=each.text, **known)) for each in begun]

    assert problems == [[]] * len(begun)
