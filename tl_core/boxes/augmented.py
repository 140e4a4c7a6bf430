"""What augmentation makes of a picture and of the boxes on it, before it is paid for."""

from collections.abc import Sequence

import numpy as np

from tl_core.boxes import picturing
from tl_core.dataset import boxes
from tl_core.dataset.boxes import Box
from tl_core.features import augment, preview
from tl_core.recipe import Augmentation, AugmentationSize


def versions(
    picture: str,
    id_: str,
    size: int,
    level: Augmentation,
    at: AugmentationSize,
    seed: int,
    count: int,
    text: str,
    classes: Sequence[str],
) -> list[bytes]:
    """Return the first changed versions of a picture with its boxes: the question "augmented-boxes".

    Args:
        picture, id_, size, level, at, seed, count: as in ``preview.versions``.
        text: the boxes of the picture, as they stand in the list (``boxes.join``).
        classes: in the order in which they have their colours.

    Raises:
        DamagedError: the picture is damaged or gone.
    """
    there = boxes.split(text)
    edges = np.array([box.edges for box in there], np.float64).reshape(-1, 4)
    made = []
    for copy, plain in enumerate(preview.versions(picture, id_, size, level, at, seed, count)):
        moved, seen = augment.moved(edges, level, seed, id_, copy)
        drawn = [Box(there[row].label, *map(float, moved[row])) for row in np.flatnonzero(seen)]
        made.append(picturing.thumbnail(plain, preview.SIDE, drawn, classes))
    return made
