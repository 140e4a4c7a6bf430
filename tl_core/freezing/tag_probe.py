"""The layer probe for several labels: how well each block, as it is, puts the images of each label before the others.

Linear classifiers, one for each label, are cross-validated on training and validation images: every image is put in
order by classifiers that have not seen it. The figure of a block is the mean average precision. Test images are never
read.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import wording
from tl_core.dataset import duplicates, tag_splits, tags
from tl_core.freezing.suggestion import SIGNIFICANCE, Suggestion
from tl_core.language import _
from tl_core.metrics import linear_probe, precision_difference
from tl_core.networks.structure import Block, spoken

FOLDS = 5


class Probed:
    """The scores of every block on the same images, with ``truth`` and scores ``(n, tags)``.

    Args:
        table: rows of a manifest, in the order of the features.
        names: of the tags.
    """

    def __init__(self, table: pd.DataFrame, names: Sequence[str]) -> None:
        every = tags.matrix(table["label"].tolist(), names)
        self.truth = every[:, every.any(axis=0) & ~every.all(axis=0)]
        self.groups = duplicates.units(table)
        self.fold = tag_splits.folds(table, self.groups, FOLDS, seed=0)
        self.scores: list[NDArray[np.float64]] = []

    def add(self, rows: NDArray[np.float32]) -> None:
        """Judge the next block by its features ``(n, channels)``."""
        shares = np.zeros(self.truth.shape)
        for number in np.unique(self.fold):
            out = self.fold == number
            shares[out] = linear_probe.probabilities_each(rows[~out], self.truth[~out], rows[out])
        self.scores.append(shares)

    @property
    def chance(self) -> float:
        """Mean average precision of any order by chance: the mean share of images that have a label."""
        return float(self.truth.mean())

    def figures(self) -> list[tuple[float, tuple[float, float]]]:
        """Return for each block its mean average precision with the 95% interval."""
        return [precision_difference.of_one(self.truth, each, self.groups) for each in self.scores]

    def suggestion(self, blocks: Sequence[Block]) -> Suggestion:
        """Return the freeze line that the figures speak for, as ``suggestion.suggestion`` does for one label."""
        figures = [figure for figure, __ in self.figures()]
        best = max(range(len(blocks)), key=lambda at: (figures[at], at))
        said = {
            "best": wording.fraction(figures[best]),
            "last": wording.fraction(figures[-1]),
            "pictures": wording.pictures(len(self.truth)),
            "chance": wording.fraction(self.chance),
        }
        if not self._is_worse(np.zeros(self.truth.shape), best):
            return Suggestion(
                line="all",
                why=_(
                    "There are too few pictures to tell which line is best: the best block has a mean average "
                    "precision of {best} on {pictures}, an order by chance {chance}. Freeze everything and train only "
                    "the head; more pictures would tell."
                ).format(**said),
            )
        line = max(at for at in range(len(blocks)) if at == best or not self._is_worse(self.scores[at], best))
        if line < len(blocks) - 1:
            return Suggestion(
                line=blocks[line].id,
                why=_(
                    "At “{block}” a simple classifier has a mean average precision of {there} on {pictures}, at the "
                    "last block only {last}. Freeze up to “{block}” and train the rest."
                ).format(block=spoken(blocks[line].label), there=wording.fraction(figures[line]), **said),
            )
        if best == line:
            return Suggestion(
                line="all",
                why=_(
                    "The last block separates your labels best: mean average precision {last} on {pictures}. Freeze "
                    "everything and train only the head. Fine-tuning may still add a little."
                ).format(**said),
            )
        return Suggestion(
            line="all",
            why=_(
                "The last block has a mean average precision of {last} on {pictures}, “{block}” of {best}. Chance "
                "alone can explain that difference: freeze everything and train only the head."
            ).format(block=spoken(blocks[best].label), **said),
        )

    def _is_worse(self, scores: NDArray[np.float64], best: int) -> bool:
        """Return True if the best block beats these scores by more than noise; one-sided, as the best of many."""
        found = precision_difference.difference(self.truth, scores, self.scores[best], self.groups)
        return found is not None and found.new > found.old and found.p / 2 < SIGNIFICANCE / len(self.scores)
