"""Pictures whose label is likely wrong: confident learning.

A model that has never seen a picture is asked about it. Where it is at least as sure of another class as it usually is
of that class's own pictures, the label is doubted.

Source: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70
(2021), https://arxiv.org/abs/1911.00068: thresholds and the confident joint of section 3.1, ranking by the margin of
section 3.2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: With fewer pictures than this in a class, its threshold is the mean of so few numbers that it says little.
FEW = 20


@dataclass(frozen=True)
class Doubts:
    """What out-of-sample probabilities say about the labels of ``n`` pictures.

    Attributes:
        rows: positions of the pictures of whose label the model is not convinced: first those that it is sure about,
            the most doubtful first, then the others.
        sure: how many of them the model is as sure about as it usually is of the class that it suggests.
        suggested: for each of them, position of the class that it likely is.
        margins: for each of them, the probability of that class less that of its label, above 0, to 1.
        thresholds: ``(classes,)`` how sure the model is of a class on average over the pictures labelled so; infinite
            where there are none.
        joint: ``(classes, classes)`` pictures by label (row) and by the class that they are counted to with
            confidence (column); pictures that reach no threshold are in none.
        few: positions of the classes with fewer than ``FEW`` pictures, but some.
        better_than_guessing: whether the model, asked about pictures that it has not seen, agrees with more labels
            than the name of the commonest class would. If not, its doubts mean nothing.
    """

    rows: list[int]
    sure: int
    suggested: list[int]
    margins: list[float]
    thresholds: NDArray[np.float64]
    joint: NDArray[np.int64]
    few: list[int]
    better_than_guessing: bool

    def words(self, n: int) -> str:
        """Return how far to trust this, in sentences."""
        if not self.better_than_guessing:
            return (
                "Asked about pictures that it has not seen, the model does no better than always naming the commonest "
                "class. Its doubts mean nothing yet."
            )
        text = (
            f"Asked about pictures that it has not seen, the model disagrees with {len(self.rows):,} of {n:,} "
            f"labels; in {self.sure:,} of these cases it is as sure as it usually is of that class. "
        )
        if self.rows:
            text += "These come first. Each is a wrong label or a mistake of the model: look before you change it. "
        if self.few:
            text += f"{_classes(len(self.few))} fewer than {FEW} pictures: there it is hard to tell which. "
        return text.strip()


def find(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> Doubts:
    """Return the pictures whose label is likely wrong.

    Args:
        probabilities: ``(n, classes)``, rows add up to 1, each from a model that was not trained on that picture.
        labels: ``(n,)`` position of the class that each picture has now.
    """
    p = np.asarray(probabilities, np.float64)
    n, classes = p.shape
    support = np.bincount(labels, minlength=classes)
    thresholds = np.full(classes, np.inf)
    own = p[np.arange(n), labels]
    held = support > 0
    thresholds[held] = np.bincount(labels, own, minlength=classes)[held] / support[held]
    reached = p >= thresholds - 1e-12  # a mean of equal numbers must not miss them by rounding
    confident = reached.any(1)
    best = np.where(reached, p, -1.0).argmax(1)
    joint = np.zeros((classes, classes), np.int64)
    np.add.at(joint, (labels[confident], best[confident]), 1)
    sure = confident & (p[np.arange(n), best] > own)
    likely = np.where(sure, best, p.argmax(1))
    margin = p[np.arange(n), likely] - own
    order = np.lexsort((-margin, ~sure))
    order = order[margin[order] > 0]
    return Doubts(
        rows=order.tolist(),
        sure=int(sure.sum()),
        suggested=likely[order].tolist(),
        margins=margin[order].tolist(),
        thresholds=thresholds,
        joint=joint,
        few=np.flatnonzero(held & (support < FEW)).tolist(),
        better_than_guessing=bool((p.argmax(1) == labels).sum() > support.max(initial=0)),
    )


def _classes(number: int) -> str:
    return "1 class has" if number == 1 else f"{number} classes have"
