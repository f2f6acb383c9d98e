"""Guessers are noticed by the spread of their misses and slowed, nobody beside them, in bounded memory."""

import asyncio
import time

import pytest

from shortlinks.codes import Codes
from shortlinks.guard import FIELD, MANY_MARKS, MOST_HELD, MOST_HELD_PER_NETWORK, MOST_NETWORKS, MOST_SLOWED, Guard

GUESSER, NEIGHBOUR = "203.0.113.0/24", "198.51.100.0/24"
CODES = Codes(b"k" * 16)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def guess(guard, network, times, first=0):
    return [guard.miss(network, CODES.encode(number)) for number in range(first, first + times)]


def test_a_spread_of_misses_slows_its_network_and_no_other():
    guard = Guard()

    slowed = guess(guard, GUESSER, 300)

    assert not any(slowed[: MANY_MARKS - 1])
    assert all(slowed[-100:])
    assert guess(guard, NEIGHBOUR, 10) == [False] * 10
    assert (guard.networks, guard.alarms) == ([GUESSER], 1)


def test_one_wrong_link_opened_by_thousands_is_no_spread():
    guard = Guard()

    assert not any(guard.miss(GUESSER, f"soldes{number % 5}x") for number in range(10_000))
    assert (guard.missed, guard.alarms) == (10_000, 0)


def test_few_misses_an_hour_are_no_spread_however_long_they_go_on():
    clock = Clock()
    guard = Guard(clock)

    for hour in range(48):
        clock.now += 3600
        assert not any(guess(guard, GUESSER, MANY_MARKS // 2, first=hour * 100))


def test_a_network_that_stops_is_free_again():
    clock = Clock()
    guard = Guard(clock)
    guess(guard, GUESSER, 500)

    clock.now += 601

    assert (guard.miss(GUESSER, "AAAAAAA"), guard.networks) == (False, [])


def test_a_spray_of_networks_takes_bounded_memory():
    guard = Guard()

    for number in range(MOST_NETWORKS * 2):
        guess(guard, f"2001:db8:{number:x}::/48", 1)
    for number in range(MOST_SLOWED + 50):
        guess(guard, f"10.{number >> 8}.{number & 255}.0/24", FIELD * 3)

    assert len(guard._misses) == MOST_NETWORKS
    assert len(guard._slowed) == MOST_SLOWED


def test_only_so_many_are_held_the_others_get_their_answer_at_once(monkeypatch):
    monkeypatch.setattr("shortlinks.guard.HOLD_SECONDS", 30)

    async def crowd():
        guard = Guard()
        held = [asyncio.create_task(guard.hold(GUESSER)) for _ in range(MOST_HELD_PER_NETWORK)]
        held += [asyncio.create_task(guard.hold(f"net {number}")) for number in range(MOST_HELD)]
        await asyncio.sleep(0.1)
        waiting = sum(not task.done() for task in held)
        for task in held:
            task.cancel()
        await asyncio.wait(held)
        return waiting, guard._held.total()

    assert asyncio.run(crowd()) == (MOST_HELD, 0)


@pytest.mark.parametrize("seconds", [0.05])
def test_whoever_is_held_waits(monkeypatch, seconds):
    monkeypatch.setattr("shortlinks.guard.HOLD_SECONDS", seconds)
    began = time.monotonic()

    asyncio.run(Guard().hold(GUESSER))

    assert time.monotonic() - began >= seconds
