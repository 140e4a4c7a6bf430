"""Rules about the learning rate and the number of epochs."""

import math
from collections.abc import Iterator

import numpy as np

from tl_core import wording
from tl_core.diagnosis import remedies
from tl_core.diagnosis.curves import LEAST, TAIL, Case, Curves, Finding, scatter
from tl_core.diagnosis.remedies import rate_of
from tl_core.language import N_, _
from tl_core.recipe import Recipe
from tl_core.wording import loss

#: A training loss per wrong answer from which the rate is too high: measured in ``tests/core/diagnosis/curves``.
COSTLY = 20.0
#: An epoch shows what a wrong answer costs if it has this many of them, and this share of the pictures.
LEAST_WRONG, WRONG = 2, 0.01
#: Epochs that it takes to see a swing.
SWING_EPOCHS = 6
#: Violent swings of the training and of the validation loss, as shares of the loss: measured in the same place.
TRAIN_SWING, SWING = 0.1, 0.2
#: A rise of the training loss by this many losses of a guess is a climb, not a gentle swing.
CLIMB = 0.5
#: Epochs whose pace is carried on: fewer follow single epochs, more the steep beginning.
PACE = 5

TOO_CONFIDENT = N_("Each step moves the weights too far, so the network is far too confident where it is wrong.")
UNSETTLED = N_("Each step moves the weights past the lowest loss, so training jumps about and does not settle.")


def too_high(case: Case, curves: Curves) -> Iterator[Finding]:
    """The rate is too high: the loss is no number any more, or the network is far too confident where it is wrong.

    Steps that are too large throw the weights far away (Smith 2018, section 4.1; Goodfellow et al., section 8.2.4,
    "cliffs"): the network is still right often, but wrong with enormous certainty. Or the loss does not come down at
    all. A loss that falls steadily at no more than the usual rate comes from far away, not from large steps.
    """
    if curves.convex:
        return
    rate = rate_of(case.recipe, curves.phase)
    lost = np.flatnonzero(np.isnan(curves.loss) | np.isnan(curves.val_loss))
    meaning = TOO_CONFIDENT
    if len(lost):
        evidence = _("In {epoch} the loss was no longer a number.").format(epoch=curves.name(int(lost[0])))
    elif len(curves) < TAIL or (curves.steady and rate <= remedies.usual_rate(case.recipe)):
        return
    elif not (evidence := _costly(case, curves) or _worse_than_guess(case, curves)):
        evidence = _swinging(case, curves) or _climbing(case, curves)
        meaning = UNSETTLED
    if evidence:
        yield Finding(
            key="rate-too-high",
            phase=curves.phase,
            title=_("The learning rate is too high"),
            evidence=f"{evidence} " + _("The rate was {rate}.").format(rate=wording.rate(rate)),
            meaning=_(meaning),
            remedy=remedies.first(remedies.slower(case.recipe, curves.phase)),
        )


def _costly(case: Case, curves: Curves) -> str:
    """Say so if the training loss per wrong answer is enormous; the first epoch finds the scale and is left out.

    Epochs with next to no wrong answers say nothing: there the loss is that of the right ones.
    """
    wrong = np.rint((1 - curves.accuracy[1:]) * case.pictures)
    counted = wrong >= max(LEAST_WRONG, WRONG * case.pictures)
    if not counted.any():
        return ""
    cost = float(curves.loss[1:][counted].sum() * case.pictures / wrong[counted].sum())
    if cost < COSTLY:
        return ""
    return _(
        "Since {epoch} a wrong training picture has a loss of {cost} on average; just guessing has {guess}. "
        "A loss of {costly} means that the right class got a probability of 2 in a billion."
    ).format(epoch=curves.name(1), cost=wording.number(cost), guess=loss(case.guess_loss), costly=f"{COSTLY:g}")


def _worse_than_guess(case: Case, curves: Curves) -> str:
    """Say so if the lowest validation loss is above that of a guess though the accuracy is clearly better (99%).

    A rate that fits passes below the loss of guessing as soon as the accuracy rises. One standard error is granted:
    labels that are wrong raise the loss, too.
    """
    best = curves.best
    if best is None or not case.better_than_guess(curves, best):
        return ""
    if curves.val_loss[best] - curves.chance(best) <= case.guess_loss:
        return ""
    return _(
        "In the best epoch ({epoch}) {score} are right. Yet the validation loss is {loss}; just guessing has {guess}."
    ).format(
        epoch=curves.name(best),
        score=curves.score(best),
        loss=loss(curves.val_loss[best]),
        guess=loss(case.guess_loss),
    )


def _climbing(case: Case, curves: Curves) -> str:
    """Say so if the training loss has risen and stays up: at a rate that fits it falls, apart from gentle swings.

    "If it is too large, the learning curve will show violent oscillations, with the cost function often increasing
    significantly. Gentle oscillations are fine" (Goodfellow et al., section 8.3.1).
    """
    lowest = int(curves.loss.argmin())
    now = float(curves.loss[-TAIL:].mean())
    if len(curves) - lowest - 1 < TAIL or now - curves.loss[lowest] <= CLIMB * case.guess_loss:
        return ""
    return _(
        "The training loss rose from {lowest} in {epoch} to {now} (mean of the last {tail} epochs). On the pictures "
        "that it learns from, it should fall."
    ).format(lowest=loss(curves.loss[lowest]), epoch=curves.name(lowest), now=loss(now), tail=TAIL)


