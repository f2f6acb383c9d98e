"""Numbers to codes and back: a keyed permutation, written in base 62.

A domain counts its numbers up; nobody outside may see that order. So a number goes through a Feistel
network on AES before it is written: a bijection of the whole code space, so that every code means
exactly one number and no table is needed to read it. The two halves are the first and the last
characters of the code, and rounds add modulo the size of a half: there is nothing to walk or to reject.

Numbers below `LONG.first` are codes of 7 characters, the others of 8.
"""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import product
from string import ascii_lowercase, ascii_uppercase, digits
from struct import Struct

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES128
from cryptography.hazmat.primitives.ciphers.modes import ECB

ALPHABET = digits + ascii_uppercase + ascii_lowercase
PAIRS = tuple(first + second for first, second in product(ALPHABET, repeat=2))
PAIR_VALUES = {pair: value for value, pair in enumerate(PAIRS)}
BASE = len(PAIRS)

# Halves take turns, and each is mixed four times.
ROUNDS = 8
BLOCK = Struct("<QQ")
PAD = Struct("<Q8x")
CHUNK = 65_536


class NotACode(ValueError):
    """The text has the wrong length or characters outside base 62."""


@dataclass(frozen=True, eq=False)
class Space:
    """All codes of one length. `first` is the number that its first code stands for."""

    length: int
    first: int
    left: int
    right: int

    @property
    def end(self) -> int:
        return self.first + self.left * self.right

    @cached_property
    def tags(self) -> range:
        """What separates one round's pads from another's, and one space's from the other's."""
        return range(self.length * 256, self.length * 256 + ROUNDS, 2)


SHORT = Space(length=7, first=0, left=62**3, right=62**4)
LONG = Space(length=8, first=SHORT.end, left=62**4, right=62**4)
SPACES = {space.length: space for space in (SHORT, LONG)}


def space_of(number: int) -> Space:
    if not 0 <= number < LONG.end:
        raise ValueError(f"{number} is outside every code space.")
    return SHORT if number < LONG.first else LONG


class Codes:
    """The permutation of one domain, under its 128-bit key."""

    def __init__(self, key: bytes) -> None:
        # Single blocks under a pseudo-random function: the one thing ECB is right for.
        self._cipher = Cipher(AES128(key), ECB())  # noqa: S305
        self._encrypt = self._cipher.encryptor().update

    def encode(self, number: int) -> str:
        space = space_of(number)
        left, right = divmod(number - space.first, space.right)
        for tag in space.tags:
            left = (left + self._pad(tag, right)) % space.left
            right = (right + self._pad(tag + 1, left)) % space.right
        return _written(left, right, space.length)

    def decode(self, code: str) -> int:
        """The number behind a code. Raises NotACode."""
        space = SPACES.get(len(code))
        if space is None:
            raise NotACode(code)
        left, right = _read(code)
        encrypt, pack, unpack = self._encrypt, BLOCK.pack, PAD.unpack
        lefts, rights = space.left, space.right
        # `_pad` written out: every visitor passes here.
        for tag in reversed(space.tags):
            right = (right - unpack(encrypt(pack(tag + 1, left)))[0]) % rights
            left = (left - unpack(encrypt(pack(tag, right)))[0]) % lefts
        return space.first + left * space.right + right

    def encode_many(self, numbers: Sequence[int]) -> Iterator[str]:
        """Codes of many numbers, in their order; AES sees thousands of blocks at a time."""
        for start in range(0, len(numbers), CHUNK):
            chunk = numbers[start : start + CHUNK]
            space = space_of(min(chunk))
            if space is space_of(max(chunk)):
                yield from self._encode_chunk(chunk, space)
            else:
                yield from map(self.encode, chunk)

    def _pad(self, tag: int, half: int) -> int:
        return PAD.unpack(self._encrypt(BLOCK.pack(tag, half)))[0]

    def _encode_chunk(self, numbers: Sequence[int], space: Space) -> Iterator[str]:
        lefts = array("Q", [(number - space.first) // space.right for number in numbers])
        rights = array("Q", [(number - space.first) % space.right for number in numbers])
        for tag in space.tags:
            lefts = self._mixed(lefts, rights, tag, space.left)
            rights = self._mixed(rights, lefts, tag + 1, space.right)
        return (_written(left, right, space.length) for left, right in zip(lefts, rights, strict=True))

    def _mixed(self, halves: array, others: array, tag: int, modulus: int) -> array:
        blocks = array("Q", [tag]) * (2 * len(others))
        blocks[1::2] = others
        pads = array("Q", self._cipher.encryptor().update(blocks.tobytes()))[::2]
        return array("Q", [(half + pad) % modulus for half, pad in zip(halves, pads, strict=True)])


def _written(left: int, right: int, length: int) -> str:
    return (PAIRS[left // BASE] + PAIRS[left % BASE] + PAIRS[right // BASE] + PAIRS[right % BASE])[-length:]


def _read(code: str) -> tuple[int, int]:
    code, value = code.rjust(8, ALPHABET[0]), PAIR_VALUES
    try:
        return value[code[:2]] * BASE + value[code[2:4]], value[code[4:6]] * BASE + value[code[6:]]
    except KeyError:
        raise NotACode(code) from None


@lru_cache(maxsize=1024)
def codes_for(key: bytes) -> Codes:
    return Codes(key)
