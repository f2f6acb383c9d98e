"""Codes can't be guessed, and say nothing about the order or the number of those that were sent."""

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from statistics import correlation

import pytest

from shortlinks.codes import ALPHABET, LONG, SHORT, Codes, NotACode
from shortlinks.services import MOST_SHORT_CODES

CODES = Codes(bytes(range(16)))
LIVE, TRIES = 1_000_000, 3_000_000


def hits(guesses: Iterator[str], live: range) -> int:
    """How many guesses are codes of live numbers."""
    found = 0
    for guess in guesses:
        try:
            found += CODES.decode(guess) in live
        except NotACode:
            continue
    return found


def random_codes(times: int, length: int = 7) -> Iterator[str]:
    draw = random.Random(62)
    return ("".join(draw.choices(ALPHABET, k=length)) for _ in range(times))


def neighbours(numbers: range) -> Iterator[str]:
    """What somebody tries who has real codes: one character changed."""
    draw = random.Random(7)
    for number in numbers:
        code, place = CODES.encode(number), draw.randrange(7)
        yield code[:place] + draw.choice(ALPHABET.replace(code[place], "")) + code[place + 1 :]


def is_about(count: int, expected: float) -> bool:
    """Within five standard deviations of what chance would give."""
    return abs(count - expected) <= 5 * expected**0.5


def test_three_million_tries_against_a_million_live_codes_expect_less_than_one_hit():
    spaces = {space.length: space.end - space.first for space in (SHORT, LONG)}

    assert spaces == {7: 62**7, 8: 62**8}
    assert TRIES * LIVE / spaces[7] < 1
    # Whatever else lives has eight characters; then even a billion of them are safer than that.
    assert TRIES * MOST_SHORT_CODES / spaces[7] < 3
    assert TRIES * 100 * LIVE / spaces[8] < 2


def test_real_tries_hit_as_often_as_chance_has_it():
    """One in a hundred codes lives here, so that chance can be counted; with a million, one in 3.5 million does."""
    live, tries = range(SHORT.end // 100), 100_000

    assert is_about(hits(random_codes(tries), live), tries / 100)
    assert hits(random_codes(tries), range(LIVE)) == 0
    assert hits(random_codes(20_000, length=8), range(LONG.first, LONG.first + 100 * LIVE)) == 0


def test_whoever_has_real_codes_guesses_no_better_than_chance():
    live, tries = range(SHORT.end // 100), 20_000

    assert is_about(hits(neighbours(range(tries)), live), tries / 100)


@pytest.mark.parametrize("first", [SHORT.first, LONG.first, LONG.first - 5_000])
def test_codes_in_order_look_like_codes_by_chance(first):
    codes = [CODES.encode(number) for number in range(first, first + 10_000)]

    for length in {len(code) for code in codes}:
        own = [code for code in codes if len(code) == length]
        for place in range(length):
            assert chi_squared(Counter(code[place] for code in own), len(own)) < WORST
    # What two codes in a row have in common, place by place, is what two strangers have.
    same = sum(one == other for code, after in pairwise(codes) for one, other in zip(code, after, strict=False))
    assert is_about(same, sum(map(len, codes)) / 62)


# 61 degrees of freedom: chance goes over this once in a million places.
WORST = 130.0


def chi_squared(counts: Counter[str], total: int) -> float:
    expected = total / len(ALPHABET)
    return sum((counts[letter] - expected) ** 2 / expected for letter in ALPHABET)


def test_codes_say_nothing_about_order_or_size():
    numbers = range(20_000)
    values = [int_of(CODES.encode(number)) for number in numbers]

    # One in a million by chance: five standard deviations, 5 / sqrt(20,000).
    assert abs(correlation(numbers, values)) < 0.036
    assert abs(correlation(values[:-1], values[1:])) < 0.036
    assert abs(correlation([number & 1 for number in numbers], [value & 1 for value in values])) < 0.036
    # A campaign of a hundred is scattered over the same space as one of twenty thousand.
    for size in (100, 20_000):
        share = sum(value < SHORT.end // 2 for value in values[:size])
        assert is_about(share, size / 2)


def int_of(code: str) -> int:
    value = 0
    for letter in code:
        value = value * 62 + ALPHABET.index(letter)
    return value


@pytest.fixture(scope="module")
def behind_proxies() -> Iterator[None]:
    """Before the redirect starts: our own machine may say who calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHAPPE_TRUSTED_PROXIES", "127.0.0.1")
        yield


@pytest.fixture
def db(behind_proxies, live):
    """No transaction around this test: other processes must see the rows."""


def test_a_guesser_is_slowed_and_nobody_else(db, live):
    guesser, neighbour, stranger = "203.0.113.9", "203.0.113.200", "198.51.100.1"
    guesses = list(random_codes(120))

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda code: live.get(code, x_forwarded_for=guesser).status_code, guesses))
    began = time.monotonic()
    slowed = live.get("0000000", x_forwarded_for=guesser, accept_language="en")
    waited = time.monotonic() - began
    valid = [live.get(live.codes[0], x_forwarded_for=who).status_code for who in (guesser, neighbour, stranger)]
    unknown = live.get("0000000", x_forwarded_for=stranger).status_code
    health = live.health

    assert answers[:30] == [404] * 30
    assert answers[-10:] == [429] * 10
    assert (slowed.status_code, slowed.headers["retry-after"], waited > 1.5) == (429, "600", True)
    assert "Many links that do not exist" in slowed.text
    assert (valid, unknown) == ([302] * 3, 404)
    assert (health["alarms"], health["networks"], health["lost"]) == (1, ["203.0.113.0/24"], 0)
    assert "Somebody in 203.0.113.0/24 tries codes" in live.installation.log("redirect")
