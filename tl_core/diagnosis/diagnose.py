"""What the curves of a run say, in plain words: findings, each with its evidence and one change to try."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from tl_core.diagnosis import curves, remedies, rules_fit, rules_rate
from tl_core.diagnosis.findings import LEAST, TAIL, Case, Finding, loss, right
from tl_core.diagnosis.remedies import Remedy
from tl_core.metrics.intervals import percent, wilson
from tl_core.runs import EpochRow, RunFolder
from tl_core.workspace import Project

#: Beside these, "validation looks better" would only distract.
MISLEADING = {"rate-too-high", "rate-too-low", "nothing-learnt"}
#: Below so many pictures the accuracy's 95 % interval is wider than 20 points at worst: chance may be the whole cause.
FEW_TO_COMPARE = 96


def of_run(run: RunFolder, rows: Sequence[EpochRow] | None = None) -> list[Finding]:
    """Return what the curves of a run say so far, the gravest first. Loads no Keras.

    Args:
        run: finished, or going on.
        rows: its epochs where they are known already; else they are read from its history.
    """
    from tl_core.freezing import estimates, outline

    rows = run.history().rows if rows is None else rows
    report = run.report()
    recipe = run.recipe
    drawn = outline.kept(run.project.workspace, recipe.backbone)
    pictures, validation, shares = _parts(run.project.folder, recipe.manifest)
    case = Case(
        recipe=recipe,
        courses=tuple(curves.read(rows, recipe, validation)),
        shares=shares,
        pictures=pictures,
        running=run.job.active,
        stopped=report.stopped if report else True,
        line=estimates.lines(drawn)[estimates.top_third(drawn)] if drawn else None,
    )
    return diagnose(case)


@lru_cache(maxsize=32)
def _parts(project: Path, version: int) -> tuple[int, int, tuple[float, ...]]:
    """Return the pictures of the training and the validation part, and the share of each class in the latter."""
    from tl_core.dataset import manifest

    data = manifest.load(Project(project), version)
    labels = data.part("validation")["label"]
    counts = [int((labels == label).sum()) for label in data.classes]
    return len(data.part("train")), len(labels), tuple(count / max(len(labels), 1) for count in counts)


def diagnose(case: Case) -> list[Finding]:
    """Return what the curves say, the gravest first; of findings that explain each other only the first."""
    if not case.courses:
        return []
    head, *tuned = case.courses
    found = [*rules_rate.too_high(case, head), *rules_fit.harmed(case)]
    found += [each for course in tuned for each in rules_rate.too_high(case, course)] if not found else []
    found += rules_rate.slow(case) if not found else []
    found += rules_fit.nothing_learnt(case) if not found else []
    told = {each.phase for each in found if each.key != "still-improving"}
    found += [
        each for course in case.courses if course.phase not in told for each in rules_fit.over_fitting(case, course)
    ]
    found += rules_fit.by_heart(case) if not found else []
    found += rules_fit.few(case) if not found else []
    found += well(case) if not found else []
    return found if {each.key for each in found} & MISLEADING else [*found, *above(case)]


def above(case: Case) -> Iterator[Finding]:
    """Validation looks better than training: because dropout and changed pictures make only training harder.

    Keras FAQ, "Why is my training loss much higher than my testing loss?": such measures work in training alone, and
    the training loss is the mean over an epoch in which the network gets better.
    """
    kept = case.kept
    dropout, changed = case.recipe.head.dropout > 0, case.recipe.augmentation != "off"
    if kept is None or not (dropout or changed):
        return
    course, best = kept
    often = len(course) >= TAIL and np.mean((course.val_loss < course.loss) & (course.loss > LEAST)) > 0.5
    worse = wilson(course.right(best), course.n)[1] < course.accuracy[best]
    if not often or course.val_loss[best] >= course.loss[best] or worse:
        return
    causes = [f"dropout silences {percent(case.recipe.head.dropout)} of the units"] if dropout else []
    causes += ["the pictures are changed at random"] if changed else []
    luck = f" Which pictures lie in the validation part plays its part too: there are only {course.n}."
    yield Finding(
        key="validation-above-training",
        phase=course.phase,
        grave=False,
        title="Validation looks better than training: no harm",
        seen=f"In {course.named(best)}: training loss {loss(course.loss[best])}, accuracy "
        f"{percent(course.accuracy[best])}; validation loss {loss(course.val_loss[best])}, accuracy "
        f"{percent(course.val_accuracy[best])}.",
        means=f"In training {' and '.join(causes)}, in validation nothing of the kind. And the training numbers are "
        f"a mean over the epoch, the others are taken at its end.{luck if course.n < FEW_TO_COMPARE else ''}",
        remedy=Remedy("Nothing to change."),
    )


def well(case: Case) -> Iterator[Finding]:
    """Nothing is wrong; what may bring more is what the Keras guide proposes once a head has been trained."""
    kept = case.kept
    if kept is None or case.running:
        return
    course, best = kept
    low, high = wilson(course.right(best), course.n)
    more = remedies.first(remedies.unfrozen(case.recipe, case.line), remedies.augmented(case.recipe))
    done = Remedy("Nothing to change: all validation pictures are right. Open the test part when you are done.")
    yield Finding(
        key="well",
        phase=course.phase,
        grave=False,
        title="All is well",
        seen=f"Best in {course.named(best)}: validation loss {loss(course.val_loss[best])}, {right(course, best)} "
        f"right (95 % interval {percent(low)} to {percent(high)}).",
        means="The curves show nothing to worry about, and the weights of that epoch were kept.",
        remedy=done if course.right(best) == course.n else more,
    )


def lines(found: Sequence[Finding]) -> list[str]:
    """Return findings as lines for a terminal."""
    return [
        line
        for each in found
        for line in (f"{each.title}. {each.means}", f"  {each.seen}", f"  → {each.remedy.sentence}")
    ]
