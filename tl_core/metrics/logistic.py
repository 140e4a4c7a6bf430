"""Logistic regression as a head, fitted to its end at one strength of its penalty after another. No TensorFlow."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics import linear_probe

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

#: Strengths of the L2 penalty, from a head that hardly learns to one that is hardly held back: four to a power of ten.
STRENGTHS = tuple(float(f"{10 ** (1.5 - step / 4):.2g}") for step in range(14))
#: The strength where no pictures choose one: from 3 to 0.03 it made little difference (tests/bench/README.md).
USUAL = 0.3
#: Length of the rows that a strength is meant for, about; and what features vary by at least.
LENGTH, LEAST_VARIANCE = 2.0, 1e-6
#: The logit of a class of which there is no picture to learn from.
NEVER = -20.0
#: Steps of the solver at most, for one strength; and the largest slope that may be left, of a mean loss.
MOST_STEPS, TOLERANCE = 500, 1e-4


@dataclass(frozen=True, kw_only=True)
class Linear:
    """A linear head.

    Attributes:
        kernel: ``(width, units)`` float32. One unit says how much more likely the second of two classes is.
        bias: ``(units,)`` float32.
    """

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]

    def logits(self, features: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the logits ``(n, units)`` of features ``(n, width)``."""
        return features @ self.kernel + self.bias


def strengths(chosen: float | None, *, validated: bool) -> tuple[float, ...]:
    """Return the strengths of the penalty that are tried: the one chosen, else all where pictures validate them."""
    if chosen is not None:
        return (chosen,)
    return STRENGTHS if validated else (USUAL,)


def path(
    features: NDArray[np.float32],
    labels: NDArray[np.integer],
    weights: NDArray[np.floating],
    classes: int,
    strengths: Sequence[float] = STRENGTHS,
) -> Iterator[Linear]:
    """Yield the head that fits best at each strength of its penalty; the search for it begins at the one before.

    It has the lowest sum of weighted cross-entropies and of half the strength times the squares of its kernel, for
    features that are centred and scaled, by one number, to a length of about 2. There is only one such head: nothing
    is drawn, and there is no rate. Found by L-BFGS (D. Liu and J. Nocedal, "On the limited memory BFGS method for large
    scale optimization", 1989), as scikit-learn has it.

    Args:
        features: ``(n, width)``; the heads are for them as they are.
        labels: ``(n,)`` from 0 to ``classes - 1``; at least two different ones.
        weights: of each row, ``(n,)``.
        classes: how many there are; with two the heads have one unit.
        strengths: above 0.
    """
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(axis=0), deviation_of(features)
    scaled = (features - mean) / deviation
    regression = LogisticRegression(tol=TOLERANCE, max_iter=MOST_STEPS, warm_start=True)
    for strength in strengths:
        with linear_probe.single_thread():
            regression.set_params(C=1 / strength).fit(scaled, labels, weights)
        kernel, bias = _of(regression, classes)
        kernel = kernel / deviation
        yield Linear(kernel=kernel, bias=bias - mean @ kernel)


def path_each(
    features: NDArray[np.float32],
    labels: NDArray[np.integer],
    weights: NDArray[np.floating],
    strengths: Sequence[float] = STRENGTHS,
) -> Iterator[Linear]:
    """Yield the heads of ``path`` for several labels a row: one regression for each label, side by side.

    A label that all rows have, or none, gets a constant logit.

    Args:
        features: as in ``path``.
        labels: ``(n, tags)``, 0 or 1.
        weights: of each label of each row, ``(n, tags)``.
        strengths: above 0.
    """
    from sklearn.linear_model import LogisticRegression

    mean, deviation = features.mean(axis=0), deviation_of(features)
    scaled = (features - mean) / deviation
    tags = labels.shape[1]
    learned = [LogisticRegression(tol=TOLERANCE, max_iter=MOST_STEPS, warm_start=True) for _ in range(tags)]
    for strength in strengths:
        kernel = np.zeros((features.shape[1], tags), np.float32)
        bias = np.where(labels.any(axis=0), -NEVER, NEVER).astype(np.float32)
        for at, regression in enumerate(learned):
            if labels[:, at].min() == labels[:, at].max():
                continue
            with linear_probe.single_thread():
                regression.set_params(C=1 / strength).fit(scaled, labels[:, at], weights[:, at])
            column, free = _of(regression, 2)
            kernel[:, at], bias[at] = column[:, 0] / deviation, free[0]
        yield Linear(kernel=kernel, bias=bias - mean @ kernel)


def deviation_of(features: NDArray[np.float32]) -> np.float32:
    """Return what features ``(n, width)`` are divided by once they are centred: one number for all of them.

    That of each feature by itself is too uncertain for few pictures (tests/bench/README.md).
    """
    variance = max(float(features.var(axis=0).mean()), LEAST_VARIANCE)
    return np.float32(np.sqrt(variance * features.shape[1]) / LENGTH)


def _of(regression: "LogisticRegression", classes: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the kernel ``(width, units)`` and the bias ``(units,)`` of a fitted regression."""
    kernel, bias = regression.coef_.T.astype(np.float32), regression.intercept_.astype(np.float32)
    if classes == 2:
        return kernel, bias
    known = regression.classes_
    if len(known) == 2:
        kernel, bias = halves(kernel), halves(bias)
    whole, free = np.zeros((len(kernel), classes), np.float32), np.full(classes, NEVER, np.float32)
    whole[:, known], free[known] = kernel, bias
    return whole, free


def halves(one: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return two units ``(…, 2)`` that say the same as one ``(…, 1)``."""
    both: NDArray[np.float32] = (np.concatenate([-one, one], axis=-1) / 2).astype(np.float32)
    return both


def cross_entropy(
    logits: NDArray[np.float32],
    labels: NDArray[np.integer],
    weights: NDArray[np.floating],
    smoothing: float = 0.0,
) -> float:
    """Return the mean of the weighted cross-entropies, as Keras has it with that label smoothing.

    Args:
        logits: ``(n, classes)``.
        labels: ``(n,)``.
        weights: of each row, ``(n,)``.
        smoothing: share of the probability that is dealt out to all classes alike, 0 to 1.
    """
    from scipy import special

    logs = special.log_softmax(logits.astype(np.float64), axis=1)
    own = logs[np.arange(len(labels)), labels]
    return float(np.mean(-weights * ((1 - smoothing) * own + smoothing * logs.mean(axis=1))))


def binary_cross_entropy(
    logits: NDArray[np.float32],
    labels: NDArray[np.integer],
    weights: NDArray[np.floating],
    smoothing: float = 0.0,
) -> float:
    """Return the mean of the weighted binary cross-entropies of several labels a row.

    Args:
        logits: ``(n, tags)``.
        labels: ``(n, tags)``, 0 or 1.
        weights: of each, ``(n, tags)``.
        smoothing: share of the probability that is dealt out to both sides alike, 0 to 1.
    """
    logits = logits.astype(np.float64)
    wanted = labels * (1 - smoothing) + smoothing / 2
    return float(np.mean(weights * (np.logaddexp(0, logits) - wanted * logits)))
