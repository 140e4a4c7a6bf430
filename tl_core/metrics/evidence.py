"""How much some answers say together: images of one moment are right or wrong together, and count as fewer.

With groups of images that are alike, a share varies as that of ``n / deff`` independent images does, where
``deff = 1 + (m − 1) ρ`` with the mean size ``m`` of an image's group and the intraclass correlation ``ρ``: L. Kish,
"Survey Sampling", 1965; with unequal groups J. N. K. Rao and A. J. Scott, "A Simple Method for the Analysis of
Clustered Binary Data", Biometrics 48 (1992).

Their estimate of ``ρ`` says 0 where few answers are wrong, and the interval is too narrow then. So ``ρ`` is its mean
under the beta-binomial likelihood (D. A. Williams, Biometrics 31, 1975), all ``ρ`` being equally probable beforehand,
and the rate having Jeffreys' prior. Where all answers are right, or all wrong, nothing shows how much they vary
together: then ``ρ`` is 1. ``intervals.quantile`` allows for all this being an estimate; ``tests/bench/README.md`` has
the coverage.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Values of ρ that are weighed; at 0 and 1 themselves the beta distribution has no parameters.
_ICC = np.linspace(0, 1, 21)
_WITHIN = np.clip(_ICC, 1e-4, 1 - 1e-3)
#: Rates, at equal steps of Jeffreys' prior.
_RATES = np.sin(np.linspace(0, np.pi / 2, 42)[1:-1]) ** 2


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What some answers count as.

    Attributes:
        groups: of images that are alike; as many as images where none are.
        effective: independent images that would say as much, 1 to the number of images; 0 without images.
    """

    groups: int
    effective: float


def of(right: NDArray[np.bool_] | NDArray[np.floating], groups: NDArray[np.integer] | None) -> Evidence:
    """Return what answers count as.

    >>> of(np.ones(4, bool), np.array([0, 1, 2, 3]))
    Evidence(groups=4, effective=4.0)
    >>> of(np.array([1, 1, 1, 1, 0, 0, 0, 0], bool), np.array([0, 0, 0, 0, 1, 1, 1, 1])).groups
    2

    Args:
        right: ``(n,)`` whether each answer is right, or a number 0 to 1.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    n = len(right)
    sizes = np.ones(n, int) if groups is None else np.unique(groups, return_counts=True)[1]
    if len(sizes) == n:
        return Evidence(groups=n, effective=float(n))
    width = float((sizes**2).sum() / n)
    return Evidence(groups=len(sizes), effective=n / (1 + (width - 1) * correlation(right, groups)))


def correlation(right: NDArray[np.bool_] | NDArray[np.floating], groups: NDArray[np.integer] | None) -> float:
    """Return how much the answers of a group go together, 0 to 1: 0 where no image is like another.

    Args:
        right: ``(n,)`` whether each answer is right, or a number 0 to 1.
        groups: ``(n,)`` number of each image's group; None where no image is like another.
    """
    if groups is None:
        return 0.0
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) == len(right):
        return 0.0
    hits = np.bincount(place, np.asarray(right, np.float64)).astype(np.float64)
    return _correlation(hits, sizes) if 0 < hits.sum() < len(right) else 1.0


def _correlation(hits: NDArray[np.floating], sizes: NDArray[np.integer]) -> float:
    """Return the posterior mean of the intraclass correlation of groups, 0 to 1.

    Args:
        hits: ``(k,)`` right answers in each group.
        sizes: ``(k,)`` answers in each group.
    """
    from scipy.special import betaln

    kinds, counts = np.unique(np.stack([hits, sizes], axis=1), axis=0, return_counts=True)
    hit, size = kinds.T
    a = (_RATES * (1 / _WITHIN - 1)[:, None])[..., None]
    b = ((1 - _RATES) * (1 / _WITHIN - 1)[:, None])[..., None]
    total = (betaln(a + hit, b + size - hit) - betaln(a, b)) @ counts
    weights = np.exp(total - total.max()).sum(axis=1)
    return float(weights @ _ICC / weights.sum())
