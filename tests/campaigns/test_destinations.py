from datetime import timedelta

import pytest
from django_scopes import scope

from audience.models import OptOutScope
from campaigns.models import Campaign
from campaigns.review import Review
from campaigns.services import copy_campaign, prepare_campaign, send_campaign
from messaging.models import Message, PromoCode, PromoPool
from messaging.services.opt_out import opt_out
from tests.campaigns.composing import typed
from tests.factories import TUESDAY, make_campaign, make_contact, make_list, make_page


@pytest.fixture
def campaign(workspace):
    return make_campaign(workspace)


def lines_of(campaign, *fields):
    return [(line.field, line.text) for line in Review(campaign, TUESDAY).problems if line.field in fields]


def make_pool(workspace, *codes, **fields):
    pool = PromoPool.objects.create(workspace=workspace, name="Winter codes", **fields)
    PromoCode.objects.bulk_create(PromoCode(workspace=workspace, pool=pool, code=code) for code in codes)
    return pool


def test_a_plain_address_gets_a_tracked_link_that_tells_it_nothing(workspace, campaign):
    with scope(workspace=workspace):
        Campaign.objects.update(page=None, target_url="https://boutique.example/soldes?x=1")

        sent = send_campaign(campaign=Campaign.objects.get(), now=TUESDAY)

        assert (sent.link.target_url, sent.link.carries_visit) == ("https://boutique.example/soldes?x=1", False)


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://boutique.example/", "Begin the address with https://."),
        ("javascript:alert(1)", "Begin the address with https://."),
        ("boutique.example", "Begin the address with https://."),
        ("https://10.0.0.1/", "This host belongs to a private network: your readers would not get there."),
        ("https://go.lambert.example/x", "This address is itself a short link; it would lead in a circle."),
    ],
)
def test_an_address_that_leads_nowhere_is_kept_in_the_draft_and_does_not_leave(
    workspace, owner_client, campaign, address, problem
):
    owner_client.post(f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, page="", target_url=address))

    with scope(workspace=workspace):
        campaign = Campaign.objects.get()
        assert (campaign.target_url, lines_of(campaign, "target_url")) == (address, [("target_url", problem)])


def test_a_page_and_an_address_are_one_too_many(workspace, campaign):
    campaign.target_url = "https://boutique.example/"

    with scope(workspace=workspace):
        problems = lines_of(campaign, "target_url")

    assert problems == [("target_url", "Choose a page or an address, not both: one link leads to one place.")]


def test_a_shared_code_is_counted_shown_and_sent_and_the_batch_knows_it(workspace, owner_client, campaign):
    with scope(workspace=workspace):
        pool = make_pool(workspace, shared_code="HIVER40")
        text = {"text": "Code {code} : {link}", "promo_pool": pool.pk}

        shown = owner_client.post("/admin/campaigns/count/", typed(campaign, **text))
        owner_client.post(f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, **text))
        sent = prepare_campaign(campaign=send_campaign(campaign=Campaign.objects.get(), now=TUESDAY), now=TUESDAY)

        assert "".join(shown.context["screens"][0].parts).startswith("Code HIVER40 : go.lambert.example/")
        assert (sent.batch.promo_pool, Message.objects.get().merge_values) == (pool, {"code": "HIVER40"})


def test_there_is_a_code_for_everybody_also_for_those_who_said_stop(workspace, campaign):
    with scope(workspace=workspace):
        people = [make_contact(workspace, f"+3363998004{at}") for at in range(3)]
        opt_out(workspace=workspace, phone="+33639980040", scope=OptOutScope.MARKETING, source="STOP", now=TUESDAY)
        few = make_pool(workspace, "AB-12345678", "CD")
        PromoCode.objects.filter(code="CD").update(contact=people[0], assigned_at=TUESDAY)
        campaign.contact_list, campaign.text = make_list(workspace, *people), "{code} {link}"
        campaign.promo_pool = few
        short = Review(campaign, TUESDAY)
        problems = [line.text for line in short.problems]
        PromoCode.objects.create(workspace=workspace, pool=few, code="EF")
        enough = [line.text for line in Review(campaign, TUESDAY).greens if line.subject == "Promo code"]

    assert (problems, enough) == (["1 code is missing: add it."], ["one for each"])
    assert short.render(None).startswith("CODECODECOD go.lambert.example/")


@pytest.mark.parametrize(
    ("text", "later", "tone", "words"),
    [
        ("{link}", timedelta(days=9), "warn", "The text has no {code}: nobody reads it."),
        ("{code} {link}", timedelta(0), "stop", "“Winter codes” ends "),
        ("{code} {link}", timedelta(days=9), "ok", "HIVER40"),
    ],
)
def test_codes_that_nobody_reads_or_that_have_ended_are_said(workspace, campaign, text, later, tone, words):
    with scope(workspace=workspace):
        campaign.promo_pool = make_pool(workspace, shared_code="HIVER40", expires_at=TUESDAY + later)
        campaign.text = text
        [line] = [line for line in Review(campaign, TUESDAY).lines if line.subject == "Promo code"]

    assert (line.tone, line.text.startswith(words)) == (tone, True)


def test_another_workspaces_codes_are_no_choice(workspace, other_workspace, owner_client, campaign):
    with scope(workspace=other_workspace):
        theirs = make_pool(other_workspace, shared_code="THEIRS")

    response = owner_client.post(f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, promo_pool=theirs.pk))

    assert (list(response.context["form"].errors), "THEIRS" in response.text) == (["promo_pool"], False)


def test_a_copy_leads_to_the_same_place_with_the_same_codes(workspace, campaign):
    with scope(workspace=workspace):
        campaign.page, campaign.target_url = None, "https://boutique.example/"
        campaign.promo_pool = make_pool(workspace, shared_code="HIVER40")

        copy = copy_campaign(campaign=campaign)

        assert (copy.target_url, copy.promo_pool) == (campaign.target_url, campaign.promo_pool)


@pytest.mark.parametrize(("code", "is_kept"), [("HIVER40", True), ("", False), ("{link}", False)])
def test_a_shared_code_is_made_in_the_settings(workspace, owner_client, code, is_kept):
    owner_client.post(
        "/admin/messaging/promo/new/", {"name": "Winter", "kind": "shared", "shared_code": code, "expires_at": ""}
    )

    with scope(workspace=workspace):
        assert [pool.shared_code for pool in PromoPool.objects.all()] == ([code] if is_kept else [])


def test_a_page_of_another_workspace_or_of_no_number_is_not_shown_back(other_workspace, owner_client, campaign):
    theirs = make_page(other_workspace, "Their secret sale")

    answers = [
        owner_client.post(f"/admin/campaigns/edit/{campaign.pk}/", typed(campaign, page=page))
        for page in (theirs.pk, "nonsense")
    ]

    assert [list(answer.context["form"].errors) for answer in answers] == [["page"], ["page"]]
    assert "Their secret sale" not in "".join(answer.text for answer in answers)
