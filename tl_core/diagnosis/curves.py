"""Learning curves as numbers to reason with, the run as the rules see it, and what a rule returns.

A difference counts as real only if chance does not explain it: it must exceed one standard error (``standard_error``),
after Breiman et al., "Classification and Regression Trees" (1984), section 3.4.3. The rules cite:

    L. Prechelt, "Early stopping – but when?", Neural Networks: Tricks of the Trade, LNCS 1524 (1998).
    I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), https://www.deeplearningbook.org
    L. N. Smith, "A disciplined approach to neural network hyper-parameters: part 1", arXiv:1803.09820 (2018).
    Keras FAQ, https://keras.io/getting_started/faq/
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from tl_core.diagnosis.remedies import Remedy
from tl_core.language import N_, _
from tl_core.metrics.intervals import rate_interval
from tl_core.recipe import Recipe
from tl_core.runs import EpochRow, Phase, best_epoch

#: The last epochs speak together: Prechelt's UP criterion waits for three rises, his best trade-off (UP3).
TAIL = 3
#: A rise of less than 5% of the lowest validation loss is none: Prechelt's GL criterion with α = 5.
RISE = 0.05
#: A smaller difference of the loss is of no use to anybody: the right class gets 1% more or less probability.
LEAST = 0.01
#: Standard normal quantile of a two-sided confidence of 95%.
Z95 = 1.959963984540054
#: The same of 99%: not 95%, for the best of many epochs is looked at.
Z99 = 2.5758293035489004

#: The name of an epoch of a run with two phases: counted over the run, and ``{nth}`` within its phase.
NAMES: dict[Phase, str] = {
    "head": N_("epoch {number} (of the head)"),
    "fine-tune": N_("epoch {number} (of the fine-tuning)"),
}
LATER: dict[Phase, str] = {
    "head": N_("epoch {number} ({nth} of the head)"),
    "fine-tune": N_("epoch {number} ({nth} of the fine-tuning)"),
}


@dataclass(frozen=True, kw_only=True)
class Curves:
    """The finished epochs of one phase, ``e`` of them.

    Attributes:
        phase: ``"head"`` or ``"fine-tune"``.
        loss: of the training split, ``(e,)``, not-a-number where it was not finite; so are the other three.
        accuracy: of the training split, 0 to 1.
        val_loss: of the validation split.
        val_accuracy: of the validation split, 0 to 1.
        planned: epochs that the recipe allows.
        before: epochs of the phases before this one.
        alone: True if the run has no other phase.
        n: pictures in the validation split.
        effective: different pictures that would say as much, where some are alike; None where none are.
        convex: whether these are strengths of the penalty of a logistic regression, up to the best one. Those after it
            only show where the best one is: no rate has been too high there, and nothing is learned by heart.
    """

    phase: Phase
    loss: NDArray[np.float64]
    accuracy: NDArray[np.float64]
    val_loss: NDArray[np.float64]
    val_accuracy: NDArray[np.float64]
    planned: int
    before: int
    alone: bool
    n: int
    effective: float | None = None
    convex: bool = False

    def __len__(self) -> int:
        return len(self.loss)

    @cached_property
    def best(self) -> int | None:
        """Position of the epoch with the lowest validation loss, None if there is none with a number."""
        return None if np.isnan(self.val_loss).all() else int(np.nanargmin(self.val_loss))

    @property
    def steady(self) -> bool:
        """Whether the validation loss falls in nearly every epoch: a coin does so in 16 of 20 steps once in 170."""
        return bool(len(self) >= TAIL and np.mean(np.diff(self.val_loss) < 0) >= 0.8)

    def chance(self, at: int) -> float:
        """Return the standard error of the validation loss of an epoch."""
        return standard_error(float(self.val_loss[at]), self.correct(at), self.n)

    def correct(self, at: int) -> int:
        """Return how many validation pictures are right in an epoch."""
        return 0 if math.isnan(self.val_accuracy[at]) else round(float(self.val_accuracy[at]) * self.n)

    def interval(self, correct: int, z: float = Z95) -> tuple[float, float]:
        """Return the interval of an accuracy on the validation pictures, by default at 95%."""
        return rate_interval(correct, self.n, z, effective=self.effective)

    def score(self, at: int) -> str:
        """Return the same in words: "41 of 50"."""
        return _("{some} of {every}").format(some=self.correct(at), every=self.n)

    def name(self, at: int) -> str:
        """Return the name of an epoch: "epoch 6", "epoch 6 (of the head)", "epoch 17 (2 of the fine-tuning)"."""
        name = _("epoch {number}") if self.alone else _((LATER if self.before else NAMES)[self.phase])
        return name.format(number=self.before + at + 1, nth=at + 1)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A run as the rules see it.

    Attributes:
        recipe: of the run.
        phases: its curves so far, of at least no phase.
        shares: of each class in the validation split, summing to 1.
        pictures: in the training split.
        running: it goes on.
        stopped: a person has ended it.
        line: id of the block below the top third of the network, None if not known.
    """

    recipe: Recipe
    phases: tuple[Curves, ...]
    shares: tuple[float, ...]
    pictures: int
    running: bool = False
    stopped: bool = False
    line: str | None = None

    @property
    def guess_accuracy(self) -> float:
        """Accuracy of just guessing: always the most frequent class."""
        return max(self.shares)

    @property
    def guess_loss(self) -> float:
        """Loss of an answer that is the same for every picture: of equal chances where classes are balanced."""
        if self.recipe.class_weights:
            return math.log(len(self.shares))
        return -sum(share * math.log(share) for share in self.shares if share)

    @property
    def informative(self) -> bool:
        """Whether all validation pictures right would differ from a guess beyond chance (99%)."""
        head = self.phases[0]
        return head.interval(head.n, Z99)[0] > self.guess_accuracy

    @property
    def best(self) -> tuple[Curves, int] | None:
        """The epoch whose weights the model has: the lowest validation loss of the whole run."""
        candidates = [(phase, phase.best) for phase in self.phases if phase.best is not None]
        return min(candidates, key=lambda each: float(each[0].val_loss[each[1]]), default=None)

    def better_than_guess(self, curves: Curves, at: int) -> bool:
        """Return whether the accuracy of an epoch is above that of a guess beyond chance (99%)."""
        return curves.interval(curves.correct(at), Z99)[0] > self.guess_accuracy


