"""The epochs of one phase as numbers to reason with, and how much of a difference between them is chance."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tl_core.recipe import Recipe
from tl_core.runs import EpochRow

TITLES = {"head": "of the head", "fine-tune": "of the fine-tuning"}


@dataclass(frozen=True, kw_only=True)
class Course:
    """The finished epochs of one phase, ``e`` of them.

    Attributes:
        phase: ``"head"`` or ``"fine-tune"``.
        loss: over the training part, ``(e,)``, not-a-number where it was not finite; so are the other three.
        accuracy: over the training part, 0 to 1.
        val_loss: over the validation part.
        val_accuracy: over the validation part, 0 to 1.
        planned: epochs that the recipe allows.
        before: epochs of the phases before this one.
        alone: True if the run has no other phase.
        n: pictures in the validation part.
    """

    phase: str
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]
    planned: int
    before: int
    alone: bool
    n: int

    def __len__(self) -> int:
        return len(self.loss)

    @cached_property
    def best(self) -> int | None:
        """Position of the epoch with the lowest validation loss, None if there is none with a number."""
        return None if np.isnan(self.val_loss).all() else int(np.nanargmin(self.val_loss))

    @cached_property
    def scatter(self) -> float:
        """Standard deviation of the validation loss from epoch to epoch, apart from its trend: see ``scatter``."""
        return scatter(self.val_loss)

    def chance(self, at: int) -> float:
        """Return the standard error of the validation loss of an epoch: see ``standard_error``."""
        return standard_error(float(self.val_loss[at]), self.right(at), self.n)

    def right(self, at: int) -> int:
        """Return how many validation pictures were named right in an epoch."""
        return 0 if math.isnan(self.val_accuracy[at]) else round(float(self.val_accuracy[at]) * self.n)

    def named(self, at: int) -> str:
        """Return the name of an epoch as the curves number it: "epoch 6", "epoch 6 (of the head)",
        "epoch 17 (2 of the fine-tuning)"."""
        within = "" if self.alone else f" ({f'{at + 1} ' if self.before else ''}{TITLES[self.phase]})"
        return f"epoch {self.before + at + 1}{within}"


def scatter(values: NDArray[np.float64]) -> float:
    """Return the standard deviation of a curve from epoch to epoch, apart from its trend; 0 for fewer than 3 epochs.

    White noise of variance s² has second differences of variance 6 s²; their median, divided by 0.6745, estimates
    the standard deviation without heeding a few steep epochs (T. Gasser et al., Biometrika 73 (1986), section 2).

    >>> round(scatter(np.array([1.0, 0.0, 1.0, 0.0, 1.0])), 2)
    1.21
    >>> scatter(np.array([4.0, 3.0, 2.0, 1.0]))
    0.0
    """
    second = np.abs(np.diff(values, 2))
    return float(np.median(second) / 0.6745 / math.sqrt(6)) if len(second) else 0.0


def standard_error(loss: float, right: int, n: int) -> float:
    """Return how far the mean loss over ``n`` pictures would move if other pictures had been set aside.

    Nearly all of the loss comes from the pictures that are named wrong, ``k`` of them, so it has the relative error
    of a count, 1 / √k: with one wrong picture a loss says little. Against the scatter of the single pictures' losses
    in real runs (``tests/core/curves``) this is right to a third once the network has learnt, and too wide before.
    Two epochs are judged on the same pictures, so their difference moves by a third to two thirds of this: one
    standard error is a strict measure for it.
    """
    return loss / math.sqrt(max(n - right, 1))


def read(rows: Iterable[EpochRow], recipe: Recipe, validation: int) -> list[Course]:
    """Return the phases of a history in order.

    Args:
        rows: the finished epochs.
        recipe: of the run.
        validation: pictures in the validation part.
    """
    kept = {(row.phase, row.epoch): row for row in rows}
    phases = [phase for phase in TITLES if any(key[0] == phase for key in kept)]
    planned = {"head": recipe.epochs, "fine-tune": recipe.fine_tune_epochs}
    courses: list[Course] = []
    for phase in phases:
        own = [row for (of, _), row in sorted(kept.items()) if of == phase]
        courses.append(
            Course(
                phase=phase,
                **{name: _column(own, name) for name in ("loss", "accuracy", "val_loss", "val_accuracy")},
                planned=planned[phase],
                before=sum(map(len, courses)),
                alone=not (recipe.epochs and recipe.fine_tune_epochs),
                n=validation,
            )
        )
    return courses


def _column(rows: Sequence[EpochRow], name: str) -> NDArray[np.float64]:
    return np.array([getattr(row, name) for row in rows], np.float64)
