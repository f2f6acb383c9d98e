import pytest
from django.test import Client
from django.urls import reverse
from django_scopes import scope
from wagtail.models import Site

from accounts.models import Role
from shortlinks.models import ShortDomain, ShortLink, Verdict
from shortlinks.services import reserve_range
from tests.factories import TUESDAY, make_click, make_domain, make_link, make_member

LINKS, DOMAINS = reverse("shortlinks_links:index"), reverse("shortlinks_domains:index")


@pytest.fixture
def marketer_client(workspace):
    client = Client()
    client.force_login(make_member(workspace, Role.MARKETER))
    return client


def alias_form(domain, **fields):
    return {
        "label": "Poster in the shop",
        "domain": domain.pk,
        "alias": "soldes",
        "target_url": "https://shop.example/soldes",
        "is_enabled": "on",
        **fields,
    }


def errors_of(response):
    return {name: list(map(str, errors)) for name, errors in response.context["form"].errors.items()}


def test_the_list_counts_codes_people_and_all_hits(owner_client, workspace):
    link = make_link(workspace, label="Sale")
    reserve_range(link=link, size=30, now=TUESDAY)
    reserve_range(link=link, size=10, now=TUESDAY)
    for position, verdict in ((0, Verdict.HUMAN), (0, Verdict.HUMAN), (1, Verdict.HUMAN), (2, Verdict.BOT)):
        make_click(link, position, verdict=verdict)
    for visitor in (b"1" * 16, b"1" * 16, b"2" * 16):
        make_click(link, None, visitor=visitor)

    response = owner_client.get(LINKS)

    [row] = response.context["object_list"]
    assert (row.code_count, row.people_count, row.hit_count) == (40, 4, 7)
    assert "40 codes on go.lambert.example" in response.content.decode()


def test_the_list_takes_the_same_number_of_queries_for_many_links(
    owner_client, workspace, django_assert_max_num_queries
):
    for number in range(12):
        make_click(make_link(workspace, label=f"Sale {number}"))
    owner_client.get(LINKS)

    with django_assert_max_num_queries(16):
        owner_client.get(LINKS)


def test_an_alias_is_made_by_hand_and_known_to_the_redirect(marketer_client, workspace):
    domain = make_domain(workspace)

    response = marketer_client.post(reverse("shortlinks_links:add"), alias_form(domain, alias=" SOLDES-26 "))

    assert response.status_code == 302
    with scope(workspace=workspace):
        link = ShortLink.objects.get()
        assert link.version == ShortDomain.objects.get().version == 1
    assert (link.label, link.alias, link.target_url) == (
        "Poster in the shop",
        "soldes-26",
        "https://shop.example/soldes",
    )


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("alias", "été", "Use letters without accents, digits and hyphens only: summer-sale."),
        ("alias", "_health", "Use letters without accents, digits and hyphens only: summer-sale."),
        ("alias", "taken", "“Sale” has this alias already."),
        ("alias", "", "This field is required."),
        ("target_url", "https://u:p@shop.example/", "Leave the user name and the password out of the address."),
        (
            "target_url",
            "https://go.lambert.example/x",
            "This address is itself a short link; it would lead in a circle.",
        ),
    ],
)
def test_a_bad_alias_or_address_is_refused_with_words(owner_client, workspace, field, value, message):
    domain = make_domain(workspace)
    make_link(workspace, alias="taken")

    response = owner_client.post(
        reverse("shortlinks_links:add"), alias_form(domain, **{field: value}), headers={"accept-language": "en"}
    )

    assert errors_of(response) == {field: [message]}


def test_a_domain_of_another_workspace_is_no_choice(owner_client, workspace, other_workspace):
    make_domain(workspace)
    theirs = make_domain(other_workspace)

    response = owner_client.post(reverse("shortlinks_links:add"), alias_form(theirs))

    assert list(errors_of(response)) == ["domain"]


def test_of_a_campaign_s_link_all_but_its_short_address_can_change(owner_client, workspace):
    link = make_link(workspace)
    url = reverse("shortlinks_links:edit", args=[link.pk])

    fields = set(owner_client.get(url).context["form"].fields)
    owner_client.post(url, {"label": "Sale", "target_url": "https://shop.example/other", "is_enabled": "on"})

    assert fields == {
        *("label", "target_url", "rules", "keeps_query", "has_utm"),
        *("is_enabled", "starts_at", "expires_at", "max_visits", "fallback_url"),
    }
    with scope(workspace=workspace):
        after = ShortLink.objects.get()
    assert (after.target_url, after.version > link.version) == ("https://shop.example/other", True)


@pytest.mark.parametrize(
    ("target", "is_told"),
    [
        ("https://chappe.example/lambert/other/", True),
        ("https://lambert.example/sale/", True),
        ("https://shop.example/", False),
        ("https://chappe.example.org/", False),
        ("https://breton.example/sale/", False),
    ],
)
def test_only_pages_of_our_own_are_told_who_comes(owner_client, workspace, other_workspace, settings, target, is_told):
    settings.BASE_URL = "https://chappe.example"
    for each, host in ((workspace, "lambert.example"), (other_workspace, "breton.example")):
        each.site = Site.objects.create(hostname=host, port=443, root_page=each.root_page)
        each.save()
    link = make_link(workspace, "https://chappe.example/lambert/sale/", carries_visit=not is_told)

    owner_client.post(
        reverse("shortlinks_links:edit", args=[link.pk]), {"label": "Sale", "target_url": target, "is_enabled": "on"}
    )

    with scope(workspace=workspace):
        assert ShortLink.objects.values_list("target_url", "carries_visit").get() == (target, is_told)


def test_an_owner_adds_a_domain_and_makes_it_the_default(owner_client, workspace):
    make_domain(workspace)

    owner_client.post(reverse("shortlinks_domains:add"), {"host": "Go.Example", "is_default": "on"})

    with scope(workspace=workspace):
        hosts = dict(ShortDomain.objects.values_list("host", "is_default"))
    assert hosts == {"go.lambert.example": False, "go.example": True}


@pytest.mark.parametrize(
    ("host", "message"),
    [
        ("https://go.example", "Write the host alone, such as go.example.com."),
        ("go.breton.example", "This host is already in use."),
    ],
)
def test_a_bad_host_is_refused_with_words(owner_client, workspace, other_workspace, host, message):
    make_domain(other_workspace)

    response = owner_client.post(reverse("shortlinks_domains:add"), {"host": host}, headers={"accept-language": "en"})

    assert errors_of(response) == {"host": [message]}


def test_a_marketer_adds_no_domain(marketer_client, workspace):
    marketer_client.post(reverse("shortlinks_domains:add"), {"host": "go.example"})

    with scope(workspace=workspace):
        assert not ShortDomain.objects.exists()


def test_the_domain_list_shows_how_many_links_each_has(owner_client, workspace):
    make_link(workspace)
    make_link(workspace)

    [row] = owner_client.get(DOMAINS).context["object_list"]

    assert row.link_count == 2
