import pytest
from django.utils import translation

from campaigns.changes import Change
from campaigns.models import Campaign
from campaigns.review import Review
from tests.factories import TUESDAY, make_campaign, make_contact, make_list


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


def review_of(campaign):
    return Review(campaign, TUESDAY)


def test_a_draft_that_is_ready_has_green_lines_only(in_workspace):
    review = review_of(make_campaign(in_workspace))

    assert (review.problems, review.to_see) == ([], [])
    assert {line.subject for line in review.greens} >= {
        "Audience",
        "Encoding",
        "Sender",
        "STOP mention",
        "Link",
        "Page",
    }


def test_parts_are_counted_over_real_names_and_the_worst_reader_is_shown(in_workspace):
    people = [
        make_contact(in_workspace, "+33639980001", first_name="Ana"),
        make_contact(in_workspace, "+33639980002", first_name="Maximilienne"),
        make_contact(in_workspace, "+33639980003", first_name="Ana", consents=False),
    ]
    room = 160 - len(" STOP 36180") - len("Bonjour ")
    text = "Bonjour {first_name|vous}" + "x" * (room - len("Ana"))
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *people), text=text, page=None)

    review = review_of(campaign)

    assert (review.reading.readers, review.reading.parts, review.reading.most_parts) == (2, 3, 2)
    assert (review.worst, review.measured.parts, review.cost_micros) == (people[1], 2, 3 * 45_000)


def test_a_curly_apostrophe_is_named_and_its_mend_priced(in_workspace):
    text = "Les ventes privées commencent : -30 % jusqu’à dimanche soir, en boutique et en ligne, pour vous seule."
    campaign = make_campaign(in_workspace, text=text, page=None)

    review = review_of(campaign)

    assert [line.text for line in review.to_see if line.subject == "Encoding"] == [
        "“’” (curly apostrophe) is not in the SMS alphabet: 2 parts in all instead of 1."
    ]
    assert (review.saved_micros, review.mended.campaign.text) == (45_000, text.replace("’", "'"))


def test_an_emoji_is_dropped_only_by_a_button_that_says_so(in_workspace):
    review = review_of(make_campaign(in_workspace, text="Bonjour 🎉 {link}"))

    assert [(line.mend_label, line.mend_action) for line in review.to_see] == [("Without emoji", "mend")]
    assert (review.mended.campaign.text, review.changes[1]) == ("Bonjour {link}", Change(" 🎉", ""))


def test_another_script_can_not_be_mended_and_is_said(in_workspace):
    review = review_of(make_campaign(in_workspace, text="שלום {link}"))

    assert review.mended is None
    assert [line.mend_action for line in review.to_see] == [""]


def test_what_an_emoji_would_cost_is_known_before_it_is_put_in(in_workspace):
    review = review_of(make_campaign(in_workspace, text="x" * 80, page=None))

    assert (review.all_parts, review.with_emoji.all_parts, review.with_emoji.cost_micros) == (1, 2, 90_000)


def test_names_outside_the_alphabet_are_a_line_of_their_own(in_workspace):
    people = [make_contact(in_workspace, f"+3363998000{at}", first_name=name) for at, name in enumerate(("Ana", "Zoë"))]
    campaign = make_campaign(
        in_workspace,
        contact_list=make_list(in_workspace, *people),
        text="Bonjour {first_name|vous}" + "x" * 80,
        page=None,
    )

    review = review_of(campaign)

    assert [line.text for line in review.to_see if line.subject == "Names"] == ["1 reader (Zoë) gets up to 2 parts."]


def test_a_preview_shows_holes_that_can_not_be_filled_as_written(in_workspace):
    review = review_of(make_campaign(in_workspace, text="Bonjour {first_name}, {city|ici} {"))

    assert review.render(None) == "Bonjour {first_name}, ici { STOP 36180"


def test_a_page_without_link_in_the_text_offers_to_insert_it(in_workspace):
    review = review_of(make_campaign(in_workspace, text="Bonjour"))

    assert [(line.subject, line.mend_action) for line in review.to_see] == [("Link", "insert")]


def test_an_unsaved_empty_draft_has_a_report_card(in_workspace):
    review = review_of(Campaign(workspace=in_workspace))

    assert {line.field for line in review.problems} == {"audience", "sender", "text"}
    assert (review.measured.parts, review.cost_micros, review.reach.total) == (0, None, 0)


def test_a_review_of_many_contacts_takes_as_many_queries_as_one_of_few(in_workspace, django_assert_max_num_queries):
    people = [make_contact(in_workspace, f"+33639980{at:03}", first_name=f"Ana{at}") for at in range(40)]
    campaign = make_campaign(in_workspace, contact_list=make_list(in_workspace, *people))

    with django_assert_max_num_queries(15):
        review = review_of(campaign)
        assert review.lines
        assert review.cost_micros == 40 * 45_000
