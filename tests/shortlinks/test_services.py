from datetime import timedelta

import pytest
from django_scopes import scope

from shortlinks.codes import LONG, codes_for
from shortlinks.models import (
    BlockedHost,
    Click,
    CodeRange,
    LinkTarget,
    QuietNumber,
    ShortDomain,
    ShortLink,
    UtmTemplate,
)
from shortlinks.queries import NoShortDomain, UnknownPosition, codes_at, numbers_at, short_url
from shortlinks.services import (
    MOST_SHORT_CODES,
    BadAlias,
    BadHost,
    BadTarget,
    HostTaken,
    check_alias,
    create_domain,
    create_tracked_link,
    forget_positions,
    move_domain,
    publish_link,
    reserve_range,
    save_utm,
    set_targets,
)
from tests.factories import TUESDAY, make_click, make_domain, make_link, make_member


def version_of(domain):
    with scope(workspace=domain.workspace):
        return ShortDomain.objects.get(pk=domain.pk).version


def test_first_domain_of_a_workspace_is_its_default_until_another_is(workspace, other_workspace):
    first = create_domain(workspace=workspace, host="GO.lambert.example ")
    second = create_domain(workspace=workspace, host="l.example", is_default=True)
    theirs = create_domain(workspace=other_workspace, host="b.example")

    with scope(workspace=workspace):
        hosts = dict(ShortDomain.objects.values_list("host", "is_default"))
    assert hosts == {"go.lambert.example": False, "l.example": True}
    assert theirs.is_default
    assert len({first.key, second.key, theirs.key}) == 3
    assert len(first.key) == 16


@pytest.mark.parametrize("host", ["", "go.example/", "https://go.example", "go_.example", "-a.example", "é.example"])
def test_what_is_not_a_host_is_refused(workspace, host):
    with pytest.raises(BadHost):
        create_domain(workspace=workspace, host=host)


def test_a_host_belongs_to_one_workspace_only(workspace, other_workspace):
    create_domain(workspace=workspace, host="go.example")

    with pytest.raises(HostTaken):
        create_domain(workspace=other_workspace, host="go.example")


def test_link_without_any_short_domain_is_refused(workspace, other_workspace):
    make_domain(other_workspace)

    with pytest.raises(NoShortDomain):
        create_tracked_link(workspace=workspace, label="x", target_url="https://a.example/", carries_visit=False)


def test_ranges_are_consecutive_numbers_and_positions_that_nobody_else_gets(workspace):
    first, second = make_link(workspace), make_link(workspace)

    ranges = [
        reserve_range(link=link, size=size, now=TUESDAY) for link, size in ((first, 10), (second, 5), (first, 20))
    ]

    assert [(r.start, r.size, r.first_position) for r in ranges] == [(0, 10, 0), (10, 5, 0), (15, 20, 10)]
    assert {r.expires_at - TUESDAY for r in ranges} == {timedelta(days=396)}
    assert numbers_at(link=first, positions=[0, 9, 10, 29]) == {0: 0, 9: 9, 10: 15, 29: 34}


@pytest.mark.parametrize("position", [-1, 10])
def test_a_position_that_was_never_reserved_is_refused(workspace, position):
    link = make_link(workspace)
    reserve_range(link=link, size=10, now=TUESDAY)

    with pytest.raises(UnknownPosition):
        codes_at(link=link, positions=[position])


def test_codes_and_addresses_are_those_of_the_link_s_domain(workspace, other_workspace):
    link, theirs = make_link(workspace), make_link(other_workspace)
    for each in (link, theirs):
        reserve_range(link=each, size=3, now=TUESDAY)

    codes = codes_at(link=link, positions=range(3))

    assert codes == dict(enumerate(codes_for(link.domain.key).encode_many(range(3))))
    assert not set(codes.values()) & set(codes_at(link=theirs, positions=range(3)).values())
    assert short_url(link=link, position=1) == f"go.lambert.example/{codes[1]}"


def test_codes_grow_to_eight_characters_once_too_many_short_ones_live(workspace):
    link = make_link(workspace)

    crowd = reserve_range(link=link, size=MOST_SHORT_CODES - 1, now=TUESDAY)
    long = reserve_range(link=link, size=2, now=TUESDAY)
    last_short = reserve_range(link=link, size=1, now=TUESDAY)
    after_they_died = reserve_range(link=link, size=10, now=crowd.expires_at)

    assert [r.start for r in (crowd, long, last_short, after_they_died)] == [
        0,
        LONG.first,
        MOST_SHORT_CODES - 1,
        MOST_SHORT_CODES,
    ]
    assert len(short_url(link=link, position=long.first_position).partition("/")[2]) == 8


def test_every_change_takes_the_domain_one_version_on(workspace):
    link = make_link(workspace)
    before = version_of(link.domain)

    reserve_range(link=link, size=1, now=TUESDAY)
    link.target_url = "https://shop.example/new"
    publish_link(link=link)

    assert version_of(link.domain) == link.version == before + 2


def test_positions_of_a_per_number_link_get_and_change_their_own_target(workspace):
    link = make_link(workspace, is_per_number=True)
    start = reserve_range(link=link, size=4, now=TUESDAY).start

    set_targets(link=link, targets={0: "https://a.example/", 2: "https://c.example/"})
    set_targets(link=link, targets={2: "https://d.example/"})

    with scope(workspace=workspace):
        rows = dict(LinkTarget.objects.values_list("number", "url"))
    assert rows == {start: "https://a.example/", start + 2: "https://d.example/"}
    with pytest.raises(BadTarget):
        set_targets(link=link, targets={1: "javascript:x"})


