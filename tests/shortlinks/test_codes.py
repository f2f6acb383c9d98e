from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shortlinks.codes import ALPHABET, LONG, SHORT, Codes, NotACode, space_of

KEY = bytes(range(16))
keys = st.binary(min_size=16, max_size=16)
numbers = st.integers(0, LONG.end - 1) | st.integers(0, SHORT.end - 1) | st.integers(0, 5_000_000)
short_codes = st.text(ALPHABET, min_size=7, max_size=7)
long_codes = st.text(ALPHABET, min_size=8, max_size=8)


@given(keys, numbers)
def test_a_number_comes_back_from_its_code(key, number):
    codes = Codes(key)

    assert codes.decode(codes.encode(number)) == number


@given(keys, short_codes | long_codes)
def test_every_code_stands_for_one_number_of_its_space(key, code):
    codes = Codes(key)

    number = codes.decode(code)

    assert space_of(number).length == len(code)
    assert codes.encode(number) == code


@settings(max_examples=20)
@given(keys, st.lists(numbers, max_size=300))
def test_many_are_encoded_as_one_by_one(key, some):
    codes = Codes(key)

    assert list(codes.encode_many(some)) == [codes.encode(number) for number in some]


def test_many_cross_from_short_to_long_codes():
    border = range(LONG.first - 3, LONG.first + 3)

    lengths = [len(code) for code in Codes(KEY).encode_many(border)]

    assert lengths == [7, 7, 7, 8, 8, 8]


FIXED = ["tuHZX8r", "Wx2wDq2", "xNUaxmv", "tW93JJH", "IVpxLOL", "vxQlv2je", "QNjXFl9Q"]


def test_codes_never_change():
    codes = Codes(KEY)

    written = [codes.encode(number) for number in (0, 1, 2, 1_000_000, SHORT.end - 1, LONG.first, LONG.end - 1)]

    assert written == FIXED


def test_a_hundred_thousand_neighbours_get_distinct_codes_without_visible_order():
    codes = list(Codes(KEY).encode_many(range(100_000)))

    assert len(set(codes)) == 100_000
    # In a random order every second neighbour is larger; the bound is five standard deviations.
    rises = sum(first < second for first, second in pairwise(codes))
    assert abs(rises - 50_000) < 5 * (100_000 / 12) ** 0.5


@pytest.mark.parametrize("place", range(7))
def test_each_character_of_neighbouring_codes_is_evenly_spread(place):
    codes = list(Codes(KEY).encode_many(range(62_000)))

    counts = [sum(code[place] == letter for code in codes) for letter in ALPHABET]

    # Chi-squared with 61 degrees of freedom: 122 is exceeded once in 200,000.
    assert sum((count - 1000) ** 2 / 1000 for count in counts) < 122


def test_another_key_gives_other_codes():
    ours = set(Codes(KEY).encode_many(range(10_000)))
    theirs = set(Codes(KEY[::-1]).encode_many(range(10_000)))

    assert len(ours & theirs) <= 1


@pytest.mark.parametrize(
    "code", ["", "abc", "abcdef", "abcdefghi", "abc-efg", "abc efg", "abcdéfg", "abcdef\n", "１２３４５６７"]
)
def test_wrong_length_or_characters_are_refused(code):
    with pytest.raises(NotACode):
        Codes(KEY).decode(code)


@pytest.mark.parametrize("number", [-1, LONG.end])
def test_numbers_outside_the_code_space_are_refused(number):
    with pytest.raises(ValueError, match="outside every code space"):
        Codes(KEY).encode(number)
