"""Images whose label is probably wrong: confident learning.

A model that has never seen an image is asked about it. Where it is at least as confident of another class as it
usually is of that class's own images, the label is in doubt.

Source: C. G. Northcutt, L. Jiang, I. L. Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels", JAIR 70
(2021), https://arxiv.org/abs/1911.00068: thresholds of section 3.1, ranking by the margin of
section 3.2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.language import _, ngettext

#: With fewer images than this in a class, its threshold is the mean of too few numbers.
FEW = 20


@dataclass(frozen=True, kw_only=True)
class LabelIssues:
    """What out-of-sample probabilities say about the labels of ``n`` images.

    Attributes:
        n: images that were asked about.
        rows: positions of the images whose label the model does not predict: first the confident ones, the largest
            margin first, then the others.
        confident: how many of ``rows`` the model is as confident about as it usually is of the suggested class.
        suggested: for each of ``rows``, position of the class that it probably is.
        margins: for each of ``rows``, the probability of that class less that of its label, above 0, to 1.
        few: positions of the classes with fewer than ``FEW`` images, but some.
        better_than_guessing: whether the model, asked about images that it has not seen, agrees with more labels than
            always saying the most frequent class would. If not, the list means nothing.
    """

    n: int
    rows: list[int]
    confident: int
    suggested: list[int]
    margins: list[float]
    few: list[int]
    better_than_guessing: bool

    def sentence(self) -> str:
        """Return how far to trust this, in at most three sentences."""
        if not self.better_than_guessing:
            return _("On pictures it has not seen, the model is no better than guessing. Its doubts mean nothing yet.")
        said = (
            _("The model disagrees with {some} labels; it is confident about {number} of them.")
            if self.confident
            else _("The model disagrees with {some} labels; it is confident about none of them.")
        )
        text = [said.format(some=wording.out_of(len(self.rows), self.n), number=wording.number(self.confident))]
        if self.rows:
            text.append(_("Each is a wrong label or a mistake of the model: look before you change it."))
        if self.few:
            few = ngettext(
                "{number} class has fewer than {few} pictures, so there it is hard to tell which.",
                "{number} classes have fewer than {few} pictures, so there it is hard to tell which.",
                len(self.few),
            )
            text.append(few.format(number=wording.number(len(self.few)), few=FEW))
        return " ".join(text)


def find(probabilities: NDArray[np.floating], labels: NDArray[np.integer]) -> LabelIssues:
    """Return the images whose label is probably wrong.

    Args:
        probabilities: ``(n, classes)``, rows add up to 1, each from a model that was not trained on that image.
        labels: ``(n,)`` position of the class that each image has now.
    """
    p = np.asarray(probabilities, np.float64)
    n, classes = p.shape
    support = np.bincount(labels, minlength=classes)
    present = support > 0
    own = p[np.arange(n), labels]
    thresholds = np.full(classes, np.inf)
    thresholds[present] = np.bincount(labels, own, minlength=classes)[present] / support[present]
    reached = p >= thresholds - 1e-12  # a mean of equal numbers must not miss them by rounding
    best = np.where(reached, p, -1.0).argmax(1)
    confident = reached.any(1) & (p[np.arange(n), best] > own)
    suggested = np.where(confident, best, p.argmax(1))
    margin = p[np.arange(n), suggested] - own
    order = np.lexsort((-margin, ~confident))
    order = order[margin[order] > 0]
    return LabelIssues(
        n=n,
        rows=order.tolist(),
        confident=int(confident.sum()),
        suggested=suggested[order].tolist(),
        margins=margin[order].tolist(),
        few=np.flatnonzero(present & (support < FEW)).tolist(),
        better_than_guessing=bool((p.argmax(1) == labels).sum() > support.max(initial=0)),
    )
