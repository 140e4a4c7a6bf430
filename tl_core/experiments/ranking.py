"""Several networks on the same pictures: which are told apart, which to take, and what luck alone would give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.accuracy import Accuracy
from tl_core.metrics import intervals

#: A difference that chance would bring about less often than this is not noise.
SIGNIFICANCE = 0.05
#: How often luck is drawn.
DRAWS = 200


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
        suggested: name of the one to take: of those that cannot be told apart from the best, the one with the least
            bytes times milliseconds.
        luck: by how much the best of as many networks that are equally good would seem better than their mean, 0 to 1.
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


def rank(rivals: Sequence[Rival], groups: NDArray[np.integer] | None, seed: int = 0) -> Ranking:
    """Return networks in order, the best first; of two that are equally often right, the smaller one.

    Args:
        rivals: at least one.
        groups: ``(n,)`` number of each picture's group; None where no picture is like another.
        seed: of the draws of luck.
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
    suggested = min((each for each in places if each.equal), key=lambda each: each.bytes * each.milliseconds)
    best = order[0].accuracy
    return Ranking(
        places=places,
        suggested=suggested.name,
        luck=luck(np.array([each.right for each in order]), groups, seed),
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


def luck(right: NDArray[np.bool_], groups: NDArray[np.integer] | None, seed: int = 0) -> float:
    """Return by how much the best of some equally good networks would seem better than their mean, 0 to 1.

    If they are equally good, nothing is lost by exchanging their answers to a picture, or to a group of pictures that
    are alike: R. A. Fisher, "The Design of Experiments", 1935. It is the mean over DRAWS exchanges.

    Args:
        right: ``(k, n)`` which pictures each of them names right.
        groups: ``(n,)`` number of each picture's group; None where no picture is like another.
        seed: of the draws.
    """
    if len(right) < 2:
        return 0.0
    chance = np.random.default_rng(seeds.derive(seed, "luck"))
    differs = np.flatnonzero(right.any(axis=0) & ~right.all(axis=0))
    place = np.unique(differs if groups is None else groups[differs], return_inverse=True)[1]
    count, some = int(place.max(initial=-1)) + 1, right[:, differs]
    gains = []
    for _ in range(DRAWS):
        order = chance.random((len(right), count)).argsort(axis=0)[:, place]
        rights = np.take_along_axis(some, order, axis=0).sum(axis=1)
        gains.append((rights.max() - rights.mean()) / right.shape[1])
    return float(np.mean(gains))
