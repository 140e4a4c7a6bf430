"""BERT's tokenizer: texts as the numbers of word pieces.

As published by J. Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
NAACL 2019, https://github.com/google-research/bert/blob/master/tokenization.py. The library ``tokenizers`` has the
same, and brings an HTTP client into a program that makes no requests; tests compare with it.

A copy of this file goes with each model for texts that is taken away, so it imports NumPy and nothing of this program.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

#: Pieces that every vocabulary has: padding, an unknown word, and what stands before and after a text.
PAD, UNKNOWN, FIRST, LAST = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
#: A longer word is unknown, in characters.
LONGEST_WORD = 100
#: Words whose pieces are kept.
KEPT_WORDS = 2**16
#: Ranges of ideographs, each of which is a word by itself; the syllables of Korean and Japanese are not.
IDEOGRAPHS = (
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2CEAF),
    (0x2F800, 0x2FA1F),
)
#: Unicode's categories of what is dropped: control characters, formats, private use, surrogates.
DROPPED = {"Cc", "Cf", "Co", "Cs"}

#: From which character of a text to which, the latter not included.
Span = tuple[int, int]


class Piece(NamedTuple):
    """A part of a word.

    Attributes:
        id: its number in the vocabulary.
        end: how many characters of the word it and those before it have.
    """

    id: int
    end: int


class WordPieces:
    """A vocabulary of word pieces. The names of special pieces in a text, such as "[SEP]", are text like any other.

    Args:
        vocabulary: the pieces in the order of their numbers; those that go on within a word begin with "##". It has all
            special pieces, padding first.
        lower: whether capitals and accents make no difference ("uncased").

    >>> pieces = WordPieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "thaw", "##s", "!"], lower=True)
    >>> pieces.encode(["Thaws!", "Ice"], 6)
    array([[2, 4, 5, 6, 3, 0],
           [2, 1, 3, 0, 0, 0]], dtype=int32)
    >>> pieces.words("It thaws!", 6)
    [(0, 0), (0, 2), (3, 7), (7, 8), (8, 9), (0, 0)]
    """

    def __init__(self, vocabulary: Sequence[str], lower: bool) -> None:
        self._ids = {piece: number for number, piece in enumerate(vocabulary)}
        self._characters = _Characters(lower)
        self._pieces = lru_cache(KEPT_WORDS)(self._split)

    def encode(self, texts: Sequence[str], length: int) -> NDArray[np.int32]:
        """Return the numbers of the pieces of each text, ``(len(texts), length)``, 0 after its end.

        Args:
            texts: of any length; what does not fit is left out.
            length: at least 2, since each text has "[CLS]" before and "[SEP]" after it.
        """
        rows = np.zeros((len(texts), length), np.int32)
        for row, text in zip(rows, texts, strict=True):
            inside = (piece.id for word in self._words(text) for piece in self._pieces(word))
            ids = [self._ids[FIRST], *islice(inside, length - 2), self._ids[LAST]]
            row[: len(ids)] = ids
        return rows

    def lengths(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Return how many pieces each text has, ``(len(texts),)``, "[CLS]" and "[SEP]" included, nothing left out."""
        return np.array([2 + sum(len(self._pieces(word)) for word in self._words(text)) for text in texts], np.int64)

    def words(self, text: str, length: int) -> list[Span]:
        """Return which characters of a text each piece of ``encode`` stands for; special ones stand for none.

        What is dropped, such as an accent of its own, belongs to the character before it.
        """
        replaced = [self._characters[ord(character)] for character in text]
        origins = [at for at, written in enumerate(replaced) for __ in written]
        inside = islice(self._spans("".join(replaced)), length - 2)
        spans = [(origins[start], _end(origins[end - 1], replaced)) for start, end in inside]
        return [(0, 0), *spans, (0, 0)]

    def _words(self, text: str) -> list[str]:
        return text.translate(self._characters).split()

    def _spans(self, written: str) -> Iterator[Span]:
        for word in re.finditer(r"\S+", written):
            start = word.start()
            for piece in self._pieces(word[0]):
                yield start, word.start() + piece.end
                start = word.start() + piece.end

    def _split(self, word: str) -> tuple[Piece, ...]:
        """Return the pieces of a word, the longest that fits first; one unknown piece if there are none."""
        pieces: list[Piece] = []
        start = 0
        while start < len(word) <= LONGEST_WORD:
            prefix = "##" if start else ""
            ends = range(len(word), start, -1)
            found = next(
                (Piece(self._ids[part], end) for end in ends if (part := prefix + word[start:end]) in self._ids), None
            )
            if found is None:
                break
            pieces.append(found)
            start = found.end
        return tuple(pieces) if start == len(word) else (Piece(self._ids[UNKNOWN], len(word)),)


class _Characters(dict[int, str]):
    """What is written in place of each character, by its code; ``str.translate`` takes it."""

    def __init__(self, lower: bool) -> None:
        super().__init__()
        self._lower = lower

    def __missing__(self, code: int) -> str:
        self[code] = written = _written(chr(code), self._lower)
        return written


def _written(character: str, lower: bool) -> str:
    if character.isspace() and (character in "\t\n\r" or unicodedata.category(character) not in DROPPED):
        return " "
    if character == "\ufffd" or unicodedata.category(character) in DROPPED:
        return ""
    if lower:
        parts = unicodedata.normalize("NFD", character)
        character = "".join(part.lower() for part in parts if unicodedata.category(part) != "Mn")
    return "".join(f" {each} " if _is_word(each) else each for each in character)


def _is_word(character: str) -> bool:
    """Return whether a character is a word by itself: punctuation (all of ASCII's signs), or an ideograph."""
    if character.isascii():
        return not character.isalnum()
    return is_ideograph(character) or unicodedata.category(character).startswith("P")


def is_ideograph(character: str) -> bool:
    """Return whether a character is one of those that are words by themselves (``IDEOGRAPHS``)."""
    return any(first <= ord(character) <= last for first, last in IDEOGRAPHS)


def _end(last: int, replaced: list[str]) -> int:
    """Return where a span ends whose last character is known: after what is dropped there."""
    end = last + 1
    while end < len(replaced) and not replaced[end]:
        end += 1
    return end
