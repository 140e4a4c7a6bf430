"""How good boxes are while they are learned: the mean average precision on the validation pictures, every few epochs.

Which epochs these are follows from the recipe and the numbers of pictures alone, so a run that is resumed has the same.
"""

import math

import keras
import numpy as np

from tl_core.metrics import average_precision, overlap
from tl_core.metrics.average_precision import Seen
from tl_core.networks.box_head import boxes_of
from tl_core.progress import Progress
from tl_core.training.box_batches import BoxBatches
from tl_core.training.callbacks import StopRequested

#: A phase is measured about so many times.
TIMES = 8
#: To measure a picture takes about this share of the time in which one is learned from (tests/bench/README.md), and all
#: that is measured at most this share of the training.
WORK, SHARE = 0.7, 0.1


def spacing(epochs: int, train: int, validation: int) -> int:
    """Return every how many epochs of a phase the validation pictures are measured.

    Args:
        epochs: of the phase.
        train, validation: numbers of pictures.

    >>> spacing(24, train=140, validation=30), spacing(24, train=40, validation=40), spacing(3, train=9, validation=1)
    (3, 7, 1)
    """
    return max(math.ceil(epochs / TIMES), math.ceil(WORK * validation / (SHARE * train)))


class LivePrecision(keras.callbacks.Callback):
    """Adds ``val_map50`` to the numbers of every few epochs, and of the last one. It comes before what reads them.

    Args:
        batches: of the validation pictures, in their order.
        every: how many epochs, see ``spacing``.
        epochs: of the phase.
        progress: hears of Stop.
    """

    def __init__(self, batches: BoxBatches, every: int, epochs: int, progress: Progress) -> None:
        super().__init__()
        self.batches = batches
        self.every = every
        self.epochs = epochs
        self.progress = progress

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        """Measure, where it is the turn of this epoch."""
        number = epoch + 1
        if logs is not None and (number % self.every == 0 or number == self.epochs):
            precision = average_precision.map50(self._seen(), self.batches.classes)
            assert precision is not None, "there is a validation picture with a box"
            logs["val_map50"] = precision

    def _seen(self) -> list[Seen]:
        found, classes = [], self.batches.classes
        for at in range(len(self.batches)):
            if self.progress.stopped():
                raise StopRequested
            said = self.model.predict_on_batch(self.batches[at][0])
            answer = np.asarray(boxes_of(said, classes, self.batches.recipe.image_size))
            found += [overlap.found(each) for each in answer]
        return [Seen(*each) for each in zip(self.batches.truth, found, strict=True)]
