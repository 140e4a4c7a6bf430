"""Rules about what was learnt: nothing, too much by heart, less than before, or too little to tell."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tl_core.diagnosis import remedies
from tl_core.diagnosis.curves import Course
from tl_core.diagnosis.findings import LEAST, RISE, TAIL, Z99, Case, Finding, better_than_guess, loss, right, were
from tl_core.diagnosis.remedies import Remedy
from tl_core.metrics.intervals import percent, wilson
from tl_core.recipe import FINE_TUNE_LEARNING_RATE, Recipe

#: With fewer pictures even "all right" leaves room for a true rate below 90 % (Wilson, 95 %).
FEW = 35
#: Less of the way from a guess's accuracy to 100 % is next to nothing, however sure it is.
LITTLE = 0.1
#: So much more right among the training pictures, for sure, is learnt by heart.
GAP = 0.1


def nothing_learnt(case: Case) -> Iterator[Finding]:
    """Nothing was learnt that goes beyond a guess: neither accuracy nor loss is better than blind.

    The accuracy's 99 % interval (Wilson) holds that of always naming the commonest class, or it is next to nothing
    above it, and the validation loss never came 5 % below that of an answer which is the same for every picture. What
    to try is in Goodfellow et al., section 11.3: where the training pictures are not told apart either, the rate, then
    capacity; where they are, regularization and more data. And in both cases a look at the data.
    """
    kept = case.kept
    if case.running or kept is None or not case.tells or sum(map(len, case.courses)) < TAIL:
        return
    course, best = kept
    any_better = better_than_guess(case, course, best)
    clearly = any_better and course.val_accuracy[best] - case.baseline > LITTLE * (1 - case.baseline)
    if clearly or course.val_loss[best] <= case.blind * (1 - RISE):
        return
    heart = _by_heart(course)
    usual = (remedies.pretrained(case.recipe), _towards_usual(case.recipe))
    capacity = (remedies.bigger(case.recipe), remedies.unfrozen(case.recipe, case.line))
    yield Finding(
        key="nothing-learnt",
        phase=course.phase,
        title=("Hardly" if any_better else "No") + " better than a guess",
        seen=f"At best ({course.named(best)}) {right(course, best)} are right; always naming the commonest class gets "
        f"{percent(case.baseline)}. Validation loss {loss(course.val_loss[best])}, a blind guess {loss(case.blind)}."
        + (f" Of its training pictures it names {_share(course.accuracy)} right at the end." if heart else ""),
        means=(
            "It learnt its training pictures by heart, and that does not help with others."
            if heart
            else "The network does not find in these pictures what tells the classes apart."
        )
        + " Are the labels right, and would a person see the difference?",
        remedy=remedies.first(*usual, *((remedies.tamer(case.recipe),) if heart else capacity)),
    )


def _towards_usual(recipe: Recipe) -> Iterator[Remedy]:
    if recipe.learning_rate > Recipe.learning_rate:
        return remedies.slower(recipe, "head")
    return remedies.faster(recipe, "head") if recipe.learning_rate < remedies.ADAM_RATE else iter(())


def over_fitting(case: Case, course: Course) -> Iterator[Finding]:
    """Over-fitting from an epoch on: the validation loss rises while the training loss goes on falling.

    Prechelt's criteria together: the loss has stayed up for three epochs (UP3), by 5 % or more (GL5), and by more
    than both its own scatter and one standard error. The scatter counts four times: the lowest of 20 noisy values
    lies 1.9 standard deviations low, the mean of three others may lie 1.2 high, and the scatter itself is an estimate.

    Tried on 192 heads over features of three real sets, with the pictures left over as the judge: 29 of 33 alarms
    were true. With 16 to 50 validation pictures it kept silent on 45 of 74 true rises, rather than cry wolf.
    """
    best = course.best
    if best is None or len(course) - best - 1 < TAIL:
        return
    lowest, now = float(course.val_loss[best]), float(course.val_loss[-TAIL:].mean())
    noise = max(course.chance(best), 4 * course.scatter, RISE * lowest, LEAST)
    if now - lowest <= noise or course.loss[-TAIL:].mean() >= course.loss[best]:
        return
    yield Finding(
        key="over-fitting",
        phase=course.phase,
        title=f"Over-fitting from {course.named(best + 1)} on",
        seen=f"Since {course.named(best)} the validation loss has risen from {loss(lowest)} to {loss(now)} (mean of "
        f"the last {TAIL} epochs), while the training loss fell from {loss(course.loss[best])} to "
        f"{loss(course.loss[-1])}. {_accuracy_since(course, best)}",
        means=f"It began to learn its training pictures by heart. {_handled(case, course, best)}",
        remedy=remedies.first(remedies.tamer(case.recipe)),
    )


def by_heart(case: Case) -> Iterator[Finding]:
    """Over-fitting without a rise: far more right among the training pictures than among others, to the end.

    The gap between both errors is what over-fitting means (Goodfellow et al., section 5.2); early stopping ends many
    a run before the loss has risen for long. See ``_by_heart`` for when it is called one.
    """
    kept = case.kept
    if kept is None or not case.tells or not _by_heart(kept[0]):
        return
    course = kept[0]
    named = _right_at_end(course)
    low, high = wilson(named, course.n)
    yield Finding(
        key="over-fitting",
        phase=course.phase,
        title="Over-fitting: it knows its training pictures far better than others",
        seen=f"In the last {TAIL} epochs {_share(course.accuracy)} of the training pictures are named right, and about "
        f"{named} of {course.n} validation pictures: the true rate may lie anywhere between {percent(low)} "
        f"and {percent(high)} (95 % interval).",
        means="Part of what it learnt holds for its training pictures alone. On new pictures expect what it does on "
        "those for validation.",
        remedy=remedies.first(remedies.tamer(case.recipe)),
    )


def _by_heart(course: Course) -> bool:
    """Return whether it ends with far more right among the training pictures than chance explains (Wilson, 99 %).

    The training accuracy is measured with dropout and changed pictures, which make it lower, if anything.
    """
    if len(course) < TAIL:
        return False
    return float(course.accuracy[-TAIL:].mean()) - wilson(_right_at_end(course), course.n, Z99)[1] > GAP


def _right_at_end(course: Course) -> int:
    return round(float(course.val_accuracy[-TAIL:].mean()) * course.n)


def _share(accuracy: NDArray[np.float64]) -> str:
    return percent(float(accuracy[-TAIL:].mean()))


def _accuracy_since(course: Course, best: int) -> str:
    now = float(course.val_accuracy[-TAIL:].mean())
    hurt = now < wilson(course.right(best), course.n)[0]
    how = "Accuracy has suffered" if hurt else "Accuracy has not measurably suffered"
    return f"{how}: {right(course, best)} were right then, about {round(now * course.n)} are now."


def _handled(case: Case, course: Course, best: int) -> str:
    kept = case.kept
    if kept is None or kept[0] is not course:
        return "The weights of a better phase are kept, so the model is none the worse."
    if case.running:
        return f"The weights of {course.named(best)} are kept: press Stop, and nothing is lost."
    return f"The weights of {course.named(best)} were kept, so the model is none the worse."


def harmed(case: Case) -> Iterator[Finding]:
    """Unfreezing has harmed it: no epoch of fine-tuning came near the best one of the head.

    Large gradients of a new task undo what the backbone knows; the remedy is a very low rate, or none at all
    (Keras guide, "Transfer learning & fine-tuning", https://keras.io/guides/transfer_learning/).
    """
    if len(case.courses) < 2 or len(case.courses[1]) < min(TAIL, case.recipe.fine_tune_epochs):
        return
    head, tuned = case.courses
    if head.best is None or tuned.best is None:
        return
    before, after = float(head.val_loss[head.best]), float(tuned.val_loss[tuned.best])
    if after - before <= max(head.chance(head.best), RISE * before, LEAST):
        return
    gentle = remedies.slower(case.recipe, "fine-tune")
    high = case.recipe.fine_tune_learning_rate > FINE_TUNE_LEARNING_RATE
    frozen = remedies.refrozen(case.recipe)
    yield Finding(
        key="unfreezing-harmed",
        phase="fine-tune",
        title="Unfreezing has harmed it",
        seen=f"Lowest validation loss with the network frozen: {loss(before)} in {head.named(head.best)}, "
        f"{right(head, head.best)} right. With its blocks unfrozen: {loss(after)} in {tuned.named(tuned.best)}, "
        f"{right(tuned, tuned.best)} right. The rate was {remedies.decimal(case.recipe.fine_tune_learning_rate)}.",
        means="The blocks forgot more of what they knew than they learnt. Nothing is lost: the weights of "
        f"{head.named(head.best)} {were(case)} kept.",
        remedy=remedies.first(*((gentle, frozen) if high else (frozen, gentle))),
    )


def few(case: Case) -> Iterator[Finding]:
    """The validation part is too small to say what was learnt: training is perfect, or a guess looks as good."""
    kept = case.kept
    if case.running or kept is None:
        return
    course, best = kept
    perfect = course.n < FEW and course.accuracy.max() >= 1 - 0.5 / max(case.pictures, 1)
    lost = not case.tells and course.val_loss[best] > case.blind * (1 - RISE)
    if not perfect and not lost:
        return
    low, high = wilson(course.right(best), course.n)
    training = "All training pictures are named right, and " if perfect else ""
    yield Finding(
        key="too-few",
        phase=course.phase,
        title="Too few pictures to tell how good it is",
        seen=f"{training}{right(course, best)} of the validation part{'' if perfect else ' are right'}: the true rate "
        f"may lie anywhere between {percent(low)} and {percent(high)} (95 % interval).",
        means="Whether it has learnt the classes or its training pictures by heart cannot be told from so few."
        if perfect
        else "Were all of the validation pictures right, that could not be told from a guess either.",
        remedy=Remedy("No setting helps here. More pictures do, in the validation part above all."),
    )
