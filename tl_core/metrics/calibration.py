"""How far the probabilities of a model can be trusted, and one number that corrects them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.language import _
from tl_core.metrics import evidence, intervals
from tl_core.wording import percent

#: A temperature outside of these bounds says nothing that one at the bound does not say.
BOUNDS = (0.05, 100.0)
#: As many bins as Guo et al. have; fewer where a bin would hold fewer images than PER_BIN on average.
MOST_BINS, PER_BIN = 15, 10
#: Draws of what a perfectly calibrated model would get.
DRAWS = 500
#: Where chance alone may make an error above this, one that is no larger says nothing.
LARGE = 0.1


@dataclass(frozen=True, kw_only=True)
class Bin:
    """Predictions of about the same confidence.

    Attributes:
        n: how many, 1 or more.
        correct: how many of them are right.
        confidence: their mean confidence, 0 to 1.
        accuracy: ``correct / n``.
        interval: of the accuracy, 95%.
    """

    n: int
    correct: int
    confidence: float
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Reliability:
    """How often a model is right among predictions of the same confidence.

    Attributes:
        n: predictions.
        ece: expected calibration error, 0 to 1: the mean gap between confidence and accuracy; not-a-number without
            predictions.
        by_chance: mean and 95th percentile of what a perfectly calibrated model with the same confidences would get.
        bins: the least confident first.
        correlation: how much the answers for images that are alike go together, 0 to 1; 0 where none are.
    """

    n: int
    ece: float
    by_chance: tuple[float, float]
    bins: tuple[Bin, ...]
    correlation: float = 0.0

    @property
    def verdict(self) -> str:
        """Return ``"trust"``: no sign of an error; ``"distrust"``; or ``"few"``: chance alone makes a large error."""
        if self.ece > self.by_chance[1]:
            return "distrust"
        return "trust" if self.by_chance[1] <= LARGE else "few"

    def chance(self) -> str:
        """Return what a perfectly calibrated model would get, in words.

        >>> Reliability(n=200, ece=0.03, by_chance=(0.021, 0.0444), bins=()).chance()
        'about 2.1%, and up to 4.4%'
        >>> Reliability(n=1, ece=0.0, by_chance=(0.0, 0.0), bins=()).chance()
        'about 0%'
        """
        mean, most = (percent(share, self.n) for share in self.by_chance)
        return (
            _("about {share}").format(share=mean)
            if mean == most
            else _("about {share}, and up to {most}").format(share=mean, most=most)
        )


def temperature(logits: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the temperature with which ``softmax(logits / temperature)`` fits the truth best.

    C. Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2, https://arxiv.org/abs/1706.04599: the
    one that minimises the negative log-likelihood. Few images, all of them right, would ask for a certainty without
    end; so the targets are those of J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, section 2.2:
    with ``n`` images the true class counts ``(n + 1) / (n + 2)``, the others share the rest.

    Args:
        logits: ``(n, classes)`` of images that were not trained on; with ``n = 0`` the temperature is 1.
        truth: ``(n,)`` positions of their classes.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    n, classes = logits.shape
    if n == 0:
        return 1.0
    targets = np.full((n, classes), 1 / ((n + 2) * (classes - 1)))
    targets[np.arange(n), truth] = (n + 1) / (n + 2)

    def loss(log_temperature: float) -> float:
        return float(-(targets * log_softmax(logits.astype(np.float64) / np.exp(log_temperature), axis=1)).sum())

    low, high = np.log(BOUNDS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def reliability(
    probabilities: NDArray[np.floating], truth: NDArray[np.integer], groups: NDArray[np.integer] | None = None
) -> Reliability:
    """Return how often a model is right among predictions of the same confidence, which is their largest probability.

    The predictions are sorted by confidence into bins of equal size; equal confidences share a bin, for their order
    means nothing. The expected calibration error: M. Naeini et al., "Obtaining Well Calibrated Probabilities Using
    Bayesian Binning", 2015. It is above 0 by chance alone, the more so the fewer the images. So what a perfectly
    calibrated model would get is drawn at random beside it. Images that are alike are right or wrong together in those
    draws as often as in the answers (``evidence.correlation``), and count as fewer in the intervals of the bins.

    Args:
        probabilities: ``(n, classes)``.
        truth: ``(n,)``.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    if not len(truth):
        return of_answers(np.zeros(0), np.zeros(0, bool))
    return of_answers(probabilities.max(axis=1), probabilities.argmax(axis=1) == truth, groups)


def of_answers(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], groups: NDArray[np.integer] | None = None
) -> Reliability:
    """Return how often answers of the same probability are right, as ``reliability``.

    Args:
        confidence: ``(n,)`` the probability of each answer.
        correct: ``(n,)`` whether it is right; of a label, whether the image has it.
        groups: ``(n,)`` number of the group of images that each is about; None where no image is like another.
    """
    n = len(correct)
    if n == 0:
        return Reliability(n=0, ece=np.nan, by_chance=(np.nan, np.nan), bins=())
    rows = _binned(confidence)
    together = evidence.correlation(correct, groups)
    chance = _gap(confidence, _luck(n, groups, together) < confidence, rows)
    return Reliability(
        n=n,
        ece=float(_gap(confidence, correct, rows)),
        by_chance=(float(np.mean(chance)), float(np.quantile(chance, 0.95))),
        bins=tuple(_bin(confidence[some], correct[some], None if groups is None else groups[some]) for some in rows),
        correlation=together,
    )


def _luck(n: int, groups: NDArray[np.integer] | None, together: float) -> NDArray[np.float64]:
    """Return ``(DRAWS, n)`` even random numbers 0 to 1: in that share of the draws one for all images of a group."""
    random = np.random.default_rng(0)
    own = random.random((DRAWS, n))
    if groups is None or not together:
        return own
    _, place = np.unique(groups, return_inverse=True)
    common, shared = (random.random((DRAWS, place.max() + 1))[:, place] for _ in range(2))
    return np.where(shared < together, common, own)


def _binned(confidence: NDArray[np.floating]) -> list[NDArray[np.intp]]:
    order = np.argsort(confidence, kind="stable")
    rising, bins = confidence[order], max(1, min(MOST_BINS, len(order) // PER_BIN))
    starts = np.cumsum([len(some) for some in np.array_split(order, bins)])[:-1]
    starts = np.unique(np.searchsorted(rising, rising[starts]))
    return np.split(order, starts[starts > 0])


def _gap(
    confidence: NDArray[np.floating], correct: NDArray[np.bool_], rows: list[NDArray[np.intp]]
) -> NDArray[np.float64]:
    """Return the calibration error ``(…)`` of answers ``(…, n)``."""
    gaps = [np.abs(confidence[some].sum() - correct[..., some].sum(axis=-1)) for some in rows]
    error: NDArray[np.float64] = np.sum(gaps, axis=0) / len(confidence)
    return error


def _bin(confidence: NDArray[np.floating], correct: NDArray[np.bool_], groups: NDArray[np.integer] | None) -> Bin:
    hits, n = int(correct.sum()), len(correct)
    interval = intervals.share(correct, groups).interval
    return Bin(n=n, correct=hits, confidence=float(confidence.mean()), accuracy=hits / n, interval=interval)
