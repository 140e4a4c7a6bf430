"""How far the probabilities of a model can be taken at their word, and one number that puts them right."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.metrics.intervals import wilson

#: A temperature outside of these bounds says nothing that one at the bound does not say.
BOUNDS = (0.05, 100.0)
#: As many bins as Guo et al. have; fewer where a bin would hold fewer than so many pictures on average.
MOST_BINS, PER_BIN = 15, 10
#: Draws of what a perfectly calibrated model would get.
DRAWS = 500


def temperature(logits: NDArray[np.floating], truth: NDArray[np.integer]) -> float:
    """Return the temperature with which ``softmax(logits / temperature)`` fits best what was true.

    C. Guo et al., "On Calibration of Modern Neural Networks", 2017, section 4.2, https://arxiv.org/abs/1706.04599: the
    one that minimises the negative log-likelihood. Few pictures, all of them right, would ask for a certainty without
    end; so the targets are those of J. Platt, "Probabilistic Outputs for Support Vector Machines", 1999, section 2.2:
    with ``n`` pictures the true class counts ``(n + 1) / (n + 2)``, the others share the rest.

    Args:
        logits: ``(n, classes)`` of pictures that were not trained on.
        truth: ``(n,)`` positions of their classes.
    """
    from scipy.optimize import minimize_scalar

    n, classes = logits.shape
    if n == 0:
        return 1.0
    targets = np.full((n, classes), 1 / ((n + 2) * (classes - 1)))
    targets[np.arange(n), truth] = (n + 1) / (n + 2)

    def loss(log_temperature: float) -> float:
        values = logits.astype(np.float64) / np.exp(log_temperature)
        values -= values.max(axis=1, keepdims=True)
        return float(-(targets * (values - np.log(np.exp(values).sum(axis=1, keepdims=True)))).sum())

    low, high = np.log(BOUNDS)
    return float(np.exp(minimize_scalar(loss, bounds=(low, high), method="bounded").x))


def reliability(probabilities: NDArray[np.floating], truth: NDArray[np.integer]) -> dict[str, Any]:
    """Return how often a model is right among answers that it is equally sure of.

    The answers are sorted by their confidence (the largest probability) into bins of equally many; those that are
    equally sure are in one bin, for their order means nothing. The expected
    calibration error (ECE) is the mean gap between confidence and accuracy: M. Naeini et al., "Obtaining Well
    Calibrated Probabilities Using Bayesian Binning", 2015. It is above 0 by chance alone, the more so the fewer the
    pictures; what a perfectly calibrated model with the same confidences would get is drawn at random beside it.

    Args:
        probabilities: ``(n, classes)``.
        truth: ``(n,)``.

    Returns:
        ``{"n", "ece", "by_chance", "bins"}``: ``by_chance`` is the mean and the 95th percentile of such draws; each bin
        is ``{"n", "right", "confidence", "accuracy", "interval", "least", "most"}``, the least confident first.
        ``ece`` and ``by_chance`` are None without pictures.
    """
    n = len(truth)
    if n == 0:
        return {"n": 0, "ece": None, "by_chance": None, "bins": []}
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    parts = _parts(confidence)
    drawn = np.random.default_rng(0).random((DRAWS, n)) < confidence
    chance = [_gap(confidence, draw, parts) for draw in drawn]
    return {
        "n": n,
        "ece": _gap(confidence, right, parts),
        "by_chance": [float(np.mean(chance)), float(np.quantile(chance, 0.95))],
        "bins": [_bin(confidence[part], right[part]) for part in parts],
    }


def _parts(confidence: NDArray[np.floating]) -> list[NDArray[np.intp]]:
    order = np.argsort(confidence, kind="stable")
    rising, bins = confidence[order], max(1, min(MOST_BINS, len(order) // PER_BIN))
    starts = np.cumsum([len(part) for part in np.array_split(order, bins)])[:-1]
    starts = np.unique(np.searchsorted(rising, rising[starts]))
    return np.split(order, starts[starts > 0])


def _gap(confidence: NDArray[np.floating], right: NDArray[np.bool_], parts: list[NDArray[np.intp]]) -> float:
    gaps = [abs(confidence[part].sum() - right[part].sum()) for part in parts]
    return float(sum(gaps) / len(confidence))


def _bin(confidence: NDArray[np.floating], right: NDArray[np.bool_]) -> dict[str, Any]:
    hits, n = int(right.sum()), len(right)
    return {
        "n": n,
        "right": hits,
        "confidence": float(confidence.mean()),
        "accuracy": hits / n,
        "interval": list(wilson(hits, n)),
        "least": float(confidence.min()),
        "most": float(confidence.max()),
    }
