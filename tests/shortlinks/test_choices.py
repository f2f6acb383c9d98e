"""What the redirect answers to whom, and which click it leaves: its logic alone, on rows of this transaction."""

import asyncio
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import TrackingMode
from shortlinks import personal
from shortlinks.click_ids import read_click_id
from shortlinks.journal import NOBODY
from shortlinks.models import BlockedHost, Verdict
from shortlinks.queries import codes_at
from shortlinks.services import forget_positions, publish_link, reserve_range, save_utm, set_targets
from shortlinks.visits import Visit, read_visit
from tests.factories import make_click, make_domain, make_link, make_shop
from tests.shortlinks.door import Door

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(workspace, tmp_path, monkeypatch):
    make_domain(workspace)
    return Door(tmp_path, monkeypatch)


def codes_of(link, size=1, **fields):
    code_range = reserve_range(link=link, size=size, now=timezone.now(), **fields)
    positions = range(code_range.first_position, code_range.first_position + size)
    return list(codes_at(link=link, positions=positions).values())


def outcome(answer):
    return answer.status, answer.location


def test_only_positions_that_are_followed_are_told_and_get_a_visit(door, workspace):
    """A followed one, one of a range that is not, and one that has refused since."""
    link = make_link(workspace, carries_visit=True)
    [followed, refusing], [unfollowed] = codes_of(link, 2), codes_of(link, is_followed=False)
    forget_positions(link=link, positions=[1])
    door.poll()

    answers = [door.get(code) for code in (followed, refusing, unfollowed)]

    hits = [door.hit_of(answer) for answer in answers]
    assert [(hit.position, hit.visitor == NOBODY) for hit in hits] == [(0, False), (-1, True), (-1, True)]
    token = answers[0].location.partition("?v=")[2]
    assert read_visit(workspace=workspace, token=token, now=timezone.now()) == Visit(link, 0)
    assert [answer.location for answer in answers[1:]] == ["https://shop.example/sale"] * 2


def test_a_shop_is_told_whose_click_it_was_by_an_id_of_its_own(door, workspace):
    make_shop(workspace, web_address="https://www.shop.example")
    link = make_link(workspace)
    [followed, refusing], [unfollowed] = codes_of(link, 2), codes_of(link, is_followed=False)
    forget_positions(link=link, positions=[1])
    door.poll()

    answers = [door.get(code).location for code in (followed, refusing, unfollowed)]

    address, _, click_id = answers[0].partition("?smsc=")
    click = read_click_id(workspace=workspace, text=click_id)
    assert (address, answers[1:]) == ("https://shop.example/sale", ["https://shop.example/sale"] * 2)
    assert (click.link, click.position) == (link, 0)
    assert read_visit(workspace=workspace, token=click_id, now=timezone.now()) is None


def test_whoever_is_not_followed_finds_the_opt_out_page_all_the_same(door, workspace):
    link = make_link(workspace)
    [code] = codes_of(link, is_followed=False)
    door.poll()

    token = door.get(f"{code}/s").location.removesuffix("/").rpartition("/")[2]

    assert read_visit(workspace=workspace, token=token, now=timezone.now()) == Visit(link, 0, is_followed=False)


@pytest.mark.parametrize(
    ("mode", "positions"),
    [
        (TrackingMode.INDIVIDUAL, [0, 1, -1]),
        (TrackingMode.WITH_CONSENT, [-1, 1, -1]),
        (TrackingMode.AGGREGATE, [-1, -1, -1]),
    ],
)
def test_codes_already_sent_obey_the_mode_that_the_workspace_is_in_now(door, workspace, mode, positions):
    workspace.tracking_mode = mode
    workspace.save()
    link = make_link(workspace)
    kinds = [{}, {"has_agreed": True}, {"is_followed": False}]
    codes = [codes_of(link, **kind)[0] for kind in kinds]
    door.poll()

    assert [door.hit_of(door.get(code)).position for code in codes] == positions


