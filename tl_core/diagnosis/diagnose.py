"""What the curves of a run show, in plain words: findings, each with its evidence and one change to try."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

import numpy as np

from tl_core.dataset import duplicates, manifest
from tl_core.dataset.splits import VALIDATION
from tl_core.diagnosis import curves, remedies, rules_fit, rules_rate
from tl_core.diagnosis.curves import LEAST, TAIL, Case, Finding, TagCase
from tl_core.diagnosis.remedies import Remedy
from tl_core.freezing import outline
from tl_core.language import _
from tl_core.metrics import evidence
from tl_core.runs import EpochRow, RunFolder
from tl_core.wording import interval, loss, percent
from tl_core.workspace import Edition

#: Beside these, "validation looks better" would only distract.
MISLEADING = {"rate-too-high", "rate-too-low", "nothing-learnt"}
#: With fewer pictures the accuracy's 95% interval is wider than 20 points at worst: chance may be the whole cause.
FEW_TO_COMPARE = 96


def of_run(run: RunFolder, rows: Sequence[EpochRow] | None = None) -> list[Finding]:
    """Return what the curves of a run show so far, the most serious first. Loads no Keras.

    Args:
        run: finished, or going on.
        rows: its epochs where they are known already; else they are read from its history.

    Without validation pictures a curve shows nothing.
    """
    if run.recipe.everything:
        return []
    rows = run.history().rows if rows is None else rows
    report = run.report()
    recipe = run.recipe
    drawn = outline.load(run.project.workspace, recipe.backbone)
    training, n, counts = _counts(run.project.edition(recipe.manifest))
    several = recipe.head.several
    answers = n * len(counts) if several else n
    case = TagCase if several else Case
    return diagnose(
        case(
            recipe=recipe,
            phases=curves.read(rows, recipe, answers, _effective(run)),
            shares=tuple(count / max(n, 1) for count in counts),
            pictures=training,
            running=run.job.active,
            stopped=report.stopped if report else True,
            line=drawn.lines[drawn.top_third] if drawn else None,
        )
    )


def _effective(run: RunFolder) -> float:
    """Return how many different pictures say as much as the validation pictures.

    While a run goes on nobody has counted which are right: then each group of pictures that are alike counts once.
    """
    report = run.report()
    counted = report.validation.effective if report else None
    return _groups(run.project.edition(run.recipe.manifest)) if counted is None else counted


@lru_cache(maxsize=32)
def _groups(of: Edition) -> float:
    table = manifest.load(of.project, of.version).table
    validation = (table["split"] == VALIDATION).to_numpy()
    groups = duplicates.units(table)[validation]
    return evidence.of(np.ones(len(groups), bool), groups).effective


@lru_cache(maxsize=32)
def _counts(of: Edition) -> tuple[int, int, tuple[int, ...]]:
    """Return how many pictures train and validate, and how many of these are of each class, or have each label."""
    data = manifest.load(of.project, of.version)
    counts = data.counts()[VALIDATION]
    return len(data.split("train")), len(data.split(VALIDATION)), tuple(int(counts[label]) for label in data.classes)


def diagnose(case: Case) -> list[Finding]:
    """Return what the curves show, the most serious first; of findings that explain each other only the first."""
    if not case.phases:
        return []
    head, *tuned = case.phases
    findings = [*rules_rate.too_high(case, head), *rules_fit.harmed(case)]
    findings = findings or [each for phase in tuned for each in rules_rate.too_high(case, phase)]
    findings = findings or [*rules_rate.slow(case)]
    findings = findings or [*rules_fit.nothing_learned(case)]
    explained = {each.phase for each in findings if each.key != "still-improving"}
    for phase in case.phases:
        findings += rules_fit.over_fitting(case, phase) if phase.phase not in explained else []
    findings = findings or [*rules_fit.by_heart(case)]
    findings = findings or [*rules_fit.too_few(case)]
    findings = findings or [*well(case)]
    misleading = {each.key for each in findings} & MISLEADING
    return findings if misleading else [*findings, *validation_above(case)]


def validation_above(case: Case) -> Iterator[Finding]:
    """Validation looks better than training: because dropout and augmentation make only training harder.

    Keras FAQ, "Why is my training loss much higher than my testing loss?": such measures work in training alone, and
    the training loss is the mean over an epoch in which the network gets better.
    """
    if case.best is None:
        return
    phase, best = case.best
    dropout, augmented = case.recipe.head.dropout > 0 and not phase.convex, case.recipe.augmentation != "off"
    if not (dropout or augmented):
        return
    often = len(phase) >= TAIL and np.mean((phase.val_loss < phase.loss) & (phase.loss > LEAST)) > 0.5
    worse = phase.interval(phase.correct(best))[1] < phase.accuracy[best]
    if not often or phase.val_loss[best] >= phase.loss[best] or worse:
        return
    if dropout and augmented:
        cause = _("In training alone, dropout silences {share} of the units and the pictures are augmented at random.")
    elif dropout:
        cause = _("In training alone, dropout silences {share} of the units.")
    else:
        cause = _("In training alone, the pictures are augmented at random.")
    meaning = [
        cause.format(share=percent(case.recipe.head.dropout)),
        _("Training numbers are the mean over an epoch, validation numbers those at its end."),
    ]
    if phase.n < FEW_TO_COMPARE:
        meaning += [_("Chance plays a part, too: there are only {number} validation pictures.").format(number=phase.n)]
    yield Finding(
        key="validation-above-training",
        phase=phase.phase,
        serious=False,
        title=_("Validation looks better than training: no harm"),
        evidence=_(
            "In {epoch}: training loss {loss}, accuracy {accuracy}; validation loss {val_loss}, accuracy "
            "{val_accuracy}."
        ).format(
            epoch=phase.name(best),
            loss=loss(phase.loss[best]),
            accuracy=percent(phase.accuracy[best]),
            val_loss=loss(phase.val_loss[best]),
            val_accuracy=percent(phase.val_accuracy[best]),
        ),
        meaning=" ".join(meaning),
        remedy=Remedy(_("Nothing to change.")),
    )


def well(case: Case) -> Iterator[Finding]:
    """Nothing is wrong; what may gain more is what the Keras guide proposes once a head has been trained."""
    if case.best is None or case.running:
        return
    phase, best = case.best
    low, high = phase.interval(phase.correct(best))
    more = remedies.first(remedies.unfrozen(case.recipe, case.line), remedies.augmented(case.recipe))
    done = Remedy(_("Nothing to change: all validation pictures are right. The test pictures show whether that holds."))
    yield Finding(
        key="well",
        phase=phase.phase,
        serious=False,
        title=_("All is well"),
        evidence=_("Best in {epoch}: validation loss {loss}, {score} right (95% interval {interval}).").format(
            epoch=phase.name(best),
            loss=loss(phase.val_loss[best]),
            score=phase.score(best),
            interval=interval(low, high),
        ),
        meaning=_("The curves show nothing to worry about. The model keeps the weights of that epoch."),
        remedy=done if phase.correct(best) == phase.n else more,
    )


def lines(findings: Sequence[Finding]) -> list[str]:
    """Return findings as lines for a terminal."""
    return [
        line
        for each in findings
        for line in (f"{each.title}. {each.meaning}", f"  {each.evidence}", f"  → {each.remedy.sentence}")
    ]
