"""What the form of a link takes, refuses and keeps."""

import pytest
from django.urls import reverse
from django_scopes import scope
from wagtail.models import Site

from accounts.models import Role, User
from shortlinks.models import BlockedHost, ShortLink, TargetChange, UtmTemplate
from shortlinks.services import reserve_range
from tests.factories import TUESDAY, make_domain, make_link, make_member


def posted(**fields):
    return {"label": "Sale", "target_url": "https://shop.example/sale", "is_enabled": "on", **fields}


def rule(place, device="", language="", url=""):
    return {f"rules-{place}-device": device, f"rules-{place}-language": language, f"rules-{place}-url": url}


def edit_url(link):
    return reverse("shortlinks_links:edit", args=[link.pk])


def errors_of(response):
    return {name: list(map(str, errors)) for name, errors in response.context["form"].errors.items()}


def test_everything_a_link_can_do_is_kept_with_who_led_it_elsewhere(owner_client, workspace):
    link = make_link(workspace)
    fields = {
        **rule(0, "iphone", "", "apps.example/chappe"),
        **rule(1),
        **rule(2, "", "en", "https://shop.example/en"),
        "starts_at": "2026-12-01 08:00",
        "expires_at": "2026-12-24 20:00",
        "max_visits": "100",
        "fallback_url": "shop.example",
        "keeps_query": "on",
        "has_utm": "on",
    }

    response = owner_client.post(edit_url(link), posted(**fields))

    assert response.status_code == 302
    with scope(workspace=workspace):
        kept = ShortLink.objects.get()
        changes = list(TargetChange.objects.order_by("pk").values_list("part", "after", "author"))
    assert kept.rules == [
        {"device": "iphone", "language": "", "url": "https://apps.example/chappe"},
        {"device": "", "language": "en", "url": "https://shop.example/en"},
    ]
    assert (kept.max_visits, kept.fallback_url, kept.keeps_query, kept.has_utm) == (
        100,
        "https://shop.example",
        True,
        True,
    )
    owner = str(User.objects.get())
    assert changes == [
        ("fallback", "https://shop.example", owner),
        ("rules", "iphone → https://apps.example/chappe\nen → https://shop.example/en", owner),
    ]


def test_the_rules_that_a_link_has_are_shown_with_room_for_more(owner_client, workspace):
    link = make_link(workspace, rules=[{"device": "tablet", "language": "br", "url": "https://shop.example/br"}])

    page = owner_client.get(edit_url(link)).content.decode()

    assert '<option value="tablet" selected>' in page
    assert '<option value="br" selected>' in page
    assert [f'name="rules-{place}-url"' in page for place in range(4)] == [True, True, True, False]


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (rule(0, "", "", "https://a.example/"), {"rules": ["Rule 1: choose a device, a language or both."]}),
        (rule(0, "fridge", "", "https://a.example/"), {"rules": ["Rule 1: choose a device, a language or both."]}),
        (rule(1, "iphone"), {"rules": ["Rule 1: Give an address."]}),
        (
            {**rule(0, "iphone", "", "https://a.example/"), **rule(1, "android", "", "http://10.0.0.1/")},
            {"rules": ["Rule 2: This host belongs to a private network: your readers would not get there."]},
        ),
        (
            {"target_url": "javascript:alert(1)"},
            {"target_url": ["Start the address with https:// or http:// and a host name."]},
        ),
        ({"target_url": ""}, {"target_url": ["This field is required."]}),
        (
            {"fallback_url": "https://u:p@shop.example/"},
            {"fallback_url": ["Leave the user name and the password out of the address."]},
        ),
        ({"max_visits": "0"}, {"max_visits": ["Ensure this value is greater than or equal to 1."]}),
        (
            {"starts_at": "2026-12-24 08:00", "expires_at": "2026-12-01 08:00"},
            {"expires_at": ["It would end before it begins."]},
        ),
        (
            {name: value for place in range(11) for name, value in rule(place, "iphone", "", "a.example").items()},
            {"rules": ["10 rules at most."]},
        ),
    ],
)
def test_what_a_link_can_t_be_is_refused_with_words(owner_client, workspace, fields, errors):
    link = make_link(workspace)

    response = owner_client.post(edit_url(link), posted(**fields), headers={"accept-language": "en"})

    assert errors_of(response) == errors


