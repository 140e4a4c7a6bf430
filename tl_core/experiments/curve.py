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
    """

    pictures: float
    accuracy: float
    interval: tuple[float, float]
    n: int


@dataclass(frozen=True, kw_only=True)
class Curve:
    """What was measured; ``right`` and ``fold`` are filled in as it grows.

    Attributes:
        sizes: ``s`` numbers of pictures that were drawn from each class, or all where it has fewer.
        learned: ``(s, classes)`` pictures of each class that the heads have learned from, a mean over the folds.
        right: ``(repeats, s, n)`` int8: 1 for a picture that was named right, 0 for a wrong one, -1 before that.
        fold: ``(repeats, n)`` int8: the fold of each picture.
        labels: ``(n,)`` positions in ``classes``.
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

    def of(self, label: int | None = None) -> NDArray[np.bool_]:
        """Return which pictures are of a class, ``(n,)``; all for None."""
        return np.ones(self.n, bool) if label is None else self.labels == label

    def amounts(self, label: int | None = None) -> NDArray[np.floating]:
        """Return how many pictures of a class were learned from at each point, ``(s,)``; for None the mean."""
        return self.learned.mean(axis=1) if label is None else self.learned[:, label]

    def points(self, label: int | None = None) -> list[Point]:
        """Return the points so far, from few pictures to many; those of one class, or of all (None)."""
        chosen, amounts = self.of(label), self.amounts(label)
        made = (self._point(at, chosen, amounts[at]) for at in range(len(self.sizes)))
        points = {each.pictures: each for each in made if each}  # a small class has all it has at several points
        return list(points.values())

    def _point(self, at: int, chosen: NDArray[np.bool_], pictures: float) -> Point | None:
        right = self.right[:, at, chosen]
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
        return Point(pictures=float(pictures), accuracy=accuracy, interval=(low, high), n=n)

    def _draws(self, right: NDArray[np.int8], chosen: NDArray[np.bool_]) -> NDArray[np.floating]:
        """Return the accuracy after each draw: of each repeat and fold."""
        shares = []
        for row, fold in zip(right, self.fold[:, chosen], strict=True):
            shares += [row[own].mean() for number in np.unique(fold) if (own := (fold == number) & (row >= 0)).any()]
        return np.array(shares, float)
