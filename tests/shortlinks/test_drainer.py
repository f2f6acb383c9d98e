import threading
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django_scopes import scope, scopes_disabled

from shortlinks.backlog import backlog_of
from shortlinks.drainer import AnotherDrainer, Drainer, exclusive, land
from shortlinks.journal import NOBODY, Hit, SegmentWriter, packed, read_records, segments
from shortlinks.models import Click, JournalSegment, Source
from shortlinks.services import cut_loose_late_clicks, forget_positions, reserve_range
from shortlinks.signs import signs_of
from tests.factories import TUESDAY, make_click, make_link
from tests.shortlinks.conftest import IPHONE as PHONE_HEADERS

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)
HEAD = 1
BROWSER = signs_of("GET", {**PHONE_HEADERS, "user-agent": IPHONE}.get)


def hit_on(link, position=0, signs=BROWSER, user_agent=IPHONE, **more):
    return Hit(1_795_512_600_250_000, link.workspace_id, link.pk, position, b"v" * 16, signs, user_agent, **more)


@pytest.fixture
def writer(tmp_path):
    writer = SegmentWriter(tmp_path)
    yield writer
    writer.close()


def landed():
    with scopes_disabled():
        return list(Click.objects.order_by("offset").values_list("workspace__slug", "position", "verdict"))


def test_hits_become_clicks_with_their_verdict_and_device(workspace, tmp_path, writer):
    link = make_link(workspace)
    writer.append(packed(hit_on(link, 7)) + packed(hit_on(link, -1, HEAD)))

    Drainer(tmp_path).drain()

    [path] = segments(tmp_path)
    (first_end, _), (second_end, _) = read_records(path, 0, 10**6)
    fields = ("link_id", "position", "clicked_at", "method", "verdict", "reason", "device", "user_agent", "offset")
    clicked_at = datetime(2026, 11, 24, 9, 30, 0, 250_000, tzinfo=UTC)
    with scope(workspace=workspace):
        rows = list(Click.objects.order_by("offset").values_list(*fields))
        visitors = {bytes(visitor) for visitor in Click.objects.values_list("visitor", flat=True)}
    assert rows == [
        (link.pk, 7, clicked_at, "GET", "human", "browser", "iphone", IPHONE, first_end),
        (link.pk, None, clicked_at, "HEAD", "bot", "head", "", IPHONE, second_end),
    ]
    assert visitors == {b"v" * 16}


def test_where_a_click_came_from_is_kept_unless_it_was_a_page_of_ours(workspace, other_workspace, tmp_path, writer):
    link, elsewhere = make_link(workspace), make_link(other_workspace)
    hosts = ["shop.example", link.domain.host, elsewhere.domain.host, "chappe.test.example", "localhost", ""]
    settings_host = urlsplit(settings.BASE_URL).hostname
    for host in [*hosts, settings_host]:
        writer.append(packed(hit_on(link, source=Source.QR, referrer=host)))

    Drainer(tmp_path).drain()

    with scope(workspace=workspace):
        kept = list(Click.objects.order_by("offset").values_list("source", "referrer", "signs"))
    referrers = ["shop.example", "", "", "chappe.test.example", "", "", ""]
    assert kept == [(Source.QR, referrer, BROWSER) for referrer in referrers]


def test_a_record_lands_once_however_often_the_segment_is_drained(workspace, tmp_path, writer):
    link = make_link(workspace)
    writer.append(packed(hit_on(link, 0)))
    counts = [Drainer(tmp_path).drain(), Drainer(tmp_path).drain()]
    writer.append(packed(hit_on(link, 1)))

    counts.append(Drainer(tmp_path).drain())

    assert counts == [1, 0, 1]
    assert landed() == [("lambert", 0, "human"), ("lambert", 1, "human")]
    assert list(JournalSegment.objects.values_list("records", flat=True)) == [2]


def test_whoever_lands_a_part_that_has_landed_already_is_stopped(workspace, tmp_path, writer):
    writer.append(packed(hit_on(make_link(workspace))))
    [path] = segments(tmp_path)
    records = list(read_records(path, 0, 10**6))
    land(path.name, 0, records)

    with pytest.raises(AnotherDrainer):
        land(path.name, 0, records)

    assert len(landed()) == 1


def test_a_segment_is_deleted_once_it_is_closed_and_all_of_it_has_landed(workspace, tmp_path, writer):
    writer.append(packed(hit_on(make_link(workspace))))
    drainer = Drainer(tmp_path)
    drainer.drain()
    drainer.drain()
    while_open = len(segments(tmp_path))
    writer.close()

    drainer.drain()

    assert (while_open, segments(tmp_path)) == (1, [])
    assert len(landed()) == 1


def test_room_that_a_dead_writer_left_is_no_torn_end(workspace, tmp_path):
    (tmp_path / "vm-dead-000001.clicks").write_bytes(packed(hit_on(make_link(workspace))) + bytes(5000))
    drainer = Drainer(tmp_path)

    drainer.drain()
    drainer.drain()

    assert landed() == [("lambert", 0, "human")]
    assert list(tmp_path.iterdir()) == [tmp_path / "drainer.json"]


