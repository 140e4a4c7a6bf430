"""Which training pictures are most like a picture, in the eyes of the network. Loads no Keras."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.evaluation.predictions import Predictions


@dataclass(frozen=True)
class Neighbour:
    """A picture that is like another one.

    Attributes:
        id: of the picture.
        label: its class.
        similarity: cosine of the angle between the features of both, -1…1; 1 for the same picture.
    """

    id: str
    label: str
    similarity: float


def nearest(
    among: Predictions, features: NDArray[np.floating], count: int = 6, without: str | None = None
) -> list[Neighbour]:
    """Return the pictures whose features are most like these, the most similar first.

    Args:
        among: the pictures to choose from: those of the training split.
        features: ``(channels,)`` of the picture in question. All zero, they are like no others: similarity 0.
        count: how many, at most.
        without: id of the picture in question, which is left out.
    """
    from scipy.spatial.distance import cdist  # scikit-learn's would cost the server a second and 70 MB at first

    likeness = np.nan_to_num(1 - cdist(among.features, features[None], "cosine")[:, 0])
    order = [int(row) for row in np.argsort(-likeness, kind="stable") if among.ids[row] != without]
    return [Neighbour(among.ids[row], among.classes[among.truth[row]], float(likeness[row])) for row in order[:count]]
