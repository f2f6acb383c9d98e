"""Addresses as they are worked out for the door: UTM parameters, visitors' own queries, rules."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shortlinks.models import ShortDomain, ShortLink, UtmTemplate
from shortlinks.rules import BadRule, Rule, first_language
from shortlinks.utm import utm_of
from shortlinks.ways import MOST_QUERY, VISIT, choice_of, names_in, plain_name, way_of, way_to
from tests.shortlinks.conftest import IPHONE

ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Mobile Safari/537.36"
)
UTM = [("utm_source", "chappe"), ("utm_medium", "sms")]
TOKEN = "T" * 22


def link(**fields):
    return ShortLink(
        domain=ShortDomain(host="go.example"), **{"label": "Été 2026", "target_url": "https://shop.example/", **fields}
    )


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://shop.example", "https://shop.example?utm_source=chappe&utm_medium=sms"),
        ("https://shop.example/?", "https://shop.example/?utm_source=chappe&utm_medium=sms"),
        ("https://shop.example/?a=1#top", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
        ("https://shop.example/?utm_source=mine", "https://shop.example/?utm_source=mine&utm_medium=sms"),
        ("https://shop.example/?UTM_Source=mine&", "https://shop.example/?UTM_Source=mine&utm_medium=sms"),
        ("https://shop.example/?utm_medium&utm_source=", "https://shop.example/?utm_medium&utm_source="),
        ("https://shop.example/#?utm_source=x", "https://shop.example/?utm_source=chappe&utm_medium=sms#?utm_source=x"),
    ],
)
def test_utm_parameters_are_added_once(url, address):
    assert way_to(url, UTM, carries="").address == address


def test_a_template_names_the_link_and_leaves_out_what_is_empty():
    template = UtmTemplate(source="sms & co", medium="", campaign="{label}-{alias}-{host}")

    assert utm_of(link(has_utm=True, alias="soldes"), template) == [
        ("utm_source", "sms%20%26%20co"),
        ("utm_campaign", "ete-2026-soldes-go.example"),
    ]
    assert utm_of(link(has_utm=False), template) == utm_of(link(has_utm=True), None) == []


@pytest.mark.parametrize(
    ("query", "address"),
    [
        ("", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
        ("b=2", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms&b=2#top"),
        ("a=9", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
        ("A=9&utm_source=evil&utm.medium=x&%20utm_medium[]=y", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
        ("x=%0d%0aSet-Cookie:a=b&y=1", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms&y=1#top"),
        ("q=%23frag%26z=1", "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms&q=%23frag%26z%3D1#top"),
        ("&".join(["n=1"] * 50), "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
        ("n=" + "1" * MOST_QUERY, "https://shop.example/?a=1&utm_source=chappe&utm_medium=sms#top"),
    ],
)  # fmt: skip
def test_a_visitor_s_own_query_adds_and_never_replaces(query, address):
    way = way_to("https://shop.example/?a=1#top", UTM, carries="")

    assert way.with_query(query, "") == address


def test_nobody_brings_a_visit_token_of_their_own():
    way = way_to("https://shop.example/", [], carries=VISIT)

    assert way.with_query("v=stolen&b=2", TOKEN) == f"https://shop.example/?b=2&v={TOKEN}"
    assert way.with_query("v=stolen", "") == "https://shop.example/"
    assert way.with_token(TOKEN) == f"https://shop.example/?v={TOKEN}"


def test_a_shop_is_told_a_click_id_and_not_the_visit():
    way = way_of(link(carries_click_id=True), None)

    assert way.with_token(TOKEN) == f"https://shop.example/?smsc={TOKEN}"
    assert way.with_query("smsc=stolen&v=2", TOKEN) == f"https://shop.example/?v=2&smsc={TOKEN}"


QUERIES = st.text(max_size=80) | st.lists(
    st.tuples(st.sampled_from(["a", "v", "utm_source", "utm.source", "b", "c d"]), st.text(max_size=8)), max_size=5
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))


@settings(max_examples=300, deadline=None)
@given(QUERIES, st.booleans())
@example("a=1\r\nLocation: https://evil.example", True)
@example("%zz=%ff&=x&&;a=2", False)
@example("\ud800=1", False)
def test_whatever_visitors_write_the_address_stays_one_line_with_our_parameters(query, has_token):
    way = way_to("https://shop.example/p?a=1&b=2#top", UTM, carries=VISIT)

    address = way.with_query(query, TOKEN if has_token else "")

    parts = urlsplit(address)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "shop.example", "/p", "top")
    assert pairs[:4] == [("a", "1"), ("b", "2"), *UTM]
    added = [pair for pair in pairs[4:] if pair != ("v", TOKEN)]
    assert {plain_name(name) for name, _ in added}.isdisjoint({"a", "b", "v", "utm_source", "utm_medium"})


def test_the_first_rule_that_fits_wins():
    rules = [
        {"device": "iphone", "language": "en", "url": "https://apps.example/en"},
        {"device": "iphone", "language": "", "url": "https://apps.example/"},
        {"device": "", "language": "de", "url": "https://shop.example/de"},
    ]
    choice, way = choice_of(link(rules=rules), None), way_of(link(), None)

    def address(agent, language):
        return choice.way(way, agent, language).address

    iphone = IPHONE["user-agent"]
    assert address(iphone, "en-GB,fr;q=0.9") == "https://apps.example/en"
    assert address(iphone, "fr") == "https://apps.example/"
    assert address(ANDROID, "de-CH, fr;q=0.5") == "https://shop.example/de"
    assert address(ANDROID, "fr, de;q=0.5") == "https://shop.example/"
    assert address("curl/8", "") == "https://shop.example/"


def test_a_plain_link_has_no_choice():
    assert choice_of(link(has_utm=True, carries_visit=True), None) is None


def test_only_addresses_on_the_link_s_own_host_are_told_who_comes():
    rules = [
        {"device": "iphone", "url": "https://apps.example/"},
        {"device": "android", "url": "https://shop.example/a"},
    ]

    choice = choice_of(link(rules=rules, fallback_url="https://other.example/", carries_visit=True), None)

    assert [way.carries for _, _, way in choice.rules] == ["", VISIT]
    assert not choice.fallback.carries


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en;q=0.5, de;q=0.9", "de"),
        ("EN", "en"),
        ("", ""),
        ("*", ""),
        ("fr;q=0", ""),
        ("fr;q=x", ""),
        ("nan;q=nan", ""),
        ("a" * 9_000, ""),
    ],
)
def test_the_language_that_a_browser_would_rather_read(header, language):
    assert first_language(header) == language


@pytest.mark.parametrize("conditions", [{}, {"device": "fridge"}, {"language": "fr-FR"}])
def test_a_rule_needs_a_condition_that_can_be_told(conditions):
    with pytest.raises(BadRule):
        Rule(url="https://shop.example/", **conditions)


@pytest.mark.parametrize(
    "name", ["utm_source", "UTM_SOURCE", " utm_source", "utm.source", "utm source[a]", "utm_source["]
)
def test_names_are_compared_as_a_server_may_read_them(name):
    assert plain_name(name) == "utm_source"
    assert names_in("https://a.example/?utm%5Fsource=1#b=2") == {"utm_source"}
