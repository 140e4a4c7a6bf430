"""How much better the best of several equal models looks than it is, by luck alone."""

import math

import numpy as np
from numpy.typing import NDArray

#: Standard deviations between which the density of a maximum is integrated, and in how many points.
_REACH, _POINTS = 9.0, 4001


def expected_maximum(k: int) -> float:
    """Return the mean of the largest of ``k`` independent standard normal numbers; 0 for fewer than two.

    It is the integral of ``x k φ(x) Φ(x)^(k − 1)``: H. L. Harter, "Expected Values of Normal Order Statistics",
    Biometrika 48 (1961), whose table has 0.56419 for two, 1.53875 for ten and 2.50759 for a hundred.

    >>> [round(expected_maximum(k), 4) for k in (1, 2, 10, 100)]
    [0.0, 0.5642, 1.5388, 2.5076]
    """
    if k < 2:
        return 0.0
    x = np.linspace(-_REACH, _REACH, _POINTS)
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi)
    below = np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in x])
    return float(np.trapezoid(x * k * density * below ** (k - 1), x))


def gain(right: NDArray[np.bool_], groups: NDArray[np.integer] | None = None) -> float:
    """Return by how much the best of some models would look better than it is if all were equally good, 0 to 1.

    The accuracies of equal models differ by chance, with a standard deviation that is seen in how often two of the
    models disagree: on ``d`` of ``n`` images, it is ``√d / n / √2``. What all models share, such as easy images, says
    nothing about which is best, and does not count. The best of ``k`` is ahead by ``expected_maximum(k)`` of it. For
    the bias of what was selected: G. C. Cawley and N. L. C. Talbot, "On Over-fitting in Model Selection and Subsequent
    Selection Bias in Performance Evaluation", Journal of Machine Learning Research 11 (2010).

    The median over all pairs stands for ``d``: a model that is far worse has no say. Models that are right on just the
    same images count as one. Images that are alike fall to one side together, as in ``intervals.mcnemar``.

    Args:
        right: ``(k, n)`` which images each model has right.
        groups: ``(n,)`` number of each image's group; None where no image is like another.

    >>> gain(np.array([[1, 0, 1, 1], [1, 0, 1, 1]], bool))
    0.0
    """
    apart = np.unique(right, axis=0).astype(float)
    k, n = apart.shape
    if k < 2:
        return 0.0
    if groups is not None:
        place = np.unique(groups, return_inverse=True)[1]
        apart = np.stack([np.bincount(place, row) for row in apart])
    squares = (apart**2).sum(axis=1)
    between = squares[:, None] + squares[None, :] - 2 * apart @ apart.T
    typical = max(float(np.median(between[np.triu_indices(k, 1)])), 0.0)
    return expected_maximum(k) * math.sqrt(typical / 2) / int(n)
