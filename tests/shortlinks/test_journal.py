import resource
from contextlib import contextmanager

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shortlinks import journal
from shortlinks.journal import Hit, SegmentWriter, has_writer, packed, read_records, segments, unpacked, written_bytes

HIT = Hit(1_795_000_000_000_000, 1, 2, 3, b"v" * 16, 12, "Mozilla/5.0 (iPhone) é", 1, "shop.example")
hits = st.builds(
    Hit,
    st.integers(0, 2**62),
    st.integers(1, 2**40),
    st.integers(1, 2**40),
    st.integers(-1, 2**40),
    st.binary(min_size=16, max_size=16),
    st.integers(0, 2**62),
    st.text(max_size=90),
    st.integers(0, 3),
    st.from_regex(r"[a-z0-9.-]{0,100}", fullmatch=True),
)


def read_all(folder):
    return [hit for path in segments(folder) for _, hit in read_records(path, 0, 10**9)]


@contextmanager
def full_disk(free_bytes):
    """No file of this process may grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (free_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@given(hits)
def test_a_hit_comes_back_from_its_record(hit):
    assert unpacked(packed(hit)[journal.HEAD.size :]) == hit


def test_a_record_of_the_first_format_still_lands():
    body = journal.BODY.pack(*HIT[:5], 12) + HIT.user_agent.encode()

    assert unpacked(body) == HIT._replace(source=0, referrer="")


def test_a_long_user_agent_is_cut_and_stays_readable():
    hit = unpacked(packed(HIT._replace(user_agent="é" * 5000))[journal.HEAD.size :])

    assert hit.user_agent == "é" * 200


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hits, min_size=1, max_size=5), st.data())
def test_a_torn_tail_costs_only_the_records_it_tears(tmp_path, some, data):
    records = [packed(hit) for hit in some]
    path = tmp_path / "torn.clicks"
    cut = data.draw(st.integers(0, len(b"".join(records))))
    path.write_bytes(b"".join(records)[:cut])

    whole = [hit for place, hit in enumerate(some) if len(b"".join(records[: place + 1])) <= cut]

    assert [hit for _, hit in read_records(path, 0, 10**9)] == whole


def test_reading_stops_at_a_record_whose_bytes_were_changed(tmp_path):
    path = tmp_path / "bad.clicks"
    record = packed(HIT)
    path.write_bytes(record + record[:-1] + b"?" + record)

    assert [hit for _, hit in read_records(path, 0, 10**9)] == [HIT]


def test_reading_goes_on_behind_the_offset_of_the_last_record(tmp_path):
    writer = SegmentWriter(tmp_path)
    for position in range(3):
        writer.append(packed(HIT._replace(position=position)))
    [path] = segments(tmp_path)

    [(middle, _), *_] = read_records(path, 0, 10**9)

    assert [hit.position for _, hit in read_records(path, middle, 10**9)] == [1, 2]


def test_a_segment_has_a_writer_until_that_closes_it(tmp_path):
    writer = SegmentWriter(tmp_path)
    writer.append(packed(HIT))
    [path] = segments(tmp_path)
    before = has_writer(path)

    writer.close()

    assert (before, has_writer(path)) == (True, False)


def test_a_full_segment_is_followed_by_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(journal, "SEGMENT_BYTES", 150)
    writer = SegmentWriter(tmp_path)

    for position in range(5):
        writer.append(packed(HIT._replace(position=position)))

    names = [path.name for path in segments(tmp_path)]
    assert [name.rpartition("-")[2] for name in names] == ["000001.clicks", "000002.clicks", "000003.clicks"]
    assert [hit.position for hit in read_all(tmp_path)] == [0, 1, 2, 3, 4]
    assert [has_writer(path) for path in segments(tmp_path)] == [False, False, True]


def test_two_processes_never_share_a_segment(tmp_path):
    first, second = SegmentWriter(tmp_path), SegmentWriter(tmp_path)

    first.append(packed(HIT))
    second.append(packed(HIT))

    assert len(segments(tmp_path)) == 2


def test_a_full_disk_is_an_error_and_leaves_no_half_record_behind(tmp_path):
    writer = SegmentWriter(tmp_path)
    writer.append(packed(HIT))

    with full_disk(len(packed(HIT)) + 10), pytest.raises(OSError, match="File too large"):
        writer.append(packed(HIT._replace(position=4)))
    writer.append(packed(HIT._replace(position=5)))

    assert [hit.position for hit in read_all(tmp_path)] == [3, 5]
    assert len(segments(tmp_path)) == 2


def test_a_disk_full_from_the_start_leaves_no_empty_segments(tmp_path):
    writer = SegmentWriter(tmp_path)

    for _ in range(3):
        with full_disk(0), pytest.raises(OSError, match="File too large"):
            writer.append(packed(HIT))

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_an_error_every_time(tmp_path):
    (tmp_path / "file").touch()
    writer = SegmentWriter(tmp_path / "file" / "journal")

    for _ in range(2):
        with pytest.raises(OSError, match="Not a directory"):
            writer.append(packed(HIT))


def test_a_segment_has_room_ahead_while_it_is_written_and_none_when_it_is_closed(tmp_path):
    writer = SegmentWriter(tmp_path)
    writer.append(packed(HIT))
    [path] = segments(tmp_path)
    while_open = path.stat().st_size, written_bytes(path), read_all(tmp_path)

    writer.close()

    assert while_open == (journal.ROOM_BYTES, len(packed(HIT)), [HIT])
    assert path.read_bytes() == packed(HIT)


def test_a_batch_larger_than_the_room_fits(tmp_path):
    writer = SegmentWriter(tmp_path)
    many = 2 * journal.ROOM_BYTES // len(packed(HIT))

    writer.append(packed(HIT))
    writer.append(packed(HIT) * many)
    writer.append(packed(HIT))

    assert read_all(tmp_path) == [HIT] * (many + 2)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hits, max_size=5), st.sampled_from([0, 1, 200, 4096, journal.ROOM_BYTES]))
def test_room_behind_the_records_counts_as_nothing(tmp_path, some, room):
    path, records = tmp_path / "crashed.clicks", b"".join(map(packed, some))
    path.write_bytes(records + bytes(room))

    assert [hit for _, hit in read_records(path, 0, 10**9)] == some
    # A record may itself end in zeros.
    assert len(records) - journal.REST.size <= written_bytes(path) <= len(records)
