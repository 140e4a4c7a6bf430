"""What Keras calls while it trains: events for the page, Stop, and what makes a restart go on as if there were none."""

import dataclasses
import math
import time
from collections.abc import Mapping, Sequence

import keras

from tl_core import seeds
from tl_core.features.batches import Batches
from tl_core.networks.randomness import reseed
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import METRICS, EpochRow, Phase
from tl_core.training.checkpoint import Checkpoint

Logs = Mapping[str, float] | None

#: A validation loss at which the right class has 99% (their geometric mean): more epochs make the model only surer.
LEARNED = 0.01
#: With fewer training pictures there are too few for validation to believe it.
MANY = 500


class StopRequested(Exception):  # noqa: N818 - control flow out of fit, never seen outside training
    """A person pressed Stop; leaves ``fit`` within a batch."""


class Epochs(keras.callbacks.Callback):
    """Begins and ends the epochs of a phase, reports them, and leaves ``fit`` when a person presses Stop.

    What an epoch draws and whether it is the last one follow from the recipe and the history alone. So an epoch after
    a restart is the one that would have come without it.

    Args:
        recipe: of the run.
        phase: ``"head"`` or ``"fine-tune"``.
        batches: of training; the callback starts them in every epoch.
        checkpoint: saves the weights and the row of every finished epoch.
        progress: listener.
    """

    def __init__(
        self, recipe: Recipe, phase: Phase, batches: Batches, checkpoint: Checkpoint, progress: Progress
    ) -> None:
        super().__init__()
        self.recipe = recipe
        self.phase = phase
        self.batches = batches
        self.checkpoint = checkpoint
        self.progress = progress
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        """Fix the order of the epoch, and what its layers draw."""
        self._began = time.perf_counter()
        self.batches.start(epoch)
        reseed(self.model, seeds.derive(self.recipe.seed, "layers", self.phase, epoch))

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
        """Save and report the epoch, and end the phase if it is over."""
        assert logs is not None, "Keras passes the numbers of every epoch"
        numbers = {name: float(logs[name]) if name in logs else None for name in METRICS}
        seconds = round(time.perf_counter() - self._began, 3)
        row = EpochRow(phase=self.phase, epoch=epoch + 1, **numbers, seconds=seconds)
        self.progress.emit("epoch", **dataclasses.asdict(self.checkpoint.save(self.model, row)))
        rows, pictures = self.checkpoint.history.of(self.phase), len(self.batches.examples.targets)
        if ends(self.recipe, self.phase, rows, pictures):
            self.model.stop_training = True

    def _leave_if_stopped(self) -> None:
        if self.progress.stopped():
            raise StopRequested


def ends(recipe: Recipe, phase: Phase, rows: Sequence[EpochRow], pictures: int) -> bool:
    """Return whether a phase ends before its last epoch: patience is used up, or nothing is left to learn.

    Where patience is as long as the phase, all epochs are wanted.

    Args:
        recipe: of the run.
        phase: ``"head"`` or ``"fine-tune"``.
        rows: its finished epochs, in order.
        pictures: that it learns from.
    """
    patient, epochs = patience(recipe, phase), recipe.epochs if phase == "head" else recipe.fine_tune_epochs
    last = rows[-1].val_loss if rows else None
    learned = last is not None and last <= LEARNED and pictures >= MANY
    return is_over(rows, patient) or (learned and patient < epochs)


def patience(recipe: Recipe, phase: Phase) -> float:
    """Return how many epochs without a lower validation loss end a phase: none do if its rate falls to 0 at its end."""
    return math.inf if phase == "fine-tune" and recipe.schedule == "cosine" else recipe.patience


def is_over(rows: Sequence[EpochRow], patience: float) -> bool:
    """Return whether a phase ends before its last epoch.

    Args:
        rows: its finished epochs, in order.
        patience: epochs in a row without a lower validation loss that end it. A loss that is no number ends it, too.
            Without validation images nothing else does.
    """
    if not rows:
        return False
    if rows[-1].loss is None or not rows[-1].validated:
        return rows[-1].loss is None
    losses = [math.inf if row.val_loss is None else row.val_loss for row in rows]
    best_at = min(range(len(losses)), key=losses.__getitem__)
    return len(losses) - 1 - best_at >= patience
