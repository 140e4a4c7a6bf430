"""The pictures of a run that an export needs: training pictures to calibrate, validation pictures to prove it."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.features.sources import Pictures
from tl_core.runs import RunFolder

#: Training pictures by which the ranges of 8 bits are measured: more change nothing.
MOST_CALIBRATED = 100


def spread(count: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` rows of ``count``, evenly over all of them, so that every class has its part.

    >>> spread(10, 4).tolist(), spread(2, 4).tolist()
    ([0, 3, 6, 9], [0, 1])
    """
    return np.linspace(0, count - 1, min(count, most)).round().astype(np.int64)


def pixels(run: RunFolder, ids: Sequence[str]) -> NDArray[np.uint8]:
    """Return pictures as the model takes them: ``(n, side, side, 3)`` uint8 RGB.

    Raises:
        NotFoundError: one is no longer there.
        DamagedError: one cannot be read.
    """
    side = run.recipe.image_size
    paths = [manifest.image_path(run.project, id_) for id_ in ids]
    return Pictures(paths, side).read(range(len(paths))) if paths else np.empty((0, side, side, 3), np.uint8)


def calibration(run: RunFolder) -> NDArray[np.float32]:
    """Return training pictures, ``(n, side, side, 3)`` float32 0 to 255. Errors are those of ``pixels``."""
    ids = predictions.pictures_of(run, "train")["id"].tolist()
    return pixels(run, [ids[row] for row in spread(len(ids), MOST_CALIBRATED)]).astype(np.float32)
