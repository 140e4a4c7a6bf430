"""Rules about what was learned: nothing, the training pictures by heart, less than before, or too little to tell."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.diagnosis import remedies
from tl_core.diagnosis.curves import LEAST, RISE, TAIL, Z99, Case, Curves, Finding, scatter
from tl_core.diagnosis.remedies import Remedy
from tl_core.language import N_, _
from tl_core.recipe import FINE_TUNE_RATES, Recipe
from tl_core.wording import interval, loss, percent

#: With fewer pictures even "all right" leaves room for a true rate below 90% (95% interval).
FEW = 35
#: Less of the way from a guess's accuracy to 100% is next to nothing, however certain it is.
LITTLE = 0.1
#: A gap of this much between both accuracies beyond chance is learned by heart.
GAP = 0.1


def nothing_learned(case: Case) -> Iterator[Finding]:
    """Nothing was learned that goes beyond a guess: neither accuracy nor loss is better.

    The accuracy's 99% interval holds that of a guess, or is next to nothing above it, and the validation loss
    never came 5% below that of an answer which is the same for every picture. What to try is in Goodfellow et al.,
    section 11.3: where it fails on the training pictures, too, the rate, then capacity; where it does not,
    regularization and more data. And in both cases a look at the data.
    """
    if case.running or case.best is None or not case.informative or sum(map(len, case.phases)) < TAIL:
        return
    curves, best = case.best
    better = case.better_than_guess(curves, best)
    clearly = better and curves.val_accuracy[best] - case.guess_accuracy > LITTLE * (1 - case.guess_accuracy)
    if clearly or curves.val_loss[best] <= case.guess_loss * (1 - RISE):
        return
    heart = _by_heart(curves)
    recipe = case.recipe
    capacity = (remedies.bigger(recipe), remedies.unfrozen(recipe, case.line))
    evidence = _(
        "At best ({epoch}) {score} are right; just guessing gets {share}. Validation loss "
        "{loss}, just guessing {guess}."
    ).format(
        epoch=curves.name(best),
        score=curves.score(best),
        share=percent(case.guess_accuracy),
        loss=loss(curves.val_loss[best]),
        guess=loss(case.guess_loss),
    )
    at_end = _("{share} of the training pictures are right at the end.").format(share=_at_end(curves.accuracy))
    yield Finding(
        key="nothing-learnt",
        phase=curves.phase,
        title=_("Hardly better than just guessing") if better else _("No better than just guessing"),
        evidence=f"{evidence} {at_end}" if heart else evidence,
        meaning=f"{_(BY_HEART if heart else NO_DIFFERENCE)} "
        + _("Check the labels: would a person see the difference?"),
        remedy=remedies.first(
            remedies.pretrained(recipe),
            _towards_usual(recipe),
            *((remedies.tamer(recipe),) if heart else capacity),
        ),
    )


BY_HEART = N_("It learned its training pictures by heart, which does not help with others.")
NO_DIFFERENCE = N_("The network does not see in these pictures what separates the classes.")


def _towards_usual(recipe: Recipe) -> Iterator[Remedy]:
    if recipe.convex:
        return iter(())
    if recipe.learning_rate > remedies.usual_rate(recipe):
        return remedies.slower(recipe, "head")
    return remedies.faster(recipe, "head") if recipe.learning_rate < remedies.ADAM_RATE else iter(())


def over_fitting(case: Case, curves: Curves) -> Iterator[Finding]:
    """Over-fitting from an epoch on: the validation loss rises while the training loss goes on falling.

    Prechelt's criteria together: the loss has stayed up for three epochs (UP3), by 5% or more (GL5), and by more than
    both its own scatter and one standard error. The scatter counts four times: the lowest of 20 noisy values lies 1.9
    standard deviations low, the mean of three others may lie 1.2 high, and the scatter itself is an estimate.
    """
    best = curves.best
    if best is None or len(curves) - best - 1 < TAIL:
        return
    lowest, now = float(curves.val_loss[best]), float(curves.val_loss[-TAIL:].mean())
    noise = max(curves.chance(best), 4 * scatter(curves.val_loss), RISE * lowest, LEAST)
    if now - lowest <= noise or curves.loss[-TAIL:].mean() >= curves.loss[best]:
        return
    yield Finding(
        key="over-fitting",
        phase=curves.phase,
        title=_("Over-fitting from {epoch} on").format(epoch=curves.name(best + 1)),
        evidence=_(
            "Since {epoch} the validation loss has risen from {lowest} to {now} (mean of the last {tail} epochs). "
            "The training loss fell from {before} to {after}."
        ).format(
            epoch=curves.name(best),
            lowest=loss(lowest),
            now=loss(now),
            tail=TAIL,
            before=loss(curves.loss[best]),
            after=loss(curves.loss[-1]),
        )
        + f" {_accuracy_since(curves, best)}",
        meaning=_("It began to learn its training pictures by heart.") + f" {_consequence(case, curves, best)}",
        remedy=remedies.first(remedies.tamer(case.recipe)),
    )


def by_heart(case: Case) -> Iterator[Finding]:
    """Over-fitting without a rise: far more right among the training pictures than among others, to the end.

    The gap between both errors is what over-fitting means (Goodfellow et al., section 5.2); early stopping ends many
    a run before the loss has risen for long.
    """
    if case.best is None or not case.informative or not _by_heart(case.best[0]):
        return
    curves = case.best[0]
    correct = _correct_at_end(curves)
    low, high = curves.interval(correct)
    yield Finding(
        key="over-fitting",
        phase=curves.phase,
        title=_("Over-fitting: it knows its training pictures far better than others"),
        evidence=_(
            "In the last {tail} epochs {at_end} of the training pictures are right. Of the "
            "validation pictures, about {correct} of {every} are (95% interval {interval})."
        ).format(
            tail=TAIL, at_end=_at_end(curves.accuracy), correct=correct, every=curves.n, interval=interval(low, high)
        ),
        meaning=_(
            "Part of what it learned holds for its training pictures alone. On new pictures, expect "
            "the accuracy of the validation pictures."
        ),
        remedy=remedies.first(remedies.tamer(case.recipe)),
    )


def _by_heart(curves: Curves) -> bool:
    """Return whether it ends with far more right among the training pictures than chance explains (99% interval).

    The training accuracy is measured with dropout and augmentation, which lower it, if anything.
    """
    if len(curves) < TAIL:
        return False
    return float(curves.accuracy[-TAIL:].mean()) - curves.interval(_correct_at_end(curves), Z99)[1] > GAP


def _correct_at_end(curves: Curves) -> int:
    return round(float(curves.val_accuracy[-TAIL:].mean()) * curves.n)


def _at_end(accuracy: NDArray[np.float64]) -> str:
    return percent(float(accuracy[-TAIL:].mean()))


def _accuracy_since(curves: Curves, best: int) -> str:
    now = float(curves.val_accuracy[-TAIL:].mean())
    worse = now < curves.interval(curves.correct(best))[0]
    sentence = _("Accuracy has not measurably suffered: {score} were right then, about {now} are now.")
    if worse:
        sentence = _("Accuracy has suffered: {score} were right then, about {now} are now.")
    return sentence.format(score=curves.score(best), now=round(now * curves.n))


def _consequence(case: Case, curves: Curves, best: int) -> str:
    if case.best is None or case.best[0] is not curves:
        return _("The model keeps the weights of a better phase, so it is none the worse.")
    if case.running:
        return _("Press Stop and nothing is lost: the model keeps the weights of {epoch}.").format(
            epoch=curves.name(best)
        )
    return _("The model keeps the weights of {epoch}, so it is none the worse.").format(epoch=curves.name(best))


def harmed(case: Case) -> Iterator[Finding]:
    """Unfreezing has harmed it: no epoch of fine-tuning came near the best one of the head.

    Large gradients of a new task undo what the backbone knows; the remedy is a very low rate, or none at all
    (Keras guide, "Transfer learning & fine-tuning", https://keras.io/guides/transfer_learning/).
    """
    if len(case.phases) < 2 or len(case.phases[1]) < min(TAIL, case.recipe.fine_tune_epochs):
        return
    head, tuned = case.phases
    if head.best is None or tuned.best is None:
        return
    before, after = float(head.val_loss[head.best]), float(tuned.val_loss[tuned.best])
    if after - before <= max(head.chance(head.best), RISE * before, LEAST):
        return
    rate = case.recipe.fine_tune_learning_rate
    careful = rate <= FINE_TUNE_RATES[case.recipe.schedule]
    gentle, frozen = remedies.slower(case.recipe, "fine-tune"), remedies.refrozen(case.recipe)
    yield Finding(
        key="unfreezing-harmed",
        phase="fine-tune",
        title=_("Fine-tuning made it worse"),
        evidence=_(
            "Lowest validation loss with the network frozen: {before} in {head}, {head_score} right. With "
            "its blocks unfrozen: {after} in {tuned}, {tuned_score} right. The rate was {rate}."
        ).format(
            before=loss(before),
            head=head.name(head.best),
            head_score=head.score(head.best),
            after=loss(after),
            tuned=tuned.name(tuned.best),
            tuned_score=tuned.score(tuned.best),
            rate=wording.rate(rate),
        ),
        meaning=_(
            "The blocks forgot more than they learned. Nothing is lost: the model keeps the weights of {epoch}."
        ).format(epoch=head.name(head.best)),
        remedy=remedies.first(*((frozen, gentle) if careful else (gentle, frozen))),
    )


def too_few(case: Case) -> Iterator[Finding]:
    """The validation split is too small to say what was learned: training is perfect, or a guess looks as good."""
    if case.running or case.best is None:
        return
    curves, best = case.best
    perfect = curves.n < FEW and curves.accuracy.max() >= 1 - 0.5 / max(case.pictures, 1)
    lost = not case.informative and curves.val_loss[best] > case.guess_loss * (1 - RISE)
    if not perfect and not lost:
        return
    low, high = curves.interval(curves.correct(best))
    evidence = _(
        "Of the validation pictures {score} are right: the true accuracy may lie anywhere from {interval} "
        "(95% interval)."
    ).format(score=curves.score(best), interval=interval(low, high))
    yield Finding(
        key="too-few",
        phase=curves.phase,
        title=_("Too few pictures to tell how good it is"),
        evidence=_("All training pictures are right.") + f" {evidence}" if perfect else evidence,
        meaning=_("So few cannot show whether it has learned the classes or its training pictures by heart.")
        if perfect
        else _("Even with all validation pictures right, it might be a guess."),
        remedy=Remedy(_("No setting helps here. More pictures do, above all for validation.")),
    )
