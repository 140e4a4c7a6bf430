"""Texts through a frozen part of a network: without their padding, and those of one length together.

Padding takes as long as words. The weights of a text network are many for the few tokens that go through, so several
texts at a time share the time that they take to be read (8 texts of 12 tokens: half of it). Without any padding a text
gets the same numbers, to the last bit, whichever texts are beside it.
"""

from concurrent.futures import Executor

import numpy as np
from numpy.typing import NDArray

from tl_core.features.sources import Forward

#: Texts of one length that go through at a time; more are hardly quicker.
TOGETHER = 8


def without_padding(run: Forward, threads: Executor) -> Forward:
    """Return a function that runs texts, padded or not, and gives zeros where there is padding.

    Args:
        run: word pieces ``(n, length)`` without padding, of any length, to hidden states ``(n, length, width)`` or one
            vector a text, ``(n, width)``.
        threads: by which it is called.
    """

    def all_of(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        lengths = _lengths(batch)
        parts = [part for length in np.unique(lengths) for part in _parts(np.flatnonzero(lengths == length))]
        answers = threads.map(lambda rows: run(batch[rows, : lengths[rows[0]]]), parts)
        return _joined(batch.shape, parts, list(answers))

    return all_of


def with_little_padding(run: Forward) -> Forward:
    """Return a function that runs texts of about one length together, each with the padding of the longest of them.

    Takes and returns what ``without_padding`` does, but for the last bits, which may depend on the padding.
    """

    def all_of(batch: NDArray[np.generic]) -> NDArray[np.float32]:
        lengths = _lengths(batch)
        parts = _parts(np.argsort(lengths, kind="stable"))
        return _joined(batch.shape, parts, [run(batch[rows, : lengths[rows[-1]]]) for rows in parts])

    return all_of


def _lengths(batch: NDArray[np.generic]) -> NDArray[np.intp]:
    lengths: NDArray[np.intp] = (batch != 0).cumsum(axis=1).argmax(axis=1) + 1  # the first place where all are counted
    return lengths


def _parts(rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    return [rows[at : at + TOGETHER] for at in range(0, len(rows), TOGETHER)]


def _joined(
    shape: tuple[int, ...], parts: list[NDArray[np.intp]], answers: list[NDArray[np.float32]]
) -> NDArray[np.float32]:
    """Return the answers of the parts of a batch of that shape in its order, with zeros where there was padding."""
    sides = shape if answers[0].ndim > len(shape) else shape[:1]
    values = np.zeros((*sides, answers[0].shape[-1]), np.float32)
    for rows, answer in zip(parts, answers, strict=True):
        values[rows, : answer.shape[1]] = answer
    return values
