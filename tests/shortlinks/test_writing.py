"""The journal's writer as it runs: a real process, a real disk, and what happens when either lets us down."""

import asyncio
import os
import resource
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlinks.journal import NOBODY, Hit, has_writer, packed, read_records, segments
from shortlinks.writing import ROOT, WriterProcess
from tests.installation import wait_until
from tests.shortlinks import place

UNLIMITED = resource.RLIM_INFINITY


def hit(position):
    return Hit(1, 2, 3, position, NOBODY, 0, "Phone")


class Commits(place.Commits):
    def ask(self, position):
        return super().ask(packed(hit(position)))


def run(folder, story):
    """The story with a writer of its own; afterwards, what the journal holds."""

    async def told():
        loop = asyncio.get_running_loop()
        writer = WriterProcess(folder, loop)
        group = Commits(writer, loop)
        try:
            await is_ready(group)
            return await asyncio.wait_for(story(group, writer), 20)
        finally:
            group.close()

    return asyncio.run(told())


async def is_ready(group):
    """On a busy machine a process takes its time to start."""
    await group.ask(-1)
    while group.kept + group.lost == 0:
        await asyncio.sleep(0.01)
    group.kept = group.lost = group.late = 0


def positions(folder):
    """What the journal holds, but for the click that a story begins with."""
    records = (record for path in segments(folder) for _, record in read_records(path, 0, 1 << 30))
    return sorted(record.position for record in records if record.position >= 0)


@contextmanager
def stopped(pid):
    """As if the disk hung: the process does nothing, and is not gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    yield
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


@contextmanager
def full_disk(pid):
    """No file of the process may grow: the kernel refuses its writes as a full disk does, also root's."""
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, UNLIMITED))
    yield
    with suppress(ProcessLookupError):
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (UNLIMITED, UNLIMITED))


def test_what_was_answered_is_on_disk_and_the_segment_is_let_go_of_at_the_end(tmp_path):
    async def story(group, writer):
        await asyncio.gather(*[group.ask(position) for position in range(500)])
        [segment] = segments(tmp_path)
        return positions(tmp_path), group.kept, has_writer(segment)

    assert run(tmp_path, story) == (list(range(500)), 500, True)
    assert [has_writer(path) for path in segments(tmp_path)] == [False]


def test_what_nobody_waits_for_is_written_when_we_close(tmp_path):
    async def story(group, writer):
        with stopped(writer.pid):
            group.ask(1)
            await asyncio.sleep(0.05)
            group.ask(2)

    run(tmp_path, story)

    assert positions(tmp_path) == [1, 2]


def test_a_batch_larger_than_the_socket_takes_arrives_whole(tmp_path):
    async def story(group, writer):
        with stopped(writer.pid):
            answers = [group.ask(position) for position in range(50_000)]
            await asyncio.sleep(0.05)
            assert group.kept == 0
        await asyncio.gather(*answers)

    run(tmp_path, story)

    assert positions(tmp_path) == list(range(50_000))


def test_a_writer_that_hangs_is_not_waited_for_and_loses_nothing(tmp_path):
    async def story(group, writer):
        with stopped(writer.pid):
            began = time.monotonic()
            await group.ask(1)
            waited = time.monotonic() - began
        await group.ask(2)
        return 0.2 < waited < 5, group.late, group.lost, group.kept

    assert run(tmp_path, story) == (True, 1, 0, 2)
    assert positions(tmp_path) == [1, 2]


def test_a_folder_that_cannot_be_written_loses_clicks_until_it_can(tmp_path, caplog):
    folder = tmp_path / "journal"
    folder.write_text("a file stands where the folder should be")

    async def story(group, writer):
        await group.ask(1)
        before = group.lost, group.kept
        folder.unlink()
        await group.ask(2)
        return before, (group.lost, group.kept)

    assert run(folder, story) == ((1, 0), (1, 1))
    assert positions(folder) == [2]
    assert "1 clicks could not be written: [Errno 17] File exists" in caplog.text


