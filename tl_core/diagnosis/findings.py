"""What the rules that read curves share: a finding, the run as they see it, and the measures that several of them use.

A difference is taken for real only if chance does not explain it: it must exceed one standard error
(``courses.standard_error``), after Breiman et al., "Classification and Regression Trees" (1984), section 3.4.3. The
rules are in ``pace`` and ``fit``; they cite:

    L. Prechelt, "Early stopping – but when?", Neural Networks: Tricks of the Trade, LNCS 1524 (1998).
    I. Goodfellow, Y. Bengio, A. Courville, "Deep Learning" (2016), https://www.deeplearningbook.org
    L. N. Smith, "A disciplined approach to neural network hyper-parameters: part 1", arXiv:1803.09820 (2018).
    Keras FAQ, https://keras.io/getting_started/faq/
"""

import math
from dataclasses import dataclass

from tl_core.diagnosis.curves import Course
from tl_core.diagnosis.remedies import Remedy
from tl_core.metrics.intervals import wilson
from tl_core.recipe import Recipe

#: The last so many epochs speak together: Prechelt's UP criterion waits for three rises, his best trade-off (UP3).
TAIL = 3
#: A rise of less than 5 % of the lowest validation loss is never called one: Prechelt's GL criterion with α = 5.
RISE = 0.05
#: A difference of the loss below this is of no use to anybody: the right class gets 1 % more or less probability.
LEAST = 0.01
#: Standard normal quantile of a two-sided confidence of 99 %.
Z99 = 2.5758293035489004


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the curves say.

    Attributes:
        key: stable name of the rule.
        phase: the phase that shows it, ``"head"`` or ``"fine-tune"``.
        grave: True for what costs accuracy or time, False for what is only explained.
        title: what it is, in a few words.
        seen: the evidence in numbers.
        means: what that means for the model that was kept.
        remedy: the one thing to do, with the change of the recipe that does it.
    """

    key: str
    phase: str
    grave: bool = True
    title: str
    seen: str
    means: str
    remedy: Remedy


@dataclass(frozen=True, kw_only=True)
class Case:
    """A run as the rules see it.

    Attributes:
        recipe: of the run.
        courses: its phases so far.
        shares: of each class in the validation part, summing to 1.
        pictures: in the training part.
        running: it goes on.
        stopped: a person has ended it.
        line: id of the block below the top third of the network, None if not known.
    """

    recipe: Recipe
    courses: tuple[Course, ...]
    shares: tuple[float, ...]
    pictures: int
    running: bool = False
    stopped: bool = False
    line: str | None = None

    @property
    def baseline(self) -> float:
        """Accuracy of always naming the commonest class."""
        return max(self.shares)

    @property
    def tells(self) -> bool:
        """Whether the validation part can tell anything from a guess (99 %): whether it would if all were right."""
        n = self.courses[0].n
        return wilson(n, n, Z99)[0] > self.baseline

    @property
    def blind(self) -> float:
        """Loss of an answer that is the same for every picture: of equal chances where classes count the same."""
        if self.recipe.class_weights:
            return math.log(len(self.shares))
        return -sum(share * math.log(share) for share in self.shares if share)

    @property
    def kept(self) -> tuple[Course, int] | None:
        """The epoch whose weights are kept: the lowest validation loss of the whole run."""
        found = [(course, course.best) for course in self.courses if course.best is not None]
        return min(found, key=lambda each: float(each[0].val_loss[each[1]]), default=None)


def better_than_guess(case: Case, course: Course, at: int) -> bool:
    """Return whether an epoch names more right than always naming the commonest class does, beyond chance (99 %).

    99 % and not 95 %, for the best of many epochs is looked at.
    """
    return wilson(course.right(at), course.n, Z99)[0] > case.baseline


def were(case: Case) -> str:
    """Return the verb for weights that are kept."""
    return "are" if case.running else "were"


def right(course: Course, at: int) -> str:
    """Return how many validation pictures were named right in an epoch: "41 of 50"."""
    return f"{course.right(at)} of {course.n}"


def loss(value: float) -> str:
    """Return a loss with three digits."""
    return f"{value:.3g}" if value >= 0.001 else "below 0.001"
