"""What more pictures would bring: power laws through a learning curve, and how far they are known."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.experiments import power_law
from tl_core.experiments.curve import Curve
from tl_core.experiments.power_law import Laws

#: How often pictures and repeats are drawn again: enough for the ends of a 95% interval of an estimate.
DRAWS = 200
#: A smaller gain is not worth collecting pictures for.
WORTH = 0.01
#: More pictures of a class that are asked about, at most.
MOST_MORE = 100
#: The classes that gain most are named if there are at most so many of them.
MOST_NAMED = 3


@dataclass(frozen=True, kw_only=True)
class Expected:
    """An accuracy that is expected.

    Attributes:
        pictures: a class that would be learned from.
        accuracy: 0 to 1.
        interval: 95%, by drawing the pictures and the repeats again.
    """

    pictures: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Gain:
    """What more pictures of a class would bring.

    Attributes:
        label: of the class.
        pictures: training and validation pictures that it has.
        gain: in how often its pictures are named right, 0 to 1.
        interval: of it, 95%.
        most: how often it is the class that gains most, among all draws, 0 to 1.
    """

    label: str
    pictures: int
    gain: float
    interval: tuple[float, float]
    most: float


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """What a learning curve says about more pictures.

    Attributes:
        expected: along the law, from few pictures to twice as many as there are; nothing where no law fits.
        now: with all pictures that there are.
        doubled: with twice as many.
        gain: from ``now`` to ``doubled``, 0 to 1.
        gain_interval: of it, 95%.
        more: so many more pictures of one class are asked about.
        classes: what they would bring, in the order of the classes.
        too_few: names of the classes that have too few pictures for a law.
    """

    expected: tuple[Expected, ...] = ()
    now: Expected | None = None
    doubled: Expected | None = None
    gain: float = 0.0
    gain_interval: tuple[float, float] = (0.0, 1.0)
    more: int = 0
    classes: tuple[Gain, ...] = ()
    too_few: tuple[str, ...] = ()

    def leading(self) -> list[Gain]:
        """Return the classes of which one gains most, in 95% of all draws; nothing where they are too many to say."""
        named, sure = [], 0.0
        for each in sorted(self.classes, key=lambda each: -each.most):
            named.append(each)
            sure += each.most
            if sure >= 0.95:
                break
        few = len(named) <= min(MOST_NAMED, len(self.classes) - 1)
        return named if few and all(each.interval[0] >= WORTH / 2 and each.gain >= WORTH for each in named) else []

    def hardly(self) -> list[Gain]:
        """Return the classes that would gain less than a point, all but surely."""
        return [each for each in self.classes if each.interval[1] < WORTH]


def of(curve: Curve, seed: int) -> Outlook:
    """Return what a curve says about more pictures."""
    every = curve.counts * curve.every / max(curve.n, 1)
    here, weights = float(every.mean()), _Weights.drawn(curve, seed)
    laws = _laws(curve, None, weights)
    if laws is None:
        return Outlook()
    now, doubled = (_expected(laws, at) for at in (here, 2 * here))
    more = _round(min(MOST_MORE, here))
    classes = _gains(curve, weights, every, more)
    known = {each.label for each in classes}
    return Outlook(
        expected=tuple(_expected(laws, float(at)) for at in np.geomspace(curve.amounts()[0], 2 * here, 25)),
        now=now,
        doubled=doubled,
        gain=doubled.accuracy - now.accuracy,
        gain_interval=_interval(laws.accuracy(2 * here) - laws.accuracy(here)),
        more=more,
        classes=classes,
        too_few=tuple(name for name in curve.classes if name not in known),
    )


def _gains(curve: Curve, weights: "_Weights", every: NDArray[np.floating], more: int) -> tuple[Gain, ...]:
    """Return what more pictures of each class would bring, of those that have points enough for a law."""
    table = {}
    for label, n in enumerate(every):
        if laws := _laws(curve, label, weights):
            table[label] = laws.accuracy(n + more) - laws.accuracy(n)
    if not table:
        return ()
    wins = np.bincount(np.array([*table.values()])[:, 1:].argmax(axis=0), minlength=len(table)) / DRAWS
    return tuple(
        Gain(
            label=curve.classes[label],
            pictures=round(float(every[label])),
            gain=float(gains[0]),
            interval=_interval(gains),
            most=float(share),
        )
        for (label, gains), share in zip(table.items(), wins, strict=True)
    )


@dataclass(frozen=True)
class _Weights:
    """How often each picture and each repeat was drawn; first the curve itself, in which each counts once.

    Groups of pictures and repeats are drawn with replacement: B. Efron and R. Tibshirani, "An Introduction to the
    Bootstrap", 1993. All classes see the same draws, so that they can be compared.

    Attributes:
        pictures: ``(1 + DRAWS, n)``.
        repeats: ``(1 + DRAWS, repeats)``.
    """

    pictures: NDArray[np.floating]
    repeats: NDArray[np.floating]

    @classmethod
    def drawn(cls, curve: Curve, seed: int) -> "_Weights":
        chance = np.random.default_rng(seeds.derive(seed, "bootstrap"))
        place = np.unique(curve.groups, return_inverse=True)[1]
        groups, repeats = int(place.max()) + 1, curve.repeats

        def weights(count: int) -> NDArray[np.floating]:
            counts = [np.bincount(chance.integers(0, count, count), minlength=count) for _ in range(DRAWS)]
            return np.array([np.ones(count), *counts], float)

        return cls(weights(groups)[:, place], weights(repeats))


def _laws(curve: Curve, label: int | None, weights: _Weights) -> Laws | None:
    """Return the law of the points, then those of the draws; None where there are too few points."""
    amounts = curve.amounts(label)
    last = list({float(amount): at for at, amount in enumerate(amounts)}.values())  # all of a small class comes again
    own = curve.of(label)
    right = curve.answers(label)[:, last]
    complete = (right >= 0).any(axis=(0, 2))
    right, amounts = right[:, complete], amounts[last][complete]
    pictures = weights.pictures[:, own]
    asked = np.einsum("rsn,dn->drs", (right >= 0).astype(float), pictures)
    hits = np.einsum("rsn,dn->drs", (right > 0).astype(float), pictures)
    asked, hits = (np.einsum("drs,dr->ds", each, weights.repeats) for each in (asked, hits))
    if not (asked[0] > 0).all():
        return None
    usual = hits[0] / asked[0]
    accuracies = np.where(asked > 0, hits / np.maximum(asked, 1), usual)  # a draw may leave a class out
    return power_law.fit(amounts, accuracies, float(own.sum()))


def _expected(laws: Laws, pictures: float) -> Expected:
    values = laws.accuracy(pictures)
    return Expected(pictures=pictures, accuracy=float(values[0]), interval=_interval(values))


def _interval(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the interval of draws, before which comes the estimate: it is inside."""
    low, high = np.quantile(values[1:], [0.025, 0.975])
    return float(min(low, values[0])), float(max(high, values[0]))


def _round(number: float) -> int:
    """Return a round number that is not larger: 1, 2, 5, 10, 20, 50, 100."""
    return max((each for each in (1, 2, 5, 10, 20, 50, 100) if each <= number), default=1)
