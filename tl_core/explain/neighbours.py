"""Which training pictures are most like a picture, in the eyes of the network. Loads no Keras."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Neighbour:
    """A picture that is like another one.

    Attributes:
        id: of the picture.
        label: its class; of several labels all that it has.
        similarity: cosine of the angle between the features of both, -1…1; 1 for the same picture.
    """

    id: str
    label: str
    similarity: float


class Seen(Protocol):
    """What a run's model sees of pictures: ``Predictions`` and ``TagPredictions`` are such."""

    @property
    def ids(self) -> Sequence[str]:
        """Of the pictures."""

    @property
    def features(self) -> NDArray[np.float32]:
        """``(n, channels)``."""

    @property
    def labelled(self) -> list[str]:
        """The label of each."""


def nearest(among: Seen, features: NDArray[np.floating], count: int = 6, without: str | None = None) -> list[Neighbour]:
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
    labels = among.labelled
    return [Neighbour(among.ids[row], labels[row], float(likeness[row])) for row in order[:count]]
