"""Folds for cross-validation: who is held out when."""

import warnings

import numpy as np
from numpy.typing import NDArray


def deal(labels: NDArray[np.integer], groups: NDArray[np.integer], folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each row: groups stay whole, and every class is spread over the folds as evenly as they allow.

    Args:
        labels: ``(n,)``.
        groups: ``(n,)`` rows of one number are alike and must not teach one another.
        folds: how many, 2 or more.
        seed: of the shuffle.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    fold = np.zeros(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # some folds are without it then
        dealt = list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups))
    for number, (_, held_out) in enumerate(dealt):
        fold[held_out] = number
    return fold
