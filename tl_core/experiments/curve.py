"""A learning curve as far as it was measured: which picture was named right after how many pictures."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import evidence, intervals


@dataclass(frozen=True, kw_only=True)
class Point:
    """A point of the curve.

    Attributes:
        pictures: a class that the head has learned from, a mean.
        accuracy: 0 to 1.
        interval: 95%, for which pictures were asked and which were learned from.
        n: pictures that were asked, each counted once.
        precision: mean average precision over the labels, where a picture has several; None where it has one.
    """

    pictures: float
    accuracy: float
    interval: tuple[float, float]
    n: int
    precision: float | None = None


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What was measured; ``right`` and ``fold`` are filled in as it grows.

    Attributes:
        sizes: ``s`` numbers of pictures that were drawn from each class, or all where it has fewer.
        learned: ``(s, classes)`` pictures of each class that the heads have learned from, a mean over the folds.
        right: ``(repeats, s, n)`` int8: 1 for a picture that was named right, 0 for a wrong one, -1 before that.
        fold: ``(repeats, n)`` int8: the fold of each picture.
        labels: ``(n,)`` positions in ``classes``; in a ``TagCurve`` the number of what a picture has together.
        groups: ``(n,)`` number of each picture's group: what is alike, or belongs together, has one.
        classes: names.
        every: how many training and validation pictures there are; ``n`` of them were asked for.
    """

    sizes: list[int]
    learned: NDArray[np.floating]
    right: NDArray[np.int8]
    fold: NDArray[np.int8]
    labels: NDArray[np.int64]
    groups: NDArray[np.int64]
    classes: list[str]
    every: int

    @property
    def repeats(self) -> int:
        """How often all pictures are dealt."""
        return len(self.right)

    @property
    def n(self) -> int:
        """Pictures."""
        return len(self.labels)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Pictures of each class."""
        return np.bincount(self.labels, minlength=len(self.classes))

    @property
    def guess(self) -> float:
        """What the most frequent answer gets, 0 to 1."""
        return float(np.bincount(self.labels).max() / self.n)

    def of(self, label: int | None = None) -> NDArray[np.bool_]:
        """Return which pictures say something about a class, ``(n,)``: its own; all for None."""
        return np.ones(self.n, bool) if label is None else self.labels == label

    def answers(self, label: int | None = None) -> NDArray[np.int8]:
        """Return ``right`` of these pictures, ``(repeats, s, of(label).sum())``."""
        return self.right[:, :, self.of(label)]

    def precision(self, at: int) -> float | None:
        """Return the mean average precision at a point; None where a picture has one label."""
        return None

    def amounts(self, label: int | None = None) -> NDArray[np.floating]:
        """Return how many pictures of a class were learned from at each point, ``(s,)``; for None the mean."""
        return self.learned.mean(axis=1) if label is None else self.learned[:, label]

    def points(self, label: int | None = None) -> list[Point]:
        """Return the points so far, from few pictures to many; those of one class, or of all (None)."""
        answers, chosen, amounts = self.answers(label), self.of(label), self.amounts(label)
        made = (
            self._point(answers[:, at], chosen, amounts[at], self.precision(at) if label is None else None)
            for at in range(len(self.sizes))
        )
        points = {each.pictures: each for each in made if each}  # a small class has all it has at several points
        return list(points.values())

    def _point(
        self, right: NDArray[np.int8], chosen: NDArray[np.bool_], pictures: float, precision: float | None
    ) -> Point | None:
        asked = (right >= 0).sum(axis=0)
        some = asked > 0
        if not some.any():
            return None
        share = np.where(right > 0, 1, 0).sum(axis=0)[some] / asked[some]
        counted = evidence.of(share, self.groups[chosen][some])
        n, accuracy = int(some.sum()), float(share.mean())
        low, high = intervals.rate_interval(accuracy * n, n, effective=counted.effective)
        draws = self._draws(right, chosen)
        if len(draws) > 2:  # what was learned from varies, too
            _, least, most = intervals.mean_interval(draws)
            low, high = min(low, max(0.0, least)), max(high, min(1.0, most))
        return Point(pictures=float(pictures), accuracy=accuracy, interval=(low, high), n=n, precision=precision)

    def _draws(self, right: NDArray[np.int8], chosen: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return the accuracy after each draw: of each repeat and fold."""
        shares = []
        for row, fold in zip(right, self.fold[:, chosen], strict=True):
            shares += [row[own].mean() for number in np.unique(fold) if (own := (fold == number) & (row >= 0)).any()]
        return np.array(shares, float)


@dataclass(frozen=True, kw_only=True)
class TagCurve(Curve):
    """The same of pictures with several labels: in ``right`` a picture is right that is given exactly its labels.

    Of a label each picture says something: it is right where it is given the label if, and only if, it has it.

    Attributes:
        has: ``(n, classes)`` which picture has which label.
        each: ``(repeats, s, n, classes)`` int8: as ``right``, of each label.
        precisions: ``(repeats, s, folds)`` mean average precision on each fold; NaN before that.
    """

    has: NDArray[np.bool_]
    each: NDArray[np.int8]
    precisions: NDArray[np.floating]

    @property
    def counts(self) -> NDArray[np.int64]:
        """Pictures that have each label."""
        counts: NDArray[np.int64] = self.has.sum(axis=0)
        return counts

    def of(self, label: int | None = None) -> NDArray[np.bool_]:
        """Return which pictures say something about a label, ``(n,)``: all."""
        return np.ones(self.n, bool)

    def answers(self, label: int | None = None) -> NDArray[np.int8]:
        """Return ``right``, or what it is for one label, ``(repeats, s, n)``."""
        return self.right if label is None else self.each[..., label]

    def precision(self, at: int) -> float | None:
        """Return the mean average precision at a point, over the repeats and folds; None before that is known."""
        known = self.precisions[:, at][~np.isnan(self.precisions[:, at])]
        return float(known.mean()) if known.size else None
