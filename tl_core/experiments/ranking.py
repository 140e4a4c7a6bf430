"""Several networks on the same pictures: which are told apart, which to take, and what luck alone would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.accuracy import Accuracy
from tl_core.metrics import intervals, luck

#: A difference that chance would bring about less often than this is not noise.
SIGNIFICANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class Rival:
    """One of several networks.

    Attributes:
        name: of it.
        accuracy: with its interval.
        right: ``(n,)`` which pictures it names right; the same pictures for all.
        milliseconds: that one picture takes.
        bytes: of the model.
    """

    name: str
    accuracy: Accuracy
    right: NDArray[np.bool_]
    milliseconds: float
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one of several networks stands.

    Attributes:
        name: of it.
        accuracy: with its interval.
        milliseconds: that one picture takes.
        bytes: of the model.
        p: how often chance alone would make a difference from the best at least so large, 0 to 1, corrected for the
            number of comparisons; 1 for the best itself.
        equal: whether it cannot be told apart from the best.
        front: whether no other one is both quicker and more often right.
    """

    name: str
    accuracy: Accuracy
    milliseconds: float
    bytes: int
    p: float
    equal: bool
    front: bool


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """Several networks in order.

    Attributes:
        places: the best first.
        suggested: name of the one to take: the smallest of those that cannot be told apart from the best; of two as
            small, the quicker.
        luck: by how much the best would look better than it is if all were equally good, 0 to 1.
        guessing: whether the best is not told apart from always naming the most frequent class.
    """

    places: tuple[Place, ...]
    suggested: str
    luck: float
    guessing: bool

    @property
    def equals(self) -> list[Place]:
        """Those that cannot be told apart from the best, which is the first of them."""
        return [each for each in self.places if each.equal]

    def place(self, name: str) -> Place:
        """Return where a network stands."""
        return next(each for each in self.places if each.name == name)


def rank(rivals: Sequence[Rival], groups: NDArray[np.integer] | None) -> Ranking:
    """Return networks in order, the best first; of two that are equally often right, the smaller one.

    Args:
        rivals: at least one.
        groups: ``(n,)`` number of each picture's group; None where no picture is like another.
    """
    order = sorted(rivals, key=lambda each: (-(each.accuracy.accuracy or 0), each.bytes))
    ps = holm([intervals.mcnemar(order[0].right, each.right, groups) for each in order[1:]])
    places = tuple(
        Place(
            name=each.name,
            accuracy=each.accuracy,
            milliseconds=each.milliseconds,
            bytes=each.bytes,
            p=p,
            equal=p >= SIGNIFICANCE,
            front=not any(_beats(other, each) for other in order),
        )
        for each, p in zip(order, [1.0, *ps], strict=True)
    )
    suggested = min((each for each in places if each.equal), key=lambda each: (each.bytes, each.milliseconds))
    best = order[0].accuracy
    return Ranking(
        places=places,
        suggested=suggested.name,
        luck=luck.gain(np.array([each.right for each in order]), groups),
        guessing=best.interval[0] <= (best.baseline or 0.0),
    )


def _beats(one: Rival, other: Rival) -> bool:
    first, second = ((-(each.accuracy.accuracy or 0), each.milliseconds) for each in (one, other))
    return first != second and first[0] <= second[0] and first[1] <= second[1]


def holm(ps: Sequence[float]) -> list[float]:
    """Return p-values corrected for their number, in the same order.

    Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6
    (1979).

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, least = [0.0] * len(ps), 0.0
    for done, at in enumerate(sorted(range(len(ps)), key=ps.__getitem__)):
        least = max(least, min(1.0, (len(ps) - done) * ps[at]))
        corrected[at] = least
    return corrected
