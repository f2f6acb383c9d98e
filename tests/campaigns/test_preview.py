"""What the composer shows of a text that is being written: counts, mends, and the phones of real readers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_scopes import scope

from audience.models import Attribute
from campaigns.models import Campaign
from tests.campaigns.composing import errors_of, typed
from tests.factories import make_campaign, make_contact, make_list


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


@pytest.fixture
def composer(campaign):
    return f"/admin/campaigns/edit/{campaign.pk}/"


def test_the_server_counts_an_unsaved_text_for_the_worst_real_recipient(workspace, owner_client, campaign):
    with scope(workspace=workspace):
        people = [make_contact(workspace, f"+3363998000{at}", first_name=name) for at, name in enumerate(("Al", "Zoë"))]
    contact_list = make_list(workspace, *people, name="Two")

    response = owner_client.post(
        "/admin/campaigns/count/",
        typed(campaign, name="", audience=f"list:{contact_list.pk}", text="Oh {first_name|toi}"),
    )

    review = response.context["review"]
    assert (review.reach.writable, review.worst, review.measured.encoding) == (2, people[1], "ucs-2")
    shown = [(screen.title, screen.is_plain, screen.is_worst) for screen in response.context["screens"]]
    assert shown == [("Zoë", False, True), ("Al", True, False)]
    with scope(workspace=workspace):
        assert Campaign.objects.count() == 1


def test_counting_takes_the_same_number_of_queries_for_few_and_for_many(workspace, owner_client, campaign):
    def queries_for(number, name):
        with scope(workspace=workspace):
            people = [make_contact(workspace, f"+336399{80100 + number + at}") for at in range(number)]
        contact_list = make_list(workspace, *people, name=name)
        with CaptureQueriesContext(connection) as queries:
            owner_client.post("/admin/campaigns/count/", typed(campaign, audience=f"list:{contact_list.pk}"))
        return len(queries)

    assert queries_for(2, "few") == queries_for(40, "many")


def test_a_preview_masks_numbers(workspace, owner_client, campaign, composer):
    page = owner_client.get(composer).text

    for spelling in ("39980010", "39 98 00 10", "3998 0010"):
        assert spelling not in page
    assert "+33 6 •• •• •• 10" in page


@pytest.mark.parametrize(
    ("text", "name", "parts", "arrives", "problems"),
    [
        ("Bonjour {prenom|vous}", "Ana", 1, "Bonjour vous", ["There is no field {prenom}."]),
        (
            "x" * 2_000,
            "Ana",
            14,
            "x" * 2_000,
            ["1\u202f000 characters too many: shorten the text, or say the rest on a page."],
        ),
        ("Oh {first_name|toi}", "{link} {", 1, "Oh {link} {", []),
        ("שלום לכולם, מבצע היום", "Ana", 1, "שלום לכולם, מבצע היום", []),
        ("x" * 100 + "{first_name|toi}", "Zoë", 2, "x" * 100 + "Zoë", []),
    ],
    ids=["missing field", "2,000 characters", "value with a brace", "right to left", "name that flips the alphabet"],
)
def test_odd_texts_and_names_are_counted_and_shown_as_they_would_arrive(
    workspace, owner_client, campaign, text, name, parts, arrives, problems
):
    with scope(workspace=workspace):
        reader = make_contact(workspace, "+33639980055", first_name=name)
    contact_list = make_list(workspace, reader, name="One")

    response = owner_client.post(
        "/admin/campaigns/count/", typed(campaign, audience=f"list:{contact_list.pk}", text=text, page="")
    )

    review, [screen] = response.context["review"], response.context["screens"]
    assert (response.status_code, review.measured.parts) == (200, parts)
    assert "".join(screen.parts) == f"{arrives} STOP 36180"
    assert [line.text for line in review.problems] == problems


def test_2000_characters_are_kept_as_a_draft_and_do_not_leave(owner_client, campaign, composer):
    text = "x" * 2_000

    saved = owner_client.post(composer, typed(campaign, text=text, page=""))
    asked = owner_client.post(composer, typed(campaign, text=text, page="", **{"action-send": "1"}))

    campaign.refresh_from_db()
    assert (saved.status_code, campaign.text) == (302, text)
    assert errors_of(asked) == {
        "text": ["1\u202f000 characters too many: shorten the text, or say the rest on a page."]
    }
    assert text in asked.text


def test_what_is_longer_than_any_draft_is_refused_and_stays_on_the_form(owner_client, campaign, composer):
    text = "x" * 5_001

    response = owner_client.post(composer, typed(campaign, text=text))

    campaign.refresh_from_db()
    assert (list(errors_of(response)), text in response.text, campaign.text == text) == (["text"], True, False)


def test_no_browser_cuts_what_is_pasted(owner_client, composer):
    assert "maxlength" not in owner_client.get(composer).context["form"]["text"].as_widget()


def test_what_mending_would_do_is_shown_before_it_is_done(owner_client, campaign):
    response = owner_client.post("/admin/campaigns/count/", typed(campaign, text="L’hiver {link} est là"))

    assert "<del>L’hiver</del><ins>L&#x27;hiver</ins> {link} est là" in response.text
    campaign.refresh_from_db()
    assert "hiver" not in campaign.text


def test_attributes_are_offered_counted_and_shown_for_their_worst_reader(
    workspace, other_workspace, owner_client, campaign
):
    for owner, slug in ((workspace, "points"), (workspace, "shop"), (other_workspace, "secret")):
        with scope(workspace=owner):
            Attribute.objects.create(workspace=owner, label=slug.title(), slug=slug, kind="text")
    with scope(workspace=workspace):
        people = [
            make_contact(workspace, f"+3363998000{at}", attributes={"points": points, "shop": "Nantes"})
            for at, points in enumerate(("1", "1", "œuvre"))
        ]
    contact_list = make_list(workspace, *people, name="Three")

    response = owner_client.post(
        "/admin/campaigns/count/",
        typed(campaign, audience=f"list:{contact_list.pk}", text="Oh {points|rien} {shop|ici} {secret|x}"),
    )

    review = response.context["review"]
    assert [name for name, _label, _fallback in response.context["merge_fields"]][3:] == ["points", "shop"]
    assert [group.readers for group in sorted(review.groups, key=lambda group: group.readers)] == [1, 2]
    assert (review.worst, review.measured.encoding) == (people[2], "ucs-2")
    assert "".join(response.context["screens"][0].parts) == "Oh œuvre Nantes x STOP 36180"
    assert review.text_problems == ["There is no field {secret}."]