@dataclass(frozen=True, kw_only=True)
class TagCase(Case):
    """A run on several labels as the rules see it: each label of each picture is an answer that is right or wrong.

    ``shares`` are those of the validation pictures that have each label. An answer is guessed for each label by itself:
    that no picture has it, or that all have.
    """

    @property
    def guess_accuracy(self) -> float:
        """Accuracy of just guessing: for each label what is true of most pictures."""
        return float(np.mean([max(share, 1 - share) for share in self.shares]))

    @property
    def guess_loss(self) -> float:
        """Loss of an answer that is the same for every picture: of equal chances where labels are balanced."""
        if self.recipe.class_weights:
            return math.log(2)
        sides = [side for share in self.shares for side in (share, 1 - share) if side]
        return -sum(side * math.log(side) for side in sides) / len(self.shares)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the curves show.

    Attributes:
        key: stable name of the rule.
        phase: the phase that shows it.
        serious: True for what costs accuracy or time, False for what is only explained.
        title: what it is, in a few words.
        evidence: in numbers.
        meaning: for the model that the run leaves.
        remedy: the one thing to do.
    """

    key: str
    phase: Phase
    serious: bool = True
    title: str
    evidence: str
    meaning: str
    remedy: Remedy


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


def standard_error(loss: float, correct: int, n: int) -> float:
    """Return how far the mean loss over ``n`` pictures would move if other pictures had been set aside.

    Nearly all of the loss comes from the pictures that are wrong, ``k`` of them, so it has the relative error of a
    count, 1 / √k. Two epochs are judged on the same pictures, so their difference moves less: a strict measure.
    """
    return loss / math.sqrt(max(n - correct, 1))


def read(
    rows: Iterable[EpochRow], recipe: Recipe, validation: int, effective: float | None = None
) -> tuple[Curves, ...]:
    """Return the curves of a history, one for each phase in order.

    Args:
        rows: the finished epochs.
        recipe: of the run.
        validation: pictures in the validation split.
        effective: different pictures that would say as much, where some are alike; None where none are.
    """
    latest = {(row.phase, row.epoch): row for row in rows}
    planned: dict[Phase, int] = {"head": recipe.epochs, "fine-tune": recipe.fine_tune_epochs}
    phases: list[Curves] = []
    before = 0
    for phase in NAMES:
        own = [row for (of, _), row in sorted(latest.items()) if of == phase]
        count = len(own)
        convex = phase == "head" and recipe.convex
        if convex and (best := best_epoch(own)):
            own = own[: own.index(best) + 1]
        if own:
            phases.append(
                Curves(
                    phase=phase,
                    loss=np.array([row.loss for row in own], np.float64),
                    accuracy=np.array([row.accuracy for row in own], np.float64),
                    val_loss=np.array([row.val_loss for row in own], np.float64),
                    val_accuracy=np.array([row.val_accuracy for row in own], np.float64),
                    planned=planned[phase],
                    before=before,
                    alone=not all(planned.values()),
                    n=validation,
                    effective=effective,
                    convex=convex,
                )
            )
            before += count
    return tuple(phases)