@pytest.mark.parametrize("room", [0, 5000])
def test_the_torn_end_of_a_dead_writer_is_put_aside_and_the_rest_lands(workspace, tmp_path, room):
    record = packed(hit_on(make_link(workspace)))
    (tmp_path / "vm-dead-000001.clicks").write_bytes(record + record[:40] + bytes(room))
    drainer = Drainer(tmp_path)

    drainer.drain()
    drainer.drain()

    assert landed() == [("lambert", 0, "human")]
    assert segments(tmp_path) == []
    assert (tmp_path / "vm-dead-000001.torn").exists()


def test_the_unfinished_end_of_a_living_writer_is_waited_for(workspace, tmp_path, writer):
    link = make_link(workspace)
    record = packed(hit_on(link, 1))
    writer.append(packed(hit_on(link, 0)) + record[:40])
    drainer = Drainer(tmp_path)
    drainer.drain()

    writer.append(record[40:])
    drainer.drain()

    assert [position for _, position, _ in landed()] == [0, 1]


def test_clicks_on_a_deleted_link_do_not_hold_up_the_others(workspace, other_workspace, tmp_path, writer):
    link = make_link(workspace)
    gone = hit_on(link)._replace(link_id=link.pk + 1000)
    foreign = hit_on(link)._replace(workspace_id=other_workspace.pk)
    writer.append(packed(gone) + packed(foreign) + packed(hit_on(link, 5)))

    Drainer(tmp_path).drain()

    assert landed() == [("lambert", 5, "human")]


def test_odd_user_agents_land(workspace, tmp_path, writer):
    link = make_link(workspace)
    odd = ["", "tab\tand\\slash\nline", "\\N", "nul\x00", "🛒" * 100, "a" * 400]
    writer.append(b"".join(packed(hit_on(link, 0, user_agent=each)) for each in odd))

    Drainer(tmp_path).drain()

    with scope(workspace=workspace):
        kept = list(Click.objects.order_by("offset").values_list("user_agent", flat=True))
    assert kept == ["", "tab\tand\\slash\nline", "\\N", "nul", "🛒" * 100, "a" * 400]


def test_the_backlog_is_what_has_not_landed(workspace, tmp_path, writer):
    record = packed(hit_on(make_link(workspace)))
    writer.append(record)
    before = backlog_of(tmp_path).bytes
    Drainer(tmp_path).drain()

    writer.append(record + record)

    assert (before, backlog_of(tmp_path).bytes) == (len(record), 2 * len(record))


def test_a_second_drainer_waits_for_its_turn(tmp_path):
    stop, order = threading.Event(), []

    def second():
        with exclusive(tmp_path, stop):
            order.append("second")

    with exclusive(tmp_path, stop):
        thread = threading.Thread(target=second)
        thread.start()
        thread.join(0.3)
        order.append("first")
    thread.join(5)

    assert order == ["first", "second"]


def test_a_segment_that_can_t_be_read_holds_up_no_other(workspace, tmp_path, writer):
    (tmp_path / "a-0-000001.clicks").mkdir()
    writer.append(packed(hit_on(make_link(workspace), 7)))

    assert Drainer(tmp_path).drain() == 1

    assert landed() == [("lambert", 7, "human")]


def test_a_disk_too_full_for_a_note_is_no_reason_to_stop_landing(workspace, tmp_path, writer):
    link = make_link(workspace)
    (tmp_path / "drainer.json.new").mkdir()
    writer.append(packed(hit_on(link, 7)))
    drainer = Drainer(tmp_path)

    drainer.drain()
    writer.append(packed(hit_on(link, 8)))
    drainer.drain()

    assert landed() == [("lambert", 7, "human"), ("lambert", 8, "human")]


def rows_of(workspace):
    with scope(workspace=workspace):
        return [
            (position, visitor and bytes(visitor))
            for position, visitor in Click.objects.order_by("offset").values_list("position", "visitor")
        ]


def test_whoever_refuses_while_their_click_is_in_the_journal_is_nobody_when_it_lands(
    workspace, other_workspace, tmp_path, writer
):
    """The same position of another link is somebody else."""
    link, theirs = make_link(workspace), make_link(other_workspace)
    for each in (link, theirs):
        reserve_range(link=each, size=10, now=TUESDAY)
    writer.append(b"".join(packed(hit_on(each, position)) for each in (link, theirs) for position in (2, 3)))
    forget_positions(link=link, positions=[3])

    Drainer(tmp_path).drain()

    assert rows_of(workspace) == [(2, b"v" * 16), (None, None)]
    assert rows_of(other_workspace) == [(2, b"v" * 16), (3, b"v" * 16)]


def test_a_hit_that_was_not_to_be_followed_lands_without_anything_of_its_visitor(workspace, tmp_path, writer):
    writer.append(packed(hit_on(make_link(workspace), -1)._replace(visitor=NOBODY)))

    Drainer(tmp_path).drain()

    assert rows_of(workspace) == [(None, None)]


def test_clicks_that_landed_while_their_recipient_was_refusing_are_cut_loose_later(workspace, other_workspace):
    link, theirs = make_link(workspace), make_link(other_workspace)
    for each in (link, theirs):
        reserve_range(link=each, size=10, now=TUESDAY)
    forget_positions(link=link, positions=[3])
    for each in (link, theirs):
        for position in (2, 3):
            make_click(each, position, visitor=b"v" * 16)

    cut = [cut_loose_late_clicks(), cut_loose_late_clicks()]

    assert cut == [1, 0]
    assert rows_of(workspace) == [(2, b"v" * 16), (None, None)]
    assert rows_of(other_workspace) == [(2, b"v" * 16), (3, b"v" * 16)]
