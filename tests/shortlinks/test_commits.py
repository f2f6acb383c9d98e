import asyncio

import pytest

from shortlinks import commits
from tests.shortlinks.place import Commits, Disk


@pytest.fixture
def disk():
    return Disk()


def with_commits(disk, story):
    """Run the story in a loop of its own, with a group commit on the disk."""

    async def run():
        group = Commits(disk, asyncio.get_running_loop())
        try:
            return await asyncio.wait_for(story(group), 5)
        finally:
            disk.works.set()
            group.close()

    return asyncio.run(run())


def test_an_answer_comes_when_the_record_is_on_disk(disk):
    async def story(group):
        disk.works.clear()
        answer = group.ask(b"a")
        await asyncio.sleep(0.05)
        before = answer.done(), list(disk.writes)
        disk.works.set()
        await answer
        return before, list(disk.writes), group.kept

    assert with_commits(disk, story) == ((False, []), [b"a"], 1)


def test_what_comes_during_a_write_goes_into_the_next_one_together(disk):
    async def story(group):
        disk.works.clear()
        answers = [group.ask(b"a")]
        await asyncio.sleep(0.02)
        answers += [group.ask(letter) for letter in (b"b", b"c", b"d")]
        disk.works.set()
        await asyncio.gather(*answers)
        return list(disk.writes)

    assert with_commits(disk, story) == [b"a", b"bcd"]


def test_a_visitor_who_hangs_up_inside_a_batch_takes_nobody_along(disk):
    async def story(group):
        disk.works.clear()
        visits = [group.ask(letter) for letter in (b"a", b"b", b"c")]
        await asyncio.sleep(0.02)
        # From now on, to answer this one is an error.
        visits[1].cancel()
        disk.works.set()
        await asyncio.gather(visits[0], visits[2])
        await group.ask(b"d")
        return list(disk.writes), group.kept

    assert with_commits(disk, story) == ([b"abc", b"d"], 4)


def test_a_slow_disk_is_not_waited_for_and_the_late_are_counted(disk, monkeypatch):
    monkeypatch.setattr(commits, "PATIENCE_SECONDS", 0.05)

    async def story(group):
        disk.works.clear()
        await group.ask(b"a")
        await asyncio.gather(group.ask(b"b"), group.ask(b"c"))
        await group.ask(b"d")
        before = list(disk.writes), group.late
        disk.works.set()
        await group.ask(b"e")
        return before, list(disk.writes), group.late, group.lost

    assert with_commits(disk, story) == (([], 4), [b"a", b"bcde"], 4, 0)


def test_a_broken_disk_lets_everybody_through_and_counts_the_lost(disk):
    async def story(group):
        disk.is_broken = True
        await asyncio.gather(group.ask(b"a"), group.ask(b"b"))
        disk.is_broken = False
        await group.ask(b"c")
        return list(disk.writes), group.lost, group.kept

    assert with_commits(disk, story) == ([b"c"], 2, 1)


def test_memory_does_not_grow_without_end_while_the_disk_is_stuck(disk, monkeypatch):
    monkeypatch.setattr(commits, "MOST_GATHERED", 3)
    monkeypatch.setattr(commits, "PATIENCE_SECONDS", 0.02)

    async def story(group):
        disk.works.clear()
        await group.ask(b"a")
        await asyncio.gather(*[group.ask(b"b") for _ in range(5)])
        return group.late, group.lost

    assert with_commits(disk, story) == (4, 2)


def test_closing_writes_what_is_left(disk):
    async def story(group):
        disk.works.clear()
        group.ask(b"a")
        await asyncio.sleep(0.02)
        group.ask(b"b")

    with_commits(disk, story)

    assert (disk.writes, disk.is_closed) == ([b"a", b"b"], True)
