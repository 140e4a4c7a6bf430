"""One of several labels by itself: a picture has it or not, as if these were its two classes. Loads no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.tags import TagPredictions, Thresholds
from tl_core.language import _

#: Number of the class of pictures that have the label.
HAS = 1


@dataclass(frozen=True, kw_only=True)
class OneLabel(Predictions):
    """The predictions of one label: class 1 is its name, class 0 that a picture is without it.

    Attributes:
        threshold: the probability from which on the label is given, 0 to 1.
    """

    threshold: float

    @property
    def label(self) -> str:
        """The label."""
        return self.classes[HAS]

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """``(n,)`` 1 where the label is given, 0 where it is not."""
        given: NDArray[np.int64] = (self.probabilities[:, HAS] >= self.threshold).astype(np.int64)
        return given

    @property
    def confidence(self) -> NDArray[np.float64]:
        """``(n,)`` the probability of what is predicted; with a threshold beside one half it may be the lower one."""
        chosen: NDArray[np.float64] = np.take_along_axis(self.probabilities, self.predicted[:, None], axis=1)[:, 0]
        return chosen


def of(predicted: TagPredictions, label: str, thresholds: Thresholds) -> OneLabel:
    """Return the predictions of one of the labels."""
    at = predicted.tags.index(label)
    return OneLabel(
        split=predicted.split,
        classes=[_("without {label}").format(label=label), label],
        ids=predicted.ids,
        truth=predicted.truth[:, at].astype(np.int64),
        logits=np.stack([np.zeros(len(predicted), np.float32), predicted.logits[:, at]], axis=1),
        features=predicted.features,
        temperature=1.0,
        groups=predicted.groups,
        threshold=thresholds.of[label],
    )