def test_ranges_of_two_workspaces_are_apart(workspace, other_workspace):
    reserve_range(link=make_link(workspace), size=3, now=TUESDAY)
    reserve_range(link=make_link(other_workspace), size=4, now=TUESDAY)

    with scope(workspace=other_workspace):
        assert list(CodeRange.objects.values_list("start", "size")) == [(0, 4)]


def test_a_moved_domain_keeps_its_codes(in_workspace):
    domain = create_domain(workspace=in_workspace, host="old.example")
    link = make_link(in_workspace)
    reserve_range(link=link, size=3, now=TUESDAY)
    before = codes_at(link=link, positions=[0, 1, 2])

    moved = move_domain(domain=domain, host="New.example")

    link.refresh_from_db()
    assert (moved.host, codes_at(link=link, positions=[0, 1, 2])) == ("new.example", before)
    assert moved.version > domain.version


def test_a_domain_does_not_move_to_a_host_that_another_workspace_has(in_workspace, other_workspace):
    domain = create_domain(workspace=in_workspace, host="ours.example")
    create_domain(workspace=other_workspace, host="theirs.example")

    with pytest.raises(HostTaken):
        move_domain(domain=domain, host="theirs.example")


def test_history_says_who_led_a_link_where(in_workspace, other_workspace):
    link, theirs = make_link(in_workspace), make_link(other_workspace)
    owner = make_member(in_workspace)

    link.target_url, link.fallback_url = "https://shop.example/new", "https://shop.example/"
    publish_link(link=link, by=owner)
    link.label = "Another name"
    publish_link(link=link, by=owner)
    link.rules = [{"device": "iphone", "language": "", "url": "https://apps.example/"}]
    publish_link(link=link)

    assert list(link.changes.order_by("pk").values_list("part", "before", "after", "author")) == [
        ("target", "https://shop.example/sale", "https://shop.example/new", str(owner)),
        ("fallback", "", "https://shop.example/", str(owner)),
        ("rules", "", "iphone → https://apps.example/", ""),
    ]
    with scope(workspace=other_workspace):
        assert not theirs.changes.exists()


@pytest.mark.parametrize("field", ["fallback_url", "rules"])
def test_every_address_of_a_link_is_checked(workspace, field):
    link = make_link(workspace)
    bad = "javascript:alert(1)"

    setattr(link, field, bad if field == "fallback_url" else [{"device": "iphone", "url": bad}])

    with pytest.raises(BadTarget):
        publish_link(link=link)


@pytest.mark.parametrize("alias", ["été", "", "_health", "-a", "a" * 41, "a/b"])
def test_what_is_not_an_alias_is_refused(workspace, alias):
    with pytest.raises(BadAlias):
        check_alias(domain=make_domain(workspace), alias=alias)


def test_an_alias_is_free_for_its_own_link_and_on_other_domains(workspace, other_workspace):
    link = make_link(workspace, alias="soldes")

    check_alias(domain=link.domain, alias="soldes", link=link)
    check_alias(domain=make_domain(other_workspace), alias="soldes")

    with pytest.raises(BadAlias):
        check_alias(domain=link.domain, alias="soldes")


def test_a_new_utm_template_moves_only_the_links_that_use_it(in_workspace, other_workspace):
    plain, theirs = make_link(in_workspace), make_link(other_workspace, has_utm=True)
    marked = make_link(in_workspace, has_utm=True)

    save_utm(workspace=in_workspace, source="sms", medium="sms", campaign="{label}")
    save_utm(workspace=in_workspace, source="sms", medium="sms", campaign="{alias}")

    versions = {link.pk: link.version for link in ShortLink.objects.all()}
    assert versions == {plain.pk: plain.version, marked.pk: marked.version + 2}
    assert UtmTemplate.objects.get().campaign == "{alias}"
    assert version_of(theirs.domain) == theirs.version


def test_forgotten_positions_are_nobody_s_before_and_after(in_workspace, other_workspace):
    link, theirs = make_link(in_workspace), make_link(other_workspace)
    for each in (link, theirs):
        reserve_range(link=each, size=5, now=TUESDAY)
        for position in (1, 2, 2):
            make_click(each, position, visitor=b"v" * 16)

    cut = forget_positions(link=link, positions=[2, 3])
    forget_positions(link=link, positions=[2])

    clicks = list(Click.objects.order_by("pk").values_list("position", "visitor"))
    assert (cut, clicks) == (2, [(1, b"v" * 16), (None, None), (None, None)])
    assert list(QuietNumber.objects.order_by("pk").values_list("link", "number", "position")) == [
        (link.pk, 2, 2),
        (link.pk, 3, 3),
    ]
    assert version_of(link.domain) == link.version > theirs.version
    with scope(workspace=other_workspace):
        assert Click.objects.filter(position=2).count() == 2
        assert not QuietNumber.objects.exists()


def test_a_link_whose_host_was_blocked_since_can_still_be_switched_off(workspace):
    link = make_link(workspace, "https://casino.example/")
    BlockedHost.objects.create(host="casino.example")
    link.is_enabled = False

    publish_link(link=link)

    link.fallback_url = "https://www.casino.example/"
    with pytest.raises(BadTarget):
        publish_link(link=link)
