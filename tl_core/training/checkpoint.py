"""The weights of a phase on the disk, one file per epoch: the last one for a restart, the best one for the result.

Keras' ``BackupAndRestore`` and ``ModelCheckpoint`` write over the file that they had, so a process that is killed while
it saves leaves neither the old weights nor the new. Here an epoch is finished once its row is in the history, and its
weights are whole before that.
"""

from pathlib import Path

import keras

from tl_core.files import write_bytes
from tl_core.networks import keras_private
from tl_core.runs import EpochRow, History, Phase


class Checkpoint:
    """Weights and optimizer state of the last and the best epoch of a phase, and of its start until one is better.

    Args:
        folder: the run's ``checkpoint`` folder.
        phase: ``"head"`` or ``"fine-tune"``.
        history: finished epochs of the whole run; the best is the one with the lowest validation loss.
    """

    def __init__(self, folder: Path, phase: Phase, history: History) -> None:
        self.folder = folder
        self.phase = phase
        self.history = history

    @property
    def begun(self) -> bool:
        """True once the phase has saved the weights that it started from, or better ones."""
        return any(self.folder.glob(f"{self.phase}-*.weights.h5"))

    def start(self, learner: keras.Model) -> int:
        """Give a compiled learner the weights of the last finished epoch, or save those that it starts with.

        Returns:
            How many epochs of the phase are finished.
        """
        learner.optimizer.build(learner.trainable_variables)
        epochs = [row.epoch for row in self.history.of(self.phase)]
        finished: int = max((epoch for epoch in epochs if self._path(epoch).exists()), default=0)
        if self._path(finished).exists():
            learner.load_weights(self._path(finished))
        else:
            self._write(learner, finished)
        return finished

    def save(self, learner: keras.Model, row: EpochRow) -> EpochRow:
        """Save the weights of an epoch, then its row of the history; return the row as it was written."""
        self._write(learner, row.epoch)
        row = self.history.add(row)
        needed = {self._path(row.epoch), self._best}
        for path in set(self.folder.glob(f"{self.phase}-*.weights.h5")) - needed:
            path.unlink()
        return row

    def load_best(self, learner: keras.Model) -> None:
        """Give the learner the best weights so far: an earlier phase's where no epoch of this one was better."""
        learner.load_weights(self._best)

    @property
    def _best(self) -> Path:
        best = self.history.best()
        return self._path(best.epoch if best and best.phase == self.phase else 0)

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{self.phase}-{epoch:04d}.weights.h5"

    def _write(self, learner: keras.Model, epoch: int) -> None:
        # Put together in memory: HDF5 itself does not survive a full disk.
        write_bytes(self._path(epoch), keras_private.weights_bytes(learner))
