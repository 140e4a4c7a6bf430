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
        among: the pictures to choose from: those of the training part.
        features: ``(channels,)`` of the picture in question.
        count: how many, at most.
        without: id of the picture in question, which is left out.
    """
    likeness = cosine(among.features, features)
    order = [int(row) for row in np.argsort(-likeness, kind="stable") if among.ids[row] != without]
    return [Neighbour(among.ids[row], among.classes[among.truth[row]], float(likeness[row])) for row in order[:count]]


def cosine(rows: NDArray[np.floating], one: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the cosine similarity ``(n,)`` of each of the rows ``(n, channels)`` with one ``(channels,)``.

    It is 0 where either is all zero.

    >>> cosine(np.array([[2.0, 0.0], [0.0, 0.0], [1.0, 1.0]]), np.array([1.0, 0.0])).round(3).tolist()
    [1.0, 0.0, 0.707]
    """
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(one)
    products = (rows @ one).astype(np.float64)
    found: NDArray[np.float64] = np.divide(products, lengths, out=np.zeros(len(rows)), where=lengths > 0)
    return found