def test_in_aggregate_mode_no_click_is_anybody_s(door, workspace):
    workspace.tracking_mode = TrackingMode.AGGREGATE
    workspace.save()
    link = make_link(workspace, carries_visit=True)
    [code] = codes_of(link)
    door.poll()

    answer = door.get(code)

    assert (answer.location, door.hit_of(answer)[3:5]) == ("https://shop.example/sale", (-1, NOBODY))


def test_a_visitor_of_an_alias_is_told_apart_for_a_day(door, workspace):
    make_link(workspace, alias="soldes")
    door.poll()

    assert door.hit_of(door.get("soldes")).visitor != NOBODY


def test_rules_of_device_and_language_lead_elsewhere_also_for_head(door, workspace):
    rules = [
        {"device": "iphone", "url": "https://apps.example/"},
        {"device": "", "language": "en", "url": "https://shop.example/en"},
    ]
    make_link(workspace, alias="soldes", rules=rules)
    door.poll()
    head = door.request("soldes", "go.lambert.example")._replace(method="HEAD")

    assert outcome(door.get("soldes")) == outcome(door.redirect.answer_now(head)) == (302, "https://apps.example/")
    assert door.get("soldes", user_agent="curl", accept_language="en").location == "https://shop.example/en"
    assert door.get("soldes", user_agent="curl").location == "https://shop.example/sale"


def test_a_visitor_s_query_is_kept_only_where_the_link_says_so(door, workspace):
    for alias, keeps_query in (("keeps", True), ("drops", False)):
        make_link(workspace, "https://shop.example/?a=1", alias=alias, keeps_query=keeps_query)
    door.poll()

    assert door.get("keeps", query="a=2&b=3\r\nX: y").location == "https://shop.example/?a=1"
    assert door.get("keeps", query="a=2&b=3").location == "https://shop.example/?a=1&b=3"
    assert door.get("drops", query="b=3").location == "https://shop.example/?a=1"


def test_a_workspace_s_utm_template_reaches_its_links_and_nobody_else_s(door, workspace, other_workspace):
    for each in (workspace, other_workspace):
        make_link(each, alias="soldes", has_utm=True)
        make_link(each, alias="plain")
    save_utm(workspace=workspace, source="chappe", medium="sms", campaign="{alias}")
    door.poll()
    save_utm(workspace=workspace, source="chappe", medium="", campaign="{alias}")
    door.poll()

    locations = [
        door.get(alias, host).location
        for alias, host in (
            ("soldes", "go.lambert.example"),
            ("plain", "go.lambert.example"),
            ("soldes", "go.breton.example"),
        )
    ]

    assert locations == [
        "https://shop.example/sale?utm_source=chappe&utm_campaign=soldes",
        "https://shop.example/sale",
        "https://shop.example/sale",
    ]


def test_a_link_that_is_over_leads_to_its_fallback_and_a_dead_code_nowhere(door, workspace):
    now = timezone.now()
    over = {"expires_at": now - timedelta(minutes=1)}
    fallback = "https://shop.example/next"
    make_link(workspace, alias="over", **over)
    make_link(workspace, alias="next", fallback_url=fallback, **over)
    make_link(workspace, alias="off", fallback_url=fallback, is_enabled=False, **over)
    make_link(workspace, alias="early", fallback_url=fallback, starts_at=now + timedelta(minutes=1))
    long_ago = make_link(workspace, fallback_url=fallback)
    reserve_range(link=long_ago, size=1, now=now - timedelta(days=397))
    [dead] = codes_at(link=long_ago, positions=[0]).values()
    door.poll()

    answers = {name: door.get(name) for name in ("over", "next", "off", "early", dead)}

    assert {name: outcome(answer) for name, answer in answers.items()} == {
        "over": (410, ""),
        "next": (302, fallback),
        "off": (410, ""),
        "early": (404, ""),
        dead: (410, ""),
    }
    assert [name for name, answer in answers.items() if answer.click] == ["next"]