def _swinging(case: Case, curves: Curves) -> str:
    """Say so if both losses swing violently to the end (see ``_climbing``), and not only for want of pictures.

    The swing is the scatter about the trend, as a share of the loss or of that of a guess, whichever is greater.
    """
    losses = ((curves.loss, TRAIN_SWING), (curves.val_loss, SWING))
    if len(curves) < SWING_EPOCHS or not all(
        scatter(values) > least * max(case.guess_loss, float(np.median(values))) for values, least in losses
    ):
        return ""
    train, val = curves.loss[-SWING_EPOCHS:], curves.val_loss[-SWING_EPOCHS:]
    return _(
        "In the last {epochs} epochs the validation loss jumped between {val_low} and {val_high}, the training loss "
        "between {low} and {high}. Just guessing has {guess}."
    ).format(
        epochs=SWING_EPOCHS,
        val_low=loss(val.min()),
        val_high=loss(val.max()),
        low=loss(train.min()),
        high=loss(train.max()),
        guess=loss(case.guess_loss),
    )


def slow(case: Case) -> Iterator[Finding]:
    """The number of epochs ended it while it was still learning: more epochs, or, at a crawl, a higher rate.

    The rate is too low if the training loss falls all the time and has not come half of its way (Goodfellow et al.,
    section 11.4.1; Smith 2018, section 4.1). Else the fall of the last epochs is carried on for as many again; they
    are worth it if that gains more than half a standard error, which is what chance does to two epochs on the same
    pictures (``curves.standard_error``).
    """
    curves = case.phases[-1]
    ended = not case.running and not case.stopped and len(curves) >= curves.planned and not curves.convex
    if not ended or curves.best is None or case.best is None:
        return
    last, (run, best) = curves.best, case.best
    if len(curves) < TAIL:
        yield _too_short(case, curves)
    elif case.recipe.schedule == "cosine" and curves.phase == "fine-tune":
        return  # its rate has come down to 0: the pace of the last epochs says nothing of others
    elif last >= len(curves) - 2 and curves.correct(last) < curves.n:
        low_rate = curves.phase == "head" and case.recipe.learning_rate < Recipe.learning_rate
        expected = float(curves.val_loss[-1]) - _further_fall(curves)
        if low_rate and curves.steady and curves.loss[-TAIL:].mean() > curves.loss[0] / 2:
            yield _crawling(case, curves)
        elif float(run.val_loss[best]) - expected > max(curves.chance(last) / 2, LEAST):
            yield _still_improving(case, curves, expected)


def _too_short(case: Case, curves: Curves) -> Finding:
    return Finding(
        key="too-short",
        phase=curves.phase,
        title=_("Too short to judge"),
        evidence=_("{epochs} of this phase; it takes {tail} to see which way a curve goes.").format(
            epochs=wording.plural(len(curves), "epoch", "epochs"), tail=TAIL
        ),
        meaning=_("The curves are too short to say anything about them."),
        remedy=remedies.first(remedies.longer(case.recipe, curves.phase)),
    )


def _still_improving(case: Case, curves: Curves, expected: float) -> Finding:
    return Finding(
        key="still-improving",
        phase=curves.phase,
        title=_("Still improving at the last epoch"),
        evidence=_(
            "The validation loss was {before} in {epoch} and {now} in {last}, the last one. At this pace, as many "
            "epochs again would bring it to about {expected}."
        ).format(
            before=loss(curves.val_loss[-TAIL]),
            epoch=curves.name(len(curves) - TAIL),
            now=loss(curves.val_loss[-1]),
            last=curves.name(len(curves) - 1),
            expected=loss(expected),
        ),
        meaning=_("Training ended before the model showed how good it can get."),
        remedy=remedies.first(remedies.longer(case.recipe, curves.phase), remedies.faster(case.recipe, curves.phase)),
    )


def _crawling(case: Case, curves: Curves) -> Finding:
    return Finding(
        key="rate-too-low",
        phase=curves.phase,
        title=_("The learning rate is too low"),
        evidence=_(
            "In {epochs} epochs the training loss fell from {before} to {after}, the validation loss from {val_before} "
            "to {val_after}. The rate was {rate}."
        ).format(
            epochs=len(curves),
            before=loss(curves.loss[0]),
            after=loss(curves.loss[-1]),
            val_before=loss(curves.val_loss[0]),
            val_after=loss(curves.val_loss[-1]),
            rate=wording.rate(case.recipe.learning_rate),
        ),
        meaning=_("It learns steadily, but in such small steps that it would take very many epochs."),
        remedy=remedies.first(remedies.faster(case.recipe, curves.phase), remedies.longer(case.recipe, curves.phase)),
    )


def _further_fall(curves: Curves) -> float:
    """Return by how much the validation loss would fall in as many epochs again, as fast as in the last ones.

    The fall slackens as it did lately: a curve that comes to rest on a floor is not carried on below it.
    """
    tail = curves.val_loss[-PACE - 1 :]
    if not (tail > 0).all() or tail[-1] >= tail[-TAIL]:
        return 0.0
    falls = -np.diff(np.log(tail))
    pace = max(float(np.median(falls)), 0.0)
    slackens = 1.0
    if len(falls) == PACE:
        before, lately = float(falls[: PACE - TAIL + 1].mean()), float(falls[1 - TAIL :].mean())
        if 0 < lately < before:
            pace, slackens = lately, (lately / before) ** (2 / PACE)
    return float(tail[-1]) * (1 - math.exp(-pace * float((slackens ** np.arange(1, len(curves) + 1)).sum())))
