"""What a report says beside its pictures: limits, settings, the table of its data. Loads no TensorFlow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tl_core import runs, wording
from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.dataset.notes import FEW_PICTURES
from tl_core.dataset.splits import SPLIT_PICTURES, TEST
from tl_core.evaluation import scores, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.export import page_words, subjects
from tl_core.export.measured import Measured
from tl_core.language import N_, _
from tl_core.metrics import confusion
from tl_core.metrics.multilabel import TagScores
from tl_core.networks import tables
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.recipe import AUGMENTATIONS, Recipe
from tl_core.runs import RunFolder, RunReport

#: A matrix of more classes is too large for a page: then the most frequent confusions are shown.
MOST_IN_MATRIX = 10
MOST_CONFUSED = 6
#: Classes in the table of data at most.
MOST_ROWS = 15
_POOLING = {
    "average": N_("average pooling"),
    "max": N_("max pooling"),
    "flatten": N_("flatten pooling"),
    "first": N_("first hidden state"),
}
#: What is hard for a model that has seen one collection: of pictures, and of other kinds of task.
ELSEWHERE_PICTURES = N_(
    "Its pictures come from one collection. Those of other cameras, places and times may be harder."
)
ELSEWHERE: dict[Things, str] = {
    "texts": N_("Its texts come from one collection. Those of other people, places and times may be harder.")
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The pictures on which a model was measured: ``n`` of ``split``; ``missing`` classes had none."""

    split: str
    n: int
    missing: int


@dataclass(frozen=True, kw_only=True)
class DataRow:
    """A class, or all others (``label`` is "" then): how many pictures of each kind, and how many are right."""

    label: str
    train: int
    validation: int
    test: int
    right: str = ""


@dataclass(frozen=True, kw_only=True)
class Confusion:
    """Pictures of one class that were taken for another, in words."""

    truth: str
    answer: str
    pictures: str


@dataclass(frozen=True, kw_only=True)
class Cell:
    """A cell of the confusion matrix: how many pictures, and their share of the class, 0 to 1."""

    pictures: int
    share: float


def matrix(predicted: Predictions) -> list[list[Cell]]:
    """Return the confusion matrix, a row for each true class; nothing where it is too large for a page."""
    if len(predicted.classes) > MOST_IN_MATRIX:
        return []
    counts = scores.matrix(predicted)
    return [[Cell(pictures=int(each), share=float(each / max(1, row.sum()))) for each in row] for row in counts]


def confused(predicted: Predictions) -> list[Confusion]:
    """Return the most frequent confusions."""
    names, pairs = predicted.classes, confusion.pairs(scores.matrix(predicted))[:MOST_CONFUSED]
    support = np.bincount(predicted.truth, minlength=len(names))
    return [
        Confusion(
            truth=names[each.truth],
            answer=names[each.predicted],
            pictures=wording.out_of(each.pictures, int(support[each.truth])),
        )
        for each in pairs
    ]


def refused(run: RunFolder, predicted: Predictions) -> str:
    """Return what the model refuses, and how often it did, as sentences."""
    rule, known = page_words.refusal(run), unknowns.of(run)
    if known is None or known.threshold(unknowns.refused(run)) <= unknowns.ALL:
        return rule
    rule = " ".join([_("“None of these” is the answer to a picture that is unlike those it learned from."), rule])
    if not len(predicted):
        return rule
    judged = unknowns.judge(run, predicted.features, predicted.probabilities)
    count = wording.out_of(sum(each is not None and each.refused for each in judged), len(judged))
    said = _("It refused {some} {pictures}. The figures above count its answers for those, too.")
    return " ".join([rule, said.format(some=count, pictures=_(SPLIT_PICTURES[predicted.split]))])


def limits(run: RunFolder, found: Measured | None, asked: Asked) -> list[str]:
    """Return where the model may fail, or is not known, as sentences."""
    few = int((manifest.of_run(run).counts()["train"] < FEW_PICTURES).sum())
    report, answers = run.report(), subjects.of(run).answers
    size, _refusal, *more = page_words.limits(run)
    lines = [
        _("It knows {classes} and nothing else.").format(classes=answers(len(run.classes))),
        size,
        *more,
        _(ELSEWHERE.get(kinds.of(run.project), ELSEWHERE_PICTURES)),
        *_by_guessing(found),
        *_opened(run, found),
        *scores.leaks(run, asked.split),
    ]
    if few:
        lines.append(
            _("{classes} had fewer than {few} training pictures. More would help most.").format(
                classes=answers(few), few=FEW_PICTURES
            )
        )
    if asked.missing and asked.n:
        lines.append(
            _("It was not measured on {classes}, which had no {pictures}.").format(
                classes=answers(asked.missing), pictures=_(SPLIT_PICTURES[asked.split])
            )
        )
    if report and report.stopped:
        lines.append(_("A person stopped its training early."))
    return lines


def _by_guessing(found: Measured | None) -> list[str]:
    figures = found.figures if found else None
    if figures is None or figures.baseline is None or figures.interval[0] > figures.baseline:
        return []
    return [found.no_better()] if found else []


def _opened(run: RunFolder, found: Measured | None) -> list[str]:
    if run.recipe.everything and run.recipe.everything.test:
        return []
    if found is None or found.split != TEST:
        sealed = len(manifest.of_run(run).split(TEST))
        lines = [_("It was not measured on test pictures."), _("They are still sealed.") if sealed else ""]
        return [" ".join(filter(None, lines))]
    every = runs.times_opened(run.project)
    if every <= 1:
        return []
    return [
        _("The test pictures were opened {times}. If that served to choose, it looks better than it is.").format(
            times=wording.times(every)
        )
    ]


