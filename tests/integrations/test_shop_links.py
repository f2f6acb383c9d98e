"""Which links say to a shop whose click it was: those that lead to a shop of the same workspace."""

from django_scopes import scope

from integrations.models import ShopConnection
from integrations.queries import shop_hosts
from shortlinks.models import ShortLink
from shortlinks.services import follow_shops, publish_link
from tests.factories import make_link, make_shop


def told(link: ShortLink) -> bool:
    with scope(workspace=link.workspace):
        return ShortLink.objects.get(pk=link.pk).carries_click_id


def test_a_shop_is_where_the_merchant_says_where_its_module_is_and_where_shopify_has_it(in_workspace, other_workspace):
    make_shop(in_workspace, web_address="https://www.boutique.example/fr/")
    make_shop(in_workspace, wake_url="https://presta.example:8443/module/chappe/wake")
    make_shop(in_workspace, "shopify", shop_key="lambert.myshopify.com")
    make_shop(in_workspace, web_address="https://off.example", is_enabled=False)
    make_shop(other_workspace, web_address="https://theirs.example")

    hosts = shop_hosts(in_workspace)

    assert hosts == {"boutique.example", "presta.example", "lambert.myshopify.com"}


def test_links_to_the_shop_carry_a_click_id_and_others_do_not(workspace, other_workspace):
    make_shop(workspace, web_address="https://www.shop.example")

    links = [
        make_link(workspace, "https://shop.example/sale"),
        make_link(workspace, "https://www.shop.example/sale"),
        make_link(workspace, "https://shop.example.evil.example/sale"),
        make_link(workspace, "https://shop.example/page", carries_visit=True),
        make_link(other_workspace, "https://shop.example/sale"),
    ]

    assert [told(link) for link in links] == [True, True, False, False, False]


def test_a_link_that_is_led_elsewhere_tells_no_more(workspace):
    make_shop(workspace, web_address="https://shop.example")
    link = make_link(workspace, "https://shop.example/sale")
    link.target_url = "https://elsewhere.example/"

    publish_link(link=link)

    assert not told(link)


def test_links_from_before_the_shop_follow_it(owner_client, workspace, other_workspace):
    links = [make_link(each, "https://shop.example/sale") for each in (workspace, other_workspace)]
    versions = [link.version for link in links]

    form = {"name": "Boutique", "web_address": "https://shop.example"}
    owner_client.post("/admin/integrations/shops/new/?platform=prestashop", form)

    with scope(workspace=workspace):
        assert ShopConnection.objects.get().web_address == "https://shop.example"
    assert [told(link) for link in links] == [True, False]
    assert reread(links[0]).version > versions[0]
    assert reread(links[1]).version == versions[1]
    assert follow_shops(workspace=workspace) == 0


def test_links_forget_a_shop_that_was_switched_off(owner_client, workspace):
    shop = make_shop(workspace, web_address="https://shop.example")
    link = make_link(workspace, "https://shop.example/sale")
    form = {"name": "B", "web_address": "https://shop.example", "country": "FR", "language": "fr", "currency": "EUR"}

    owner_client.post(f"/admin/integrations/shops/edit/{shop.pk}/", form)

    assert not told(link)


def reread(link: ShortLink) -> ShortLink:
    with scope(workspace=link.workspace):
        return ShortLink.objects.get(pk=link.pk)
