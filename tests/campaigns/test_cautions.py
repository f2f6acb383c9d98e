from datetime import timedelta

import pytest
from django.utils import translation
from django_scopes import scope

from campaigns.cautions import pressure, spam_words
from campaigns.review import Review
from campaigns.services import prepare_campaign, send_campaign
from messaging.models import Message, PromoPool
from tests.factories import TUESDAY, make_account, make_campaign, make_contact, make_list, make_page, make_sender

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def lines_of(campaign, subject, now=TUESDAY):
    return [(line.tone, line.text) for line in Review(campaign, now).lines if line.subject == subject]


def page_that_says(workspace, *blocks, title="Winter sale"):
    page = make_page(workspace, title)
    page.body = list(blocks)
    page.save()
    return page


def offer(figure, pool=""):
    return ("offer", {"figure": figure, "text": "on the whole selection", "pool": pool, "note": ""})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Devis GRATUIT, c'est l'Urgence", ["GRATUIT", "Urgence"]),
        ("Gagnez du CA$H à la loterie", ["Gagnez", "CA$H", "loterie"]),
        ("Votre crédit immédiat", ["crédit immédiat"]),
        ("Click here to win", ["Click here", "win"]),
        ("Gainage et windsurf en liberté", []),
    ],
)
def test_words_of_spam_are_found_as_they_are_written(text, found):
    assert spam_words(text) == found


def test_spam_words_are_an_amber_line_and_no_obstacle(in_workspace):
    campaign = make_campaign(in_workspace, text="Diagnostic gratuit : {link}")

    assert lines_of(campaign, "Words") == [("warn", "“gratuit” is what spam says: filters and readers trust it less.")]
    assert Review(campaign, TUESDAY).problems == []


def test_the_page_keeps_what_the_text_promises(in_workspace):
    text = "-30 % et 12,50 € : {link}"
    kept = page_that_says(in_workspace, offer("−30 %"), offer("12.50€"))
    other = page_that_says(in_workspace, offer("−20 %"), title="Other sale")
    campaign = make_campaign(in_workspace, text=text)

    campaign.page = kept
    assert lines_of(campaign, "Page") == [("ok", "published, says the same figures")]
    campaign.page = other
    assert lines_of(campaign, "Page") == [("warn", "The text says 30 %, 12,50 €, the page does not.")]


def test_an_example_that_still_stands_on_the_page_is_a_warning_and_no_obstacle(in_workspace):
    campaign = make_campaign(in_workspace)
    campaign.page.action_label, campaign.page.action_target = "Enter", "https://www.example.com/"
    campaign.page.side_kind, campaign.page.side_target = "call", "06 39 98 00 00"

    assert lines_of(campaign, "Page") == [
        ("ok", "published"),
        ("warn", "The page still has what is only an example: https://www.example.com/, 06 39 98 00 00."),
    ]
    assert Review(campaign, TUESDAY).problems == []


def test_a_page_that_ends_before_the_message_leaves_is_an_obstacle(in_workspace):
    campaign = make_campaign(in_workspace)

    tones = []
    for ends_at in (TUESDAY - DAY, TUESDAY + DAY / 2, TUESDAY + 3 * DAY):
        campaign.page.expire_at = ends_at
        tones += [tone for tone, _text in lines_of(campaign, "Page")]

    assert tones == ["stop", "warn", "ok"]


def test_codes_of_the_page_that_end_soon_are_said(in_workspace):
    pool = PromoPool.objects.create(workspace=in_workspace, name="HIVER", shared_code="H", expires_at=TUESDAY)
    campaign = make_campaign(in_workspace)
    campaign.page = page_that_says(in_workspace, offer("-10 %", str(pool.pk)))

    [(tone, text)] = lines_of(campaign, "Page")

    assert (tone, text.startswith("The codes “HIVER” on the page end")) == ("warn", True)


def test_a_protected_name_is_a_warning_to_whoever_is_not_its_owner(in_workspace):
    sender = make_sender(make_account(in_workspace), "LaPoste")

    assert [tone for tone, _text in lines_of(make_campaign(in_workspace, sender=sender), "Sender")] == ["ok", "warn"]


def test_information_that_sells_is_said(in_workspace):
    campaign = make_campaign(in_workspace, text="Soldes : {link}", purpose="information", purpose_reason="Flood")

    assert [tone for tone, _text in lines_of(campaign, "Purpose")] == ["warn"]


def test_the_same_text_to_the_same_people_is_counted(in_workspace):
    first = make_campaign(in_workspace)
    prepare_campaign(campaign=send_campaign(campaign=first, now=TUESDAY), now=TUESDAY)
    first.refresh_from_db()
    type(first.batch).objects.update(created_at=TUESDAY)
    newcomer = make_contact(in_workspace, "+33639980077", first_name="Ana")
    told = first.contact_list.contacts.get()
    again = make_campaign(
        in_workspace,
        contact_list=make_list(in_workspace, told, newcomer, name="Both"),
        sender=first.sender,
        page=first.page,
        text=first.text.upper().replace("{FIRST_NAME|VOUS}", "{first_name|vous}").replace("{LINK}", " {link} "),
    )

    assert lines_of(again, "Repeated", TUESDAY + 2 * DAY) == [
        ("warn", "1 reader has had this very text in the last 14 days.")
    ]
    assert lines_of(again, "Repeated", TUESDAY + 20 * DAY) == []


def test_readers_who_had_advertising_lately_are_counted_before_more_is_sent(in_workspace, other_workspace, settings):
    settings.MARKETING_WEEKLY_CAP = 7
    campaigns = [make_campaign(in_workspace)]
    with scope(workspace=other_workspace):
        campaigns.append(make_campaign(other_workspace))
    for campaign in campaigns:
        with scope(workspace=campaign.workspace):
            prepare_campaign(campaign=send_campaign(campaign=campaign, now=TUESDAY), now=TUESDAY)
            Message.objects.update(state="delivered", submitted_at=TUESDAY)
    first = campaigns[0]
    again = make_campaign(in_workspace, contact_list=first.contact_list, sender=first.sender, page=first.page)

    def told(campaign, days):
        return [line.text for line in pressure(Review(campaign, TUESDAY), now=TUESDAY + days * DAY)]

    words = (
        "1 reader has had advertising from you in the last 7 days (in the last 24 hours: %s)."
        " Your rules let one have 7 in 7 days."
    )
    assert [told(again, days) for days in (0.5, 2, 8)] == [[words % 1], [words % 0], []]
    again.purpose = "information"
    assert told(again, 2) == []
