"""Which words of a text an answer depends on: left out one after another, and by gradients. Loads no Keras.

Each word is left out in turn, as in J. Li, W. Monroe and D. Jurafsky, "Understanding Neural Networks through
Representation Erasure", 2016, https://arxiv.org/abs/1612.08220. What that costs is measured on the log-odds of the
class (M. Robnik-Šikonja and I. Kononenko, "Explaining Classifications for Individual Instances", IEEE TKDE 20, 2008):
a probability near 1 hardly falls, however much speaks for it. Gradients are integrated ones (M. Sundararajan, A. Taly
and Q. Yan, "Axiomatic Attribution for Deep Networks", 2017, https://arxiv.org/abs/1703.01365). Both were chosen by
trial: where the class hung on one planted word, that word came first in 86 of 87 texts when words are left out, and
in 80 when "[MASK]" stands for them; by integrated gradients in 81, by gradient × input in 9, since the normalisation
after the embeddings takes their length away. ``text_lens`` asks the network.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.language import N_, _, ngettext
from tl_core.networks import wordpiece
from tl_core.networks.wordpiece import Span

Method = Literal["left_out", "gradient"]

#: Word pieces that go through the network at most for one text, all its versions together: seconds on two cores.
MOST_PIECES = 2**13
#: Versions of a text at most: of longer texts, several words are left out at a time.
MOST_VERSIONS = 128
#: Below this change of its log-odds nothing is said to matter to a class: of 95%, it is less than half a point.
LITTLE = 0.1
#: Nor is a word said to matter that changes its probability by less.
POINT = 0.01
#: How many words are named.
NAMED = 5
APOSTROPHES, POINTS = "'’", ".,:"
METHODS: dict[Method, str] = {"left_out": N_("Left out"), "gradient": N_("Integrated gradients")}


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of a text, as a person sees it.

    Attributes:
        start: its first character.
        end: the character after its last.
        left_out: by how much the log-odds of the class fall without it; below 0 where they rise. Words that were left
            out together have the same.
        probability: of the class without it, 0 to 1.
        gradient: integrated gradients of the log-odds, the sum over its pieces and the dimensions of their vectors.
    """

    start: int
    end: int
    left_out: float
    probability: float
    gradient: float


@dataclass(frozen=True, kw_only=True)
class Words:
    """Which words speak for a class.

    Attributes:
        text: as the network reads it, without invisible characters; the offsets of words are those of its characters.
        label: the class.
        probabilities: of all classes by name for the whole text, each 0 to 1.
        words: those that the network reads, in order; what stands between them are blanks.
        whole: words of the whole text, at least as many.
        together: so many neighbouring words were left out at a time.
    """

    text: str
    label: str
    probabilities: dict[str, float]
    words: tuple[Word, ...]
    whole: int
    together: int

    @property
    def probability(self) -> float:
        """Probability of the class for the whole text, 0 to 1."""
        return self.probabilities[self.label]

    @property
    def read(self) -> int:
        """How many characters of the text the network reads: up to the end of the last word."""
        return self.words[-1].end if self.words else 0

    def of(self, word: Word) -> str:
        """Return a word as it is written."""
        return self.text[word.start : word.end]

    def scaled(self, method: Method) -> list[float]:
        """Return the weight of each word for the class, -1 to 1: the largest has 1 or -1.

        All are 0 where no word matters when it is left out, or has a gradient.
        """
        weights = np.array([getattr(word, method) for word in self.words], np.float64)
        most = np.abs(weights).max(initial=0)
        return [0.0] * len(weights) if most <= (LITTLE if method == "left_out" else 0) else (weights / most).tolist()

    def strongest(self, most: int = NAMED) -> list[Word]:
        """Return the words without which the class has least, that one first; none that hardly matters.

        Those that were left out together are one: it ends where the last of them ends.
        """
        found = [word for word in self._parts() if word.left_out > LITTLE]
        return sorted(found, key=lambda word: -word.left_out)[:most]

    def sentences(self) -> list[str]:
        """Say which words matter most, how that was found, and how much of the text was read. The class is plain text.

        >>> word = Word(start=0, end=4, left_out=2.0, probability=0.2, gradient=0.1)
        >>> many = Words(
        ...     text="Free!", label="spam", probabilities={"spam": 0.9}, words=(word,), whole=1, together=1
        ... )
        >>> many.sentences()[0]
        '“spam” has 90%. Without “Free” it has 20%.'
        """
        said = [self._strongest_in_words()]
        if self.together > 1:
            said.append(
                _("The text is long, so {number} words were left out at a time.").format(
                    number=wording.number(self.together)
                )
            )
        if self.whole > len(self.words):
            said.append(
                ngettext(
                    "The network reads the first {read} of {n} word. The rest has no say.",
                    "The network reads the first {read} of {n} words. The rest has no say.",
                    self.whole,
                ).format(read=wording.number(len(self.words)), n=wording.number(self.whole))
            )
        return said

    def _strongest_in_words(self) -> str:
        first = next(iter(self.strongest(1)), None)
        before = wording.certainty(self.probability)
        if first is None or self.probability - first.probability < POINT:
            return _("“{class_name}” has {before}. No single word matters much to it.").format(
                class_name=self.label, before=before
            )
        return _("“{class_name}” has {before}. Without “{words}” it has {after}.").format(
            class_name=self.label, before=before, words=self.of(first), after=wording.certainty(first.probability)
        )

    def _parts(self) -> list[Word]:
        """Return what was left out at a time as one word each."""
        starts = range(0, len(self.words), self.together)
        groups = [self.words[at : at + self.together] for at in starts]
        return [
            Word(
                start=group[0].start,
                end=group[-1].end,
                left_out=group[0].left_out,
                probability=group[0].probability,
                gradient=sum(word.gradient for word in group),
            )
            for group in groups
        ]


