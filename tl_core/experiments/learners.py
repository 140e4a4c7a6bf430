"""What learns at a point of a learning curve: which pictures it is given, and what it says of those held out."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import tag_splits
from tl_core.evaluation.questions import TagQuestions
from tl_core.experiments.curve import Curve, TagCurve
from tl_core.metrics import linear_probe, multilabel

Rows = NDArray[np.intp]
#: Returns which of the pictures that are held out a head names right that has learned from the chosen ones.
Right = Callable[[Rows, NDArray[np.bool_]], NDArray[np.bool_]]
#: Pictures with several labels are drawn in so many parts at most, each of which has its share of every label.
MOST_PARTS = 20


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in a curve something is learned: number of the repeat, the fold and the size, and a seed for the draw."""

    repeat: int
    fold: int
    size: int
    seed: int


class Learner(Protocol):
    """Fills in a curve."""

    @property
    def curve(self) -> Curve:
        """As far as it is."""

    def learn(self, out: NDArray[np.bool_], at: Place) -> None:
        """Learn from some pictures of those that are not held out, and write down what is right of those that are."""


class OneLabel:
    """Learns one label a picture.

    Args:
        curve: to be filled in.
        right: see ``Right``.
    """

    def __init__(self, curve: Curve, right: Right) -> None:
        self.curve, self._right = curve, right

    def learn(self, out: NDArray[np.bool_], at: Place) -> None:
        """See ``Learner``."""
        chosen = drawn(self.curve.labels, ~out, self.curve.sizes[at.size], at.seed)
        self.curve.right[at.repeat, at.size, out] = self._right(chosen, out)


class SeveralLabels:
    """Learns several labels a picture, each by a head of its own. A label is given from a probability of one half on.

    Args:
        curve: to be filled in.
        rows: features of the pictures, ``(n, channels)``.
        questions: the pictures.
    """

    def __init__(self, curve: TagCurve, rows: NDArray[np.float32], questions: TagQuestions) -> None:
        self.curve, self._rows, self._questions = curve, rows, questions
        self._seed, self._order = -1, np.empty(0, np.intp)

    def learn(self, out: NDArray[np.bool_], at: Place) -> None:
        """See ``Learner``."""
        if at.seed != self._seed:  # the same for all sizes, so that a smaller draw is part of a larger one
            self._seed, self._order = at.seed, self._ordered(~out, at.seed)
        share = self.curve.sizes[at.size] / self.curve.sizes[-1]
        chosen = np.sort(self._order[: max(1, round(share * len(self._order)))])
        truth = self.curve.has
        shares = linear_probe.probabilities_each(self._rows[chosen], truth[chosen], self._rows[out])
        right = (shares >= multilabel.USUAL) == truth[out]
        self.curve.each[at.repeat, at.size, out] = right
        self.curve.right[at.repeat, at.size, out] = right.all(axis=1)
        precision = multilabel.mean_average_precision_of(truth[out], shares)
        self.curve.precisions[at.repeat, at.size, at.fold] = np.nan if precision is None else precision

    def _ordered(self, pool: NDArray[np.bool_], seed: int) -> Rows:
        """Return the rows of the pool, in parts of which each has its share of every label."""
        some, count = self._questions.of(pool), self._parts
        part = tag_splits.folds(some.table, np.arange(some.n), count, seed) if count > 1 else np.zeros(some.n, int)
        chance = np.random.default_rng(seed)
        order = np.lexsort([chance.permutation(some.n), chance.permutation(count)[part]])
        return np.flatnonzero(pool)[order]

    @cached_property
    def _parts(self) -> int:
        return int(np.clip(self.curve.sizes[-1] // self.curve.sizes[0], 1, MOST_PARTS))


def drawn(labels: NDArray[np.int64], pool: NDArray[np.bool_], most: int, seed: int) -> Rows:
    """Return rows of the pool, of each class as many as there are, but at most ``most``.

    With the same seed a smaller draw is part of a larger one.
    """
    order = np.random.default_rng(seed).permutation(len(labels))
    order = order[pool[order]]
    chosen = [order[labels[order] == label][:most] for label in np.unique(labels)]
    return np.sort(np.concatenate(chosen))
