"""Rules about the learning rate and the number of epochs."""

import math
from collections.abc import Iterator

import numpy as np

from tl_core.diagnosis import remedies
from tl_core.diagnosis.curves import Course, scatter
from tl_core.diagnosis.findings import LEAST, TAIL, Case, Finding, better_than_guess, loss, right
from tl_core.recipe import Recipe

#: From so great a loss per wrong answer on the rate is too high; why, is in ``too_high``.
COSTLY = 20.0
#: An epoch tells what a wrong answer costs if it has so many of them, and so great a share of the pictures.
LEAST_WRONG, WRONG = 2, 0.01
#: Epochs that it takes to see a swing, and how great it must be in training and in validation: see ``_swinging``.
SWING_EPOCHS, TRAIN_SWING, SWING = 6, 0.1, 0.2
#: From such a rise of the training loss on, in losses of a blind guess, it climbs.
CLIMB = 0.5
#: The pace of the last so many epochs is carried on: fewer follow single epochs, more the steep beginning.
PACE = 5
#: A loss that falls in so great a share of the epochs falls steadily. A coin does so in 16 steps out of 20 once in 170.
STEADY = 0.8


def too_high(case: Case, course: Course) -> Iterator[Finding]:
    """The rate is too high: the loss is no number any more, or the network is far too sure where it is wrong.

    Too great steps throw the weights far away (Smith 2018, section 4.1; Goodfellow et al., section 8.2.4, "cliffs"):
    the network is still right often, but wrong with enormous certainty. Or the loss does not come down at all. See
    ``_costly``, ``_blinder``, ``_climbing`` and ``_swinging``.
    A loss that falls steadily at no more than the usual rate comes from far away, not from great steps.
    """
    rate = getattr(case.recipe, remedies.RATES[course.phase])
    lost = np.flatnonzero(np.isnan(course.loss) | np.isnan(course.val_loss))
    means = "Each step moves the weights too far: the network is far too sure where it is wrong."
    if len(lost):
        seen = f"In {course.named(int(lost[0]))} the loss ceased to be a number."
    elif len(course) < TAIL or (steady(course) and rate <= Recipe.learning_rate):
        return
    elif not (seen := _costly(case, course) or _blinder(case, course)):
        seen = _swinging(case, course) or _climbing(case, course)
        means = "Each step moves the weights too far, past where the loss is low: it jumps about and does not settle."
    if seen:
        yield Finding(
            key="rate-too-high",
            phase=course.phase,
            title="The learning rate is too high",
            seen=f"{seen} The rate was {remedies.decimal(rate)}.",
            means=means,
            remedy=remedies.first(remedies.slower(case.recipe, course.phase)),
        )


def _costly(case: Case, course: Course) -> str:
    """Say so if the training loss per wrong answer is enormous; the first epoch finds the scale and is left out.

    Heads on three real sets, 10 seeds each: 0.3 to 13 at rates from 1e-6 to 1e-2, 10 to 42 at 0.03, 13 to 141 at 0.1,
    and 100 to 1,700 at 1. Epochs with next to no wrong answers say nothing: there the loss is that of the right ones.
    """
    wrong = np.rint((1 - course.accuracy[1:]) * case.pictures)
    telling = wrong >= max(LEAST_WRONG, WRONG * case.pictures)
    if not telling.any():
        return ""
    cost = float(course.loss[1:][telling].sum() * case.pictures / wrong[telling].sum())
    if cost < COSTLY:
        return ""
    return (
        f"Since {course.named(1)} a training picture that is named wrong has a loss of {cost:,.0f} on average. A blind "
        f"guess has {loss(case.blind)}; {COSTLY:g} mean that the right class got a probability of 2 in a billion."
    )


def _blinder(case: Case, course: Course) -> str:
    """Say so if the lowest validation loss is above a blind guess's though the accuracy is clearly better (99 %).

    A rate that fits passes below the loss of guessing as soon as the accuracy rises. One standard error is granted:
    labels that are wrong lift the loss, too.
    """
    best = course.best
    if best is None or not better_than_guess(case, course, best):
        return ""
    if course.val_loss[best] - course.chance(best) <= case.blind:
        return ""
    return (
        f"In the best epoch ({course.named(best)}) {right(course, best)} are right, yet the validation loss is "
        f"{loss(course.val_loss[best])}: a blind guess has {loss(case.blind)}."
    )


def _climbing(case: Case, course: Course) -> str:
    """Say so if the training loss has risen and stays up: at a rate that fits it falls, apart from gentle swings.

    "If it is too large, the learning curve will show violent oscillations, with the cost function often increasing
    significantly. Gentle oscillations are fine" (Goodfellow et al., section 8.3.1).
    """
    lowest = int(course.loss.argmin())
    now = float(course.loss[-TAIL:].mean())
    if len(course) - lowest - 1 < TAIL or now - course.loss[lowest] <= CLIMB * case.blind:
        return ""
    return (
        f"The training loss has risen from {loss(course.loss[lowest])} in {course.named(lowest)} to {loss(now)} (mean "
        f"of the last {TAIL} epochs). It should fall: these are the pictures that it learns from."
    )