def data(run: RunFolder, right: Mapping[str, str]) -> list[DataRow]:
    """Return how many pictures each class has; the largest ones, where there are many, and one row for all others.

    Args:
        run: whose pictures they are.
        right: of how many the model is right, by class, in words.
    """
    counts = manifest.of_run(run).counts()
    counts = counts[counts[["train", "validation", "test"]].sum(axis=1) > 0]
    largest = counts.sort_values("train", ascending=False, kind="stable").index[:MOST_ROWS]
    shown = counts[counts.index.isin(largest)]
    rows = [
        DataRow(
            label=str(label),
            train=int(row["train"]),
            validation=int(row["validation"]),
            test=int(row["test"]),
            right=right.get(str(label), "–"),
        )
        for label, row in shown.iterrows()
    ]
    rest = counts.drop(shown.index)[["train", "validation", "test"]].sum()
    others = DataRow(label="", train=int(rest["train"]), validation=int(rest["validation"]), test=int(rest["test"]))
    return [*rows, others] if len(counts) > len(shown) else rows


def right(found: Sequence[confusion.ClassScores] | Sequence[TagScores]) -> dict[str, str]:
    """Return of how many pictures of each class the model is right, by class, in words."""
    return {
        each.label: wording.out_of(each.recall * each.support, each.support)
        for each in found
        if each.recall is not None
    }


def settings(run: RunFolder) -> list[tuple[str, str]]:
    """Return how the run was set up and how it went, each with its name."""
    recipe, spec, report = run.recipe, tables.get(run.recipe.backbone), run.report()
    texts = isinstance(spec, TextNetwork)
    parameters = spec.parameters if isinstance(spec, TextNetwork) else spec.backbone_parameters
    published = _("as published ({licence})") if texts else _("ImageNet ({licence})")
    size = (
        (_("Word pieces"), _("at most {number}").format(number=recipe.image_size))
        if texts
        else (_("Picture size"), _("{side} × {side} pixels").format(side=recipe.image_size))
    )
    first = published.format(licence=spec.licence or _("licence unknown"))
    rows = [
        (
            _("Run"),
            _("{run}, pictures of version {version}").format(run=run.reference, version=recipe.manifest),
        ),
        (
            _("Network"),
            _("{network}, {number} parameters").format(network=spec.title, number=wording.count(parameters)),
        ),
        (_("First weights"), first if recipe.weights == "imagenet" else _("random")),
        size,
        (_("Freeze line"), _line(recipe)),
        (_("Head"), _head(recipe)),
        *([] if texts else [(_("Augmentation"), _(AUGMENTATIONS[recipe.augmentation]))]),
        _learned(recipe, report),
    ]
    if recipe.fine_tune_epochs:
        rate = wording.rate(recipe.fine_tune_learning_rate)
        said = _("at most {epochs} epochs, rate {rate}").format(epochs=recipe.fine_tune_epochs, rate=rate)
        rows.append((_("Fine-tuning"), said))
    rows += [
        (_("Batch size"), wording.number(recipe.batch_size)),
        (_("Classes weighed"), _("yes") if recipe.class_weights else _("no")),
        (_("Seed"), str(recipe.seed)),
    ]
    if report:
        best = (
            _("{epoch} (head), of {epochs} in all")
            if report.best.phase == "head"
            else _("{epoch} (fine-tuning), of {epochs} in all")
        )
        rows += [
            (_("Best epoch"), best.format(epoch=report.best.epoch, epochs=len(report.history))),
            (_("Temperature"), wording.rate(float(f"{report.temperature:.3g}"))),
            (_("Time"), wording.duration(report.seconds.get("total", 0.0))),
        ]
    if recipe.everything:
        rows.append((_("Repeats"), _("the run {run}, on everything").format(run=recipe.everything.run)))
    if licence := run.project.about().licence:
        rows.append((_("Licence of the pictures"), licence))
    return rows


def _learned(recipe: Recipe, report: RunReport | None) -> tuple[str, str]:
    """Return how the head learned."""
    if report is None or report.l2 is None:
        rate = wording.rate(recipe.learning_rate)
        return _("Epochs"), _("at most {epochs}, rate {rate}").format(epochs=recipe.epochs, rate=rate)
    return _("Learning of the head"), _("logistic regression, L2 penalty {penalty}").format(penalty=f"{report.l2:g}")


def _line(recipe: Recipe) -> str:
    fixed = {"all": _("after the whole network"), "none": _("before the first block")}
    line = fixed.get(recipe.freeze) or _("after {layer}").format(layer=recipe.freeze)
    if not recipe.keep_frozen:
        return line
    return _("{line}; also frozen: {layers}").format(line=line, layers=wording.listed(list(recipe.keep_frozen)))


def _head(recipe: Recipe) -> str:
    head = recipe.head
    parts = [
        _(_POOLING[head.pooling]),
        _("also through a tanh") if head.saturated else "",
        _("centred") if head.centred else "",
        _("{number} hidden units").format(number=head.hidden) if head.hidden else "",
        _("dropout {share}").format(share=wording.percent(head.dropout)),
        head.activation,
    ]
    return ", ".join(filter(None, parts))
