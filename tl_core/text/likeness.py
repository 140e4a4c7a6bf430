"""What the words of a text are, in 256 bits: near copies differ in few of them, so that no pair has to be read again.

A SimHash (Charikar 2002, https://doi.org/10.1145/509907.509965): each word and each pair of neighbours casts its own
256 votes of plus or minus one. The share of bits in which two texts differ is the angle between the sets of their words
over pi. It is kept where images keep theirs, so ``duplicates`` finds near copies of both in the same way.
"""

import html
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tl_core.dataset.hashing import HASH_DIGITS, LOOK_DIGITS

if TYPE_CHECKING:
    from numpy.typing import NDArray

BITS = 4 * HASH_DIGITS
#: Texts at a time.
_CHUNK = 2000
#: Words, numbers, and signs such as emoji. ASCII's marks say little and are in every text.
_TOKEN = r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s!-/:-@\[-`{-~]"


def looks(texts: Sequence[str], then: Callable[[int], object] = lambda done: None) -> list[str]:
    """Return the look of each text as ``hashing.LOOK_DIGITS`` hex digits, those for colours 0; "" without words.

    Args:
        texts: to look at.
        then: called again and again with how many are done.

    >>> one, same, other = looks(["Where is my parcel?", "where is  my parcel", "Cancel the order"])
    >>> bits = [int(look[:64], 16) for look in (one, same, other)]
    >>> (bits[0] ^ bits[1]).bit_count() < 72 < (bits[0] ^ bits[2]).bit_count()
    True
    """
    from sklearn.feature_extraction.text import HashingVectorizer

    count = HashingVectorizer(
        n_features=2**24,
        alternate_sign=False,
        norm=None,
        binary=True,
        lowercase=True,
        preprocessor=_plain,
        token_pattern=_TOKEN,
        ngram_range=(1, 2),
        dtype=np.float32,
    )
    packed = []
    for at in range(0, len(texts), _CHUNK):
        there = count.transform(texts[at : at + _CHUNK]).tocsc()
        used = np.flatnonzero(np.diff(there.indptr))
        packed.append(np.packbits(there[:, used] @ _votes(used) > 0, axis=1))
        then(min(at + _CHUNK, len(texts)))
    empty = "0" * (LOOK_DIGITS - HASH_DIGITS)
    return [row.tobytes().hex() + empty if row.any() else "" for rows in packed for row in rows]


def _plain(text: str) -> str:
    """Return a text with all numbers alike: a message that is sent with another code is the same message."""
    return re.sub(r"\d+", "0", html.unescape(text).casefold())


def _votes(features: "NDArray[np.intp]") -> "NDArray[np.float32]":
    """Return the votes of features ``(m,)``: ``(m, 256)`` of -1 and 1, the same for ever (splitmix64)."""
    words: NDArray[np.uint64] = (4 * features[:, None] + np.arange(1, 5)).astype(np.uint64)
    words *= np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    words ^= words >> np.uint64(31)
    bits = np.unpackbits(np.ascontiguousarray(words).view(np.uint8), axis=1)
    return bits.astype(np.float32) * 2 - 1