def _swinging(case: Case, course: Course) -> str:
    """Say so if both losses swing violently to the end (see ``_climbing``), and not only for want of pictures.

    The swing is the scatter about the trend, as a share of the loss or of a blind guess's, whichever is greater. None
    of 56 heads over features of digits and faces swung so much in both at rates of 0.001 and 0.01, though in half of
    them 30 % of the labels were drawn at random.
    """
    if len(course) < SWING_EPOCHS:
        return ""
    swings = []
    for values, least in ((course.loss, TRAIN_SWING), (course.val_loss, SWING)):
        swings.append(scatter(values) > least * max(case.blind, float(np.median(values))))
    if not all(swings):
        return ""
    last = course.val_loss[-SWING_EPOCHS:]
    return (
        f"In the last {SWING_EPOCHS} epochs the validation loss jumped about between {loss(last.min())} and "
        f"{loss(last.max())}, the training loss between {loss(course.loss[-SWING_EPOCHS:].min())} and "
        f"{loss(course.loss[-SWING_EPOCHS:].max())}. A blind guess has {loss(case.blind)}."
    )


def slow(case: Case) -> Iterator[Finding]:
    """The number of epochs ended it while it was still learning: more epochs, or, at a crawl, a higher rate.

    The rate is too low if the training loss falls all the time and has not come half of its way (Goodfellow et al.,
    section 11.4.1; Smith 2018, section 4.1). Else the fall of the last epochs is carried on for as many again; they
    are worth it if that brings more than half a standard error, which is what chance does to two epochs on the same
    pictures (``courses.standard_error``).
    """
    course = case.courses[-1]
    ended = not case.running and not case.stopped and len(course) >= course.planned
    if not ended or course.best is None:
        return
    best, kept = course.best, case.kept
    lowest = float(kept[0].val_loss[kept[1]]) if kept else math.inf
    if len(course) < TAIL:
        yield _short(case, course)
    elif best >= len(course) - 2 and course.right(best) < course.n:
        slow_rate = course.phase == "head" and case.recipe.learning_rate < Recipe.learning_rate
        if slow_rate and steady(course) and course.loss[-TAIL:].mean() > course.loss[0] / 2:
            yield _crawling(case, course)
        elif lowest - (then := float(course.val_loss[-1]) - _coming(course)) > max(course.chance(best) / 2, LEAST):
            yield _still(case, course, then)


def _short(case: Case, course: Course) -> Finding:
    epochs = "epoch" if len(course) == 1 else "epochs"
    return Finding(
        key="too-short",
        phase=course.phase,
        title="Too short to tell",
        seen=f"{len(course)} {epochs} of this phase; it takes {TAIL} to see which way a curve goes.",
        means="The curves are too short to say anything about them.",
        remedy=remedies.first(remedies.longer(case.recipe, course.phase)),
    )


def _still(case: Case, course: Course, then: float) -> Finding:
    return Finding(
        key="still-improving",
        phase=course.phase,
        title="Still improving at the last epoch",
        seen=f"The validation loss was {loss(course.val_loss[-TAIL])} in {course.named(len(course) - TAIL)} and "
        f"{loss(course.val_loss[-1])} in {course.named(len(course) - 1)}, the last one allowed. At this pace as many "
        f"epochs again would bring it to about {loss(then)}.",
        means="It was cut short, not finished: it has not shown yet how good it can get.",
        remedy=remedies.first(remedies.longer(case.recipe, course.phase), remedies.faster(case.recipe, course.phase)),
    )


def _crawling(case: Case, course: Course) -> Finding:
    return Finding(
        key="rate-too-low",
        phase=course.phase,
        title="The learning rate is too low",
        seen=f"In {len(course)} epochs the training loss came from {loss(course.loss[0])} to {loss(course.loss[-1])}, "
        f"the validation loss from {loss(course.val_loss[0])} to {loss(course.val_loss[-1])}. The rate was "
        f"{remedies.decimal(case.recipe.learning_rate)}.",
        means="It learns steadily, but in such small steps that it would take very many epochs.",
        remedy=remedies.first(remedies.faster(case.recipe, course.phase), remedies.longer(case.recipe, course.phase)),
    )


def _coming(course: Course) -> float:
    """Return by how much the validation loss would fall in as many epochs again, as fast as in the last ones.

    The fall slackens as it did lately: a curve that comes to rest on a floor is not carried on below it.
    """
    tail = course.val_loss[-PACE - 1 :]
    if not (tail > 0).all() or tail[-1] >= tail[-TAIL]:
        return 0.0
    falls = -np.diff(np.log(tail))
    pace = max(float(np.median(falls)), 0.0)
    slackens = 1.0
    if len(falls) == PACE:
        before, lately = float(falls[: PACE - TAIL + 1].mean()), float(falls[1 - TAIL :].mean())
        if 0 < lately < before:
            pace, slackens = lately, (lately / before) ** (2 / PACE)
    return float(tail[-1]) * (1 - math.exp(-pace * float((slackens ** np.arange(1, len(course) + 1)).sum())))


def steady(course: Course) -> bool:
    """Return whether the validation loss falls in nearly every epoch."""
    return bool(len(course) >= TAIL and np.mean(np.diff(course.val_loss) < 0) >= STEADY)
