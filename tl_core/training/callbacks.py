"""What Keras calls while it trains: events for the page, Stop, and an early stop that survives a restart."""

import dataclasses
import time
from collections.abc import Mapping

import keras

from tl_core.features.batches import Batches
from tl_core.progress import Progress
from tl_core.runs import METRICS, EpochRow, Phase
from tl_core.training.checkpoint import Checkpoint

Logs = Mapping[str, float] | None


class StopRequested(Exception):  # noqa: N818 - control flow out of fit, never seen outside training
    """A person pressed Stop; leaves ``fit`` within a batch."""


class Events(keras.callbacks.Callback):
    """Reports batches and epochs, and leaves ``fit`` when a person presses Stop.

    Args:
        progress: listener.
        phase: ``"head"`` or ``"fine-tune"``.
        batches: of training; the callback starts them in every epoch.
        checkpoint: saves the weights and the row of every finished epoch.
    """

    def __init__(self, progress: Progress, phase: Phase, batches: Batches, checkpoint: Checkpoint) -> None:
        super().__init__()
        self.progress = progress
        self.phase = phase
        self.batches = batches
        self.checkpoint = checkpoint
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Fix the order of the epoch."""
        self._began = time.perf_counter()
        self.batches.start(epoch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Report a batch."""
        fields = {
            "phase": self.phase,
            "epoch": self.batches.epoch + 1,
            "done": batch + 1,
            "total": len(self.batches),
        }
        self.progress.emit("progress", what="batches", **fields)
        self._leave_if_stopped()

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        """Look for Stop while the validation split is gone through."""
        self._leave_if_stopped()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        """Save and report the epoch."""
        assert logs is not None, "Keras passes the numbers of every epoch"
        numbers = {name: float(logs[name]) for name in METRICS}
        seconds = round(time.perf_counter() - self._began, 3)
        row = EpochRow(phase=self.phase, epoch=epoch + 1, **numbers, seconds=seconds)
        self.progress.emit("epoch", **dataclasses.asdict(self.checkpoint.save(self.model, row)))

    def _leave_if_stopped(self) -> None:
        if self.progress.stopped():
            raise StopRequested


class PatientStopping(keras.callbacks.EarlyStopping):
    """Keras' EarlyStopping on the validation loss that remembers the epochs before a restart.

    Args:
        earlier: validation losses of the phase's epochs that are already finished.
        patience: epochs without a better one after which training ends.
    """

    def __init__(self, earlier: list[float], patience: int) -> None:
        super().__init__(monitor="val_loss", mode="min", patience=patience)
        self.earlier = earlier
        self.best: float | None
        self.wait: int

    def on_train_begin(self, logs: Logs = None) -> None:
        """Start from what the earlier epochs came to."""
        super().on_train_begin(logs)
        for loss in self.earlier:
            self.wait += 1
            if self.best is None or loss < self.best:
                self.best, self.wait = loss, 0


def exhausted(losses: list[float], patience: int) -> bool:
    """Return whether the last ``patience`` losses all failed to be lower than the best before them."""
    best_at = min(range(len(losses)), key=losses.__getitem__, default=0)
    return bool(losses) and len(losses) - 1 - best_at >= patience