def joined(text: str, pieces: Sequence[Span]) -> list[list[int]]:
    """Return which pieces each word has that a person sees: "don't", "1,000" and "!!!" are one each.

    Args:
        text: that the pieces stand in.
        pieces: as ``Tokenizer.words`` returns them, without those of "[CLS]" and "[SEP]".

    >>> joined("Don't pay 1,000!!!", [(0, 3), (3, 4), (4, 5), (6, 9), (10, 11), (11, 12), (12, 15), (15, 16), (16, 18)])
    [[0, 1, 2], [3], [4, 5, 6], [7, 8]]
    """
    words: list[list[int]] = []
    for number, (start, __) in enumerate(pieces):
        if number and pieces[number - 1][1] == start and _goes_on(text, start):
            words[-1].append(number)
        else:
            words.append([number])
    return words


def _goes_on(text: str, at: int) -> bool:
    """Return whether a word goes on with the character at a place that is not its first."""
    before, here, after = text[at - 1], text[at], text[at + 1 : at + 2]
    if wordpiece.is_ideograph(before) or wordpiece.is_ideograph(here):
        return False
    if (_is_letter(before) and _is_letter(here)) or before == here:
        return True
    return _ties(before, here, after) or _ties(text[max(0, at - 2) : at - 1], before, here)


def _ties(before: str, sign: str, after: str) -> bool:
    """Return whether a sign is part of a word: an apostrophe between letters, a point or comma between digits."""
    if sign in APOSTROPHES:
        return _is_letter(before) and _is_letter(after)
    return sign in POINTS and before.isdecimal() and after.isdecimal()


def _is_letter(character: str) -> bool:
    """Return whether a character is a letter, a digit, or an accent; an empty one is none."""
    return bool(character) and unicodedata.category(character)[0] in "LNM"


def together(words: int, pieces: int) -> int:
    """Return how many neighbouring words are left out at a time, so that the time for it is bounded.

    Args:
        words: of the text that are read.
        pieces: of the text that are read, with "[CLS]" and "[SEP]".

    >>> together(20, 30), together(100, 128), together(400, 512)
    (1, 2, 25)
    """
    most = max(1, min(MOST_VERSIONS, MOST_PIECES // pieces))
    return max(1, -(-words // most))


def versions(ids: NDArray[np.int32], words: Sequence[Sequence[int]], at_a_time: int) -> NDArray[np.int32]:
    """Return a text as it is, and without its words in turn, ``(1 + ceil(words / at_a_time), length)``, 0 at the ends.

    Args:
        ids: ``(length,)``, "[CLS]" first.
        words: pieces of each, by their place after "[CLS]".
        at_a_time: neighbouring words that are left out together.

    >>> versions(np.array([2, 7, 8, 9, 3], np.int32), [[0, 1], [2]], 1).tolist()
    [[2, 7, 8, 9, 3], [2, 9, 3, 0, 0], [2, 7, 8, 3, 0]]
    """
    groups = [words[at : at + at_a_time] for at in range(0, len(words), at_a_time)]
    rows = np.zeros((1 + len(groups), len(ids)), np.int32)
    rows[0] = ids
    for row, group in zip(rows[1:], groups, strict=True):
        kept = np.delete(ids, [1 + piece for word in group for piece in word])
        row[: len(kept)] = kept
    return rows
