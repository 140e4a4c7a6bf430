"""The freeze line that the accuracies of a probe speak for, and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.language import _
from tl_core.metrics import intervals

#: A difference that chance would bring about less often than this is not noise.
SIGNIFICANCE = 0.05


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A freeze line.

    Attributes:
        line: a value of ``recipe.freeze``.
        why: a sentence or two for people.
    """

    line: str
    why: str


def suggestion(
    ids: Sequence[str],
    labels: Sequence[str],
    hits: Sequence[NDArray[np.bool_]],
    baseline: NDArray[np.bool_],
    groups: NDArray[np.integer] | None = None,
) -> Suggestion:
    """Return the freeze line that the accuracies speak for.

    The line is the highest block whose features are not worse than the best ones by more than noise: of all lines that
    keep what is good it leaves the least to train (as the one-standard-error rule of Breiman et al., "Classification
    and Regression Trees", 1984, takes the simplest of the models that are not clearly worse than the best one).

    Args:
        ids: of the blocks, from the picture upwards.
        labels: of the same blocks.
        hits: for each block ``(n,)``, which pictures it names right.
        baseline: ``(n,)``, which pictures the most frequent class is right for.
        groups: ``(n,)`` number of each picture's group; None where no picture is like another.
    """
    rights = [int(hit.sum()) for hit in hits]
    best = max(range(len(ids)), key=lambda at: (rights[at], at))
    every = wording.plural(len(baseline), "validation picture", "validation pictures")
    if not _is_worse(baseline, hits[best], len(ids), groups):
        if not _is_worse(baseline, np.ones_like(baseline), len(ids), groups):  # nor would the best there can be
            return Suggestion(
                line="all",
                why=_(
                    "There are too few pictures to tell which line is best: the best block is right for {right} of "
                    "{pictures}, the most frequent class for {baseline}, and chance can explain such a difference. "
                    "Freeze everything and train only the head; more pictures would tell."
                ).format(
                    right=wording.number(rights[best]), pictures=every, baseline=wording.number(int(baseline.sum()))
                ),
            )
        return Suggestion(
            line="none",
            why=_(
                "No block separates your classes better than guessing. The best is right for {right} of {pictures}, "
                "the most frequent class for {baseline}. Freezing does not help here: check that the pictures "
                "are in the right classes."
            ).format(right=wording.number(rights[best]), pictures=every, baseline=wording.number(int(baseline.sum()))),
        )
    line = max(at for at in range(len(ids)) if not _is_worse(hits[at], hits[best], len(ids), groups))
    if line < len(ids) - 1:
        return Suggestion(
            line=ids[line],
            why=_(
                "At “{block}” a simple classifier is right for {right} of {pictures}, at the last block only for "
                "{last}. Freeze up to “{block}” and train the rest."
            ).format(
                block=labels[line], right=wording.number(rights[line]), pictures=every, last=wording.number(rights[-1])
            ),
        )
    if best == line:
        return Suggestion(
            line="all",
            why=_(
                "The last block separates your classes best: right for {right} of {pictures}. Freeze everything and "
                "train only the head. Fine-tuning may still add a little."
            ).format(right=wording.number(rights[-1]), pictures=every),
        )
    return Suggestion(
        line="all",
        why=_(
            "The last block is right for {last} of {pictures}, “{block}” for {right}. Chance alone can explain that "
            "difference: freeze everything and train only the head."
        ).format(
            last=wording.number(rights[-1]), pictures=every, block=labels[best], right=wording.number(rights[best])
        ),
    )


def _is_worse(
    hits: NDArray[np.bool_], best: NDArray[np.bool_], choices: int, groups: NDArray[np.integer] | None
) -> bool:
    """Return True if ``best`` beats ``hits`` by more than noise, on the pictures where they differ (sign test).

    The best of many choices is partly the luckiest, so the bound is divided by their number (Bonferroni).
    """
    if best.sum() <= hits.sum():
        return False
    return intervals.mcnemar(hits, best, groups) / 2 < SIGNIFICANCE / choices  # one-sided: the chances are even
