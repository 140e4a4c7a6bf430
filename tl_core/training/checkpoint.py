"""The weights of a phase on the disk, one file per epoch: the last one for a restart, the best one for the result.

Keras' ``BackupAndRestore`` and ``ModelCheckpoint`` write over the file that they had, so a process that is killed while
it saves leaves neither the old weights nor the new. Here an epoch is finished once its row is in the history, and its
weights are whole before that.
"""

import time
from collections.abc import Iterable
from pathlib import Path

import keras

from tl_core import keras_private
from tl_core.errors import DamagedError
from tl_core.files import damage, write_bytes
from tl_core.language import N_
from tl_core.runs import EpochRow, History, Phase

#: Weights wait for the disk at most this often, in seconds: after each of many quick epochs that would take longer than
#: the epochs. A power cut may then leave half of a file, and the quick epochs of the phase are run again.
DURABLE_SECONDS = 1.0


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
        self._durable_at = -DURABLE_SECONDS

    @property
    def begun(self) -> bool:
        """True once the phase has saved the weights that it started from, or better ones."""
        return any(self.folder.glob(f"{self.phase}-*.weights.h5"))

    def start(self, learner: keras.Model) -> int:
        """Give a compiled learner the weights of the last finished epoch, or save those that it starts with.

        An epoch whose weights are missing or damaged is not finished: the history forgets it and what came after it.

        Returns:
            How many epochs of the phase are finished.
        """
        learner.optimizer.build(learner.trainable_variables)
        epochs = sorted((row.epoch for row in self.history.of(self.phase)), reverse=True)
        finished = next((epoch for epoch in [*epochs, 0] if self._load(learner, epoch)), None)
        if finished is None:
            self._write(learner, 0)
        self.history.cut(self.phase, finished or 0)
        return finished or 0

    def save(self, learner: keras.Model, row: EpochRow) -> EpochRow:
        """Save the weights of an epoch, then its row of the history; return the row as it was written."""
        durable = time.monotonic() - self._durable_at >= DURABLE_SECONDS
        self._write(learner, row.epoch, durable=durable)
        row = self.history.add(row)
        if durable:
            self._durable_at = time.monotonic()
        needed = {self._path(row.epoch), self._path(self._best)}
        for path in set(self.folder.glob(f"{self.phase}-*.weights.h5")) - needed:
            path.unlink()
        return row

    def load_best(self, learner: keras.Model) -> None:
        """Give the learner the best weights so far: an earlier phase's where no epoch of this one was better.

        Raises:
            DamagedError: their file is missing or damaged.
        """
        if not self._load(learner, self._best):
            raise DamagedError(damage(self._path(self._best), N_("{file} is missing or cut off")))

    def recall(self, learners: Iterable[keras.Model]) -> keras.Model | None:
        """Give the best weights so far to that learner whose they are, and return it; None if they are not whole."""
        path = self._path(self._best)
        try:
            fits = (learner for learner in learners if keras_private.weights_fit(learner, path))
            if learner := next(fits, None):
                learner.load_weights(path)
            return learner
        except OSError:  # not there, not an HDF5 file, or cut off
            return None

    @property
    def _best(self) -> int:
        best = self.history.best()
        return best.epoch if best and best.phase == self.phase else 0

    def _load(self, learner: keras.Model, epoch: int) -> bool:
        """Give the learner the weights of an epoch, 0 for the start; return False if no whole file has them."""
        if not self._path(epoch).exists():
            return False
        try:
            learner.load_weights(self._path(epoch))
        except OSError:  # not an HDF5 file, or cut off
            return False
        return True

    def _path(self, epoch: int) -> Path:
        return self.folder / f"{self.phase}-{epoch:04d}.weights.h5"

    def _write(self, learner: keras.Model, epoch: int, *, durable: bool = True) -> None:
        # Put together in memory: HDF5 itself does not survive a full disk.
        write_bytes(self._path(epoch), keras_private.weights_bytes(learner), durable=durable)