def test_a_full_disk_loses_clicks_until_there_is_room_again(tmp_path):
    async def story(group, writer):
        await group.ask(1)
        with full_disk(writer.pid):
            await group.ask(2)
        await group.ask(3)
        return group.kept, group.lost

    assert run(tmp_path, story) == (2, 1)
    assert positions(tmp_path) == [1, 3]


def test_a_writer_that_died_is_replaced_and_visitors_are_led_on_meanwhile(tmp_path, caplog):
    async def story(group, writer):
        await group.ask(1)
        dead = writer.pid
        os.kill(dead, signal.SIGKILL)
        await asyncio.gather(*[group.ask(position) for position in range(2, 20)])
        while dead == writer.pid:
            await asyncio.sleep(0.05)
        await group.ask(20)
        while group.kept + group.lost < 20:
            await asyncio.sleep(0.05)
        return group.kept + group.lost

    assert run(tmp_path, story) == 20
    kept = positions(tmp_path)
    assert (kept[0], kept[-1], len(set(kept))) == (1, 20, len(kept))
    assert "The journal's writer has died (-9)" in caplog.text


def test_what_a_dead_writer_did_not_wholly_get_is_written_by_the_next(tmp_path):
    async def story(group, writer):
        await group.ask(0)
        os.kill(writer.pid, signal.SIGSTOP)
        # More than the socket takes, so that a part of it is still here.
        answers = [group.ask(position) for position in range(1, 50_000)]
        await asyncio.sleep(0.05)
        os.kill(writer.pid, signal.SIGKILL)
        await asyncio.gather(*answers)
        while group.kept < 50_000:
            await asyncio.sleep(0.05)
        return group.lost

    assert run(tmp_path, story) == 0
    assert positions(tmp_path) == list(range(50_000))


ORPHAN = """
import asyncio, sys
from pathlib import Path
from shortlinks.journal import NOBODY, Hit, packed
from shortlinks.writing import WriterProcess

async def ask():
    loop = asyncio.get_running_loop()
    writer, first = WriterProcess(Path(sys.argv[1]), loop), loop.create_future()
    writer.write(packed(Hit(1, 2, 3, 1, NOBODY, 0, "Phone")), first.set_result)
    await first
    print(writer.pid, flush=True)
    writer.write(packed(Hit(1, 2, 3, 2, NOBODY, 0, "Phone")), print)
    await asyncio.sleep(60)

asyncio.run(ask())
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_writer_whose_redirect_is_killed_writes_what_it_has_and_ends(tmp_path, number):
    command = [sys.executable, "-c", ORPHAN, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        writer = int(parent.stdout.readline())
        # A polite end of everybody at once, as systemd does it, does not end the writer before its parent.
        os.kill(writer, signal.SIGTERM)
        wait_until(lambda: positions(tmp_path) == [1, 2], "both clicks")
        parent.send_signal(number)
        parent.wait(10)

    wait_until(lambda: not any(map(has_writer, segments(tmp_path))), "the writer to end", 10)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.sampled_from(["ask", "hang", "kill", "fill"]), min_size=3, max_size=12))
def test_whatever_happens_to_the_writer_nothing_is_written_twice_and_every_click_is_accounted_for(
    tmp_path_factory, steps
):
    folder, number = tmp_path_factory.mktemp("journal"), count()

    async def story(group, writer):
        for step in steps:
            answers = [group.ask(next(number)) for _ in range(20)]
            if step == "kill":
                with suppress(ProcessLookupError):
                    os.kill(writer.pid, signal.SIGKILL)
            elif step == "hang":
                with stopped(writer.pid):
                    await asyncio.gather(*answers)
            elif step == "fill":
                with full_disk(writer.pid):
                    await asyncio.gather(*answers)
            await asyncio.gather(*answers)
        while group.kept + group.lost < 20 * len(steps):
            await asyncio.sleep(0.05)
        return group.kept, group.lost

    kept, lost = run(folder, story)

    written = positions(folder)
    assert len(written) == len(set(written))
    # A writer that died after writing, before it could say so, has kept more than we know.
    assert kept <= len(written) <= kept + lost == 20 * len(steps)