def test_a_full_link_is_over_and_machines_fill_none(door, workspace):
    make_link(workspace, alias="three", max_visits=3, fallback_url="https://shop.example/full")
    door.poll()

    seen = [door.get("three", **headers).location for headers in ({}, {"user_agent": "WhatsApp/2.24"}, {}, {}, {})]

    sale, full = "https://shop.example/sale", "https://shop.example/full"
    assert seen == [sale, sale, sale, sale, full]


def test_visits_that_other_processes_answered_count_once_they_have_landed(door, workspace):
    link = make_link(workspace, alias="five", max_visits=5)
    make_click(link, None)
    make_click(link, None, verdict=Verdict.BOT)
    door.poll()
    door.get("five")
    for _ in range(3):
        make_click(link, None, verdict=Verdict.UNSURE)
    door.poll()
    make_click(make_link(workspace, alias="other"), None)
    door.poll()

    answers = [door.get("five").status for _ in range(2)]

    assert answers == [302, 410]


def test_a_changed_link_goes_on_counting_its_visits(door, workspace):
    link = make_link(workspace, alias="two", max_visits=2)
    door.poll()
    door.get("two")
    link.label = "Renamed"
    publish_link(link=link)
    door.poll()

    assert [door.get("two").status for _ in range(2)] == [302, 410]


def test_a_host_that_the_operator_blocks_is_led_to_no_more_until_it_is_let_go(door, workspace, other_workspace):
    make_link(workspace, "https://www.casino.example/", alias="bad")
    make_link(other_workspace, alias="worse", fallback_url="https://casino.example/")
    make_link(workspace, alias="good")
    row = BlockedHost.objects.create(host="casino.example")
    door.poll()

    def statuses():
        breton = "go.breton.example"
        return [door.get("bad").status, door.get("worse", breton).status, door.get("good").status]

    while_blocked = statuses()
    row.delete()
    door.poll()
    assert (while_blocked, statuses()) == ([410, 410, 302], [302, 302, 302])


def test_a_link_that_can_t_be_read_takes_no_other_with_it(door, workspace):
    broken, _ = make_link(workspace, alias="broken"), make_link(workspace, alias="sound")
    type(broken)._base_manager.filter(pk=broken.pk).update(rules=[{"device": "fridge"}])
    door.poll()

    assert (door.get("broken"), door.get("sound").status) == (None, 302)


@pytest.fixture
def look_ups(monkeypatch):
    """What looking a number up brings: read before, in this test's transaction, which the event loop can't see."""
    known = {}

    def look_up(self, key):
        loop = asyncio.get_running_loop()
        self._under_way[key] = answer = loop.create_future()
        answer.add_done_callback(lambda done: self._keep(key, done))
        outcome = known.get(key, TimeoutError())
        loop.call_soon(answer.set_exception if isinstance(outcome, Exception) else answer.set_result, outcome)

    monkeypatch.setattr(personal.PersonalTargets, "_look_up", look_up)
    return known


@pytest.mark.parametrize(
    ("fallback", "in_trouble"), [("", "https://shop.example/sale"), *[("https://shop.example/carts",) * 2]]
)
def test_a_number_s_target_in_trouble_leads_to_the_fallback(door, workspace, look_ups, fallback, in_trouble):
    link = make_link(workspace, is_per_number=True, fallback_url=fallback)
    codes = codes_of(link, 3)
    set_targets(link=link, targets={0: "https://carrier.example/0", 2: "https://blocked.example/2"})
    BlockedHost.objects.create(host="blocked.example")
    door.poll()

    def location_of(code):
        return asyncio.run(door.redirect.answer(door.request(code, "go.lambert.example"))).location

    without_answer = location_of(codes[0])
    look_ups.update({(link.pk, number): personal._read(link.pk, number) for number in range(3)})
    later = [location_of(code) for code in codes]

    assert without_answer == in_trouble
    assert later == ["https://carrier.example/0", "https://shop.example/sale", "https://shop.example/sale"]