def test_the_utm_parameters_are_the_workspace_s_own(owner_client, workspace, other_workspace):
    url = reverse("shortlinks_links:utm")

    response = owner_client.post(url, {"source": "chappe", "medium": "sms", "campaign": "{label}"})

    assert response.status_code == 302
    with scope(workspace=workspace):
        assert UtmTemplate.objects.get().campaign == "{label}"
    with scope(workspace=other_workspace):
        assert not UtmTemplate.objects.exists()
    assert "{label}" in owner_client.get(url).content.decode()


def test_a_placeholder_that_nobody_knows_is_refused(owner_client, workspace):
    response = owner_client.post(
        reverse("shortlinks_links:utm"), {"campaign": "{name}-{label}"}, headers={"accept-language": "en"}
    )

    assert errors_of(response) == {"campaign": ["{name} is not known here."]}


def make_operator(workspace):
    operator = make_member(workspace, email="operator@chappe.example")
    operator.is_superuser = True
    operator.save()
    return operator


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("Casino.example", "casino.example"),
        ("https://www.casino.example/x?y=1", "www.casino.example"),
        ("casino.example.", "casino.example"),
        ("été.example", "été.example".encode("idna").decode()),
    ],
)
def test_the_operator_blocks_a_host(client, workspace, typed, host):
    client.force_login(make_operator(workspace))

    client.post(reverse("shortlinks_blocked:add"), {"host": typed, "note": "complaint"})

    assert list(BlockedHost.objects.values_list("host", "note")) == [(host, "complaint")]


@pytest.mark.parametrize("typed", ["", "a b", "https://", "*.example"])
def test_what_is_no_host_blocks_nothing(client, workspace, typed):
    client.force_login(make_operator(workspace))

    client.post(reverse("shortlinks_blocked:add"), {"host": typed})

    assert not BlockedHost.objects.exists()


@pytest.mark.parametrize("role", Role.values)
def test_nobody_but_the_operator_sees_or_changes_the_block_list(client, workspace, role):
    make_domain(workspace)
    client.force_login(make_member(workspace, role))

    answers = [client.get(reverse("shortlinks_blocked:index")), client.get(reverse("wagtailadmin_home"))]
    client.post(reverse("shortlinks_blocked:add"), {"host": "casino.example"})

    assert answers[0].status_code != 200
    assert reverse("shortlinks_blocked:index") not in answers[1].content.decode()
    assert not BlockedHost.objects.exists()


@pytest.mark.parametrize("is_told", [True, False])
def test_a_campaigns_link_with_a_poster_name_tells_foreign_pages_nothing_and_ours_who_comes(
    owner_client, workspace, settings, is_told
):
    settings.BASE_URL = "https://chappe.example"
    workspace.site = Site.objects.create(hostname="lambert.example", port=443, root_page=workspace.root_page)
    workspace.save()
    link = make_link(workspace, alias="soldes", carries_visit=not is_told)
    with scope(workspace=workspace):
        reserve_range(link=link, size=3, now=TUESDAY)
    target = "https://lambert.example/sale/" if is_told else "https://elsewhere.example/"

    owner_client.post(edit_url(link), posted(target_url=target, alias="soldes"))

    with scope(workspace=workspace):
        assert ShortLink.objects.values_list("alias", "carries_visit").get() == ("soldes", is_told)


def test_a_poster_alone_carries_no_visit(owner_client, workspace, settings):
    workspace.site = Site.objects.create(hostname="lambert.example", port=443, root_page=workspace.root_page)
    workspace.save()
    link = make_link(workspace, alias="soldes")

    owner_client.post(edit_url(link), posted(target_url="https://lambert.example/sale/", alias="soldes"))

    with scope(workspace=workspace):
        assert not ShortLink.objects.get().carries_visit
