"""How accuracy grows with the number of pictures: a power law, which learning curves follow closely.

J. Hestness et al., "Deep Learning Scaling is Predictable, Empirically", 2017, https://arxiv.org/abs/1712.00409; for
curves of classifiers on small data R. L. Figueroa et al., "Predicting sample size required for classification
performance", BMC Medical Informatics and Decision Making 12 (2012).

For a given exponent the law is linear, and the best of a few dozen exponents is close enough: G. H. Golub and V.
Pereyra, "The Differentiation of Pseudo-Inverses and Nonlinear Least Squares Problems Whose Variables Separate", SIAM
Journal on Numerical Analysis 10 (1973). That fits hundreds of curves at once, in milliseconds, and never gets stuck;
``scipy.optimize.curve_fit`` takes some milliseconds for each.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Points that a fit of three numbers needs.
LEAST_POINTS = 4
EXPONENTS = np.geomspace(0.05, 2, 60)

Floats = NDArray[np.floating]


@dataclass(frozen=True, kw_only=True)
class Laws:
    """``1 - accuracy = floor + scale · n ** -exponent``, for ``k`` curves.

    Attributes:
        floor: ``(k,)`` the error that stays whatever the number of pictures, at least 0.
        scale: ``(k,)`` at least 0.
        exponent: ``(k,)`` 0.05 to 2.
    """

    floor: Floats
    scale: Floats
    exponent: Floats

    def accuracy(self, pictures: float) -> Floats:
        """Return the accuracies that they expect with so many pictures, ``(k,)``, 0 to 1.

        >>> Laws(floor=np.array([0.1]), scale=np.array([0.4]), exponent=np.array([0.5])).accuracy(16)
        array([0.8])
        """
        return np.clip(1 - self.floor - self.scale * pictures**-self.exponent, 0, 1)


def fit(pictures: Floats, accuracies: Floats, tested: float) -> Laws | None:
    """Return the power laws closest to the points of learning curves; None where the points are too few.

    Args:
        pictures: ``(s,)`` that were learned from, above 0.
        accuracies: ``(k, s)`` 0 to 1.
        tested: pictures that each accuracy was counted from: points near 0 and 1 vary less, and weigh more.
    """
    if len(np.unique(pictures)) < LEAST_POINTS:
        return None
    smooth = (accuracies * tested + 1) / (tested + 2)
    weight = (1 / (smooth * (1 - smooth)))[:, None]
    x = pictures[None, None] ** -EXPONENTS[None, :, None]
    floor, scale = _lines(x, 1 - accuracies[:, None], weight)
    misfit = (weight * (1 - accuracies[:, None] - floor[..., None] - scale[..., None] * x) ** 2).sum(-1)
    best = np.arange(len(accuracies)), misfit.argmin(axis=1)
    return Laws(floor=floor[best], scale=scale[best], exponent=EXPONENTS[best[1]])


def _lines(x: Floats, y: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Return ends and slopes of the lines of least squares, neither of them negative: of ``(k, e, s)`` points each."""
    total = weight.sum(-1)
    mean_x, mean_y = (weight * x).sum(-1) / total, (weight * y).sum(-1) / total
    spread = (weight * (x - mean_x[..., None]) ** 2).sum(-1)
    slope = (weight * (x - mean_x[..., None]) * (y - mean_y[..., None])).sum(-1) / spread
    end = mean_y - slope * mean_x
    through_zero = (weight * x * y).sum(-1) / (weight * x * x).sum(-1)
    slope = np.where(end < 0, through_zero, slope)
    end = np.where(slope < 0, mean_y, np.maximum(end, 0))
    return end, np.maximum(slope, 0)
