"""The rule by which a picture is refused, as it travels with a model. Loads no TensorFlow."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation import unknowns
from tl_core.runs import RunFolder

#: What a model that is taken away calls its outputs, in their order.
PROBABILITIES, FAMILIARITY = "class_probabilities", "familiarity"
#: The same of a model for boxes.
BOXES = "boxes"
#: Training pictures that a picture is compared with at most: each is a row of numbers in the file.
MOST_KNOWN = 1000
#: By so much a file may find a picture less familiar than the app does: its numbers have fewer bits. The threshold is
#: lower by as much, since it is the score of a picture that the app answers for.
ROUNDING = 0.002


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Says “none of these” of a picture whose familiarity is below a threshold, see ``unknowns.Known``.

    Attributes:
        training: ``(n, channels)`` float32 features of training pictures, each of length 1.
        threshold: least familiarity of a picture that is answered; lower by ROUNDING than that of the app.
    """

    training: NDArray[np.float32]
    threshold: float


def of(run: RunFolder, most: int = MOST_KNOWN) -> Rule | None:
    """Return the rule of a run that compares with ``most`` training pictures; None if it refuses none."""
    known, share = unknowns.of(run, most=most), unknowns.refused(run)
    if known is None or (least := known.threshold(share)) <= unknowns.ALL:
        return None
    return Rule(training=known.training, threshold=least - ROUNDING)
