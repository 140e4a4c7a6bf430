"""The report of a run: one HTML file that asks nobody for anything, to read, to print, or to save as PDF.

``assets/report`` holds its template and its looks. The template escapes whatever it is given.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jinja2
import numpy as np

from tl_core import language, wording
from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.dataset import tags as dataset_tags
from tl_core.dataset.splits import SPLIT_PICTURES, TRAIN
from tl_core.errors import TLError
from tl_core.evaluation import inference, predictions, scores, tags
from tl_core.export import freeze_drawing, measured, page_words, pictures, report_examples, report_words, subjects
from tl_core.export.freeze_drawing import Drawing
from tl_core.export.measured import Measured, TagMeasured
from tl_core.export.report_examples import Example
from tl_core.export.report_words import Asked, Cell, Confusion, DataRow
from tl_core.files import write_bytes
from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.runs import RunFolder

ASSETS = Path(__file__).parents[2] / "assets"
#: Classes that are shown with pictures, and their pictures all in all, at most; and of one class.
MOST_CLASSES, MOST_PICTURES, MOST_OF_A_CLASS = 16, 16, 4
#: Longer side of a picture of a class, in pixels.
SIDE = 180


@dataclass(frozen=True, kw_only=True)
class ShownClass:
    """A class, how many training pictures it has, and some of them as data addresses ("" for one that is damaged).

    Of texts there are ``texts``, their beginnings.
    """

    name: str
    count: str
    pictures: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the template is given. All text is plain.

    Attributes:
        title: name of the project.
        sentence: of the author's; "" for none.
        made: when and of what it was made.
        found: how good it is; None where that was not measured.
        not_measured: what is said then.
        kind: what the pictures are called that the matrix and the examples are from.
        n: how many those are.
        asked: the same in words.
        classes: names in the order of the model's output.
        answers: how many those are, in words.
        shown: of those, with pictures.
        learned: how many training pictures there are, in words.
        trained: how it was trained, a sentence.
        drawing: of the network; None where it cannot be drawn.
        matrix: see ``report_words.matrix``.
        confused: the most frequent confusions.
        each: what each tag is worth, the first row of which is its head; empty where there is one label.
        right: examples.
        wrong: examples.
        mistakes: how many pictures are wrong.
        refused: what it refuses.
        limits: sentences.
        data: how many pictures each class has.
        settings: of the run, each with its name.
        icon: an SVG, in base64.
        style: the style sheet.
    """

    title: str
    sentence: str
    made: str
    found: Measured | None
    not_measured: str
    kind: str
    n: int
    asked: str
    classes: list[str]
    answers: str
    shown: list[ShownClass]
    learned: str
    trained: str
    drawing: Drawing | None
    matrix: list[list[Cell]]
    confused: list[Confusion]
    each: list[list[str]]
    right: list[Example]
    wrong: list[Example]
    mistakes: int
    refused: str
    limits: list[str]
    data: list[DataRow]
    settings: list[tuple[str, str]]
    icon: str
    style: str


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the report of a run.

    Raises:
        NotFoundError: the run has no model yet.
        StorageError: the disk is full.
        Stopped: a person pressed Stop.
    """
    inference.ensure(run, progress)
    write_bytes(target, html(of(run, progress)).encode(errors="replace"))


def html(report: Report) -> str:
    """Return a report as HTML."""
    loader = jinja2.FileSystemLoader(ASSETS / "report")
    environment = jinja2.Environment(
        loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("report.html").render(
        report=report, wording=wording, language=language.current(), _=_
    )


def of(run: RunFolder, progress: Progress) -> Report:
    """Return what the report of a run says. Its predictions for the validation pictures are stored."""
    found, blocks, subject = measured.of(run), _outline(run), subjects.of(run)
    split = found.split if found else "validation"
    return Report(
        title=run.project.name,
        sentence=page_words.sentence(run),
        made=page_words.made(run),
        found=found,
        not_measured=measured.not_measured(run),
        kind=_(SPLIT_PICTURES[split]),
        classes=run.classes,
        answers=subject.answers(len(run.classes)),
        shown=_shown(run),
        learned=wording.plural(len(predictions.pictures_of(run, TRAIN)), "training picture", "training pictures"),
        trained=freeze_drawing.sentence(run, blocks),
        drawing=freeze_drawing.draw(run, blocks) if blocks else None,
        settings=report_words.settings(run),
        icon=base64.b64encode((ASSETS / "icon.svg").read_bytes()).decode(),
        style=(ASSETS / "report" / "style.css").read_text(encoding="utf-8"),
        **ANSWERED.get(kinds.of(run.project), _classes)(run, found, split, progress),
    )


def _classes(run: RunFolder, found: Measured | None, split: str, progress: Progress) -> dict[str, Any]:
    """Return what a report says of answers with one label."""
    predicted = predictions.load(run, split)
    assert predicted is not None, "what the job has stored, or the test when it was opened"
    missing = len(predicted.classes) - len(np.unique(predicted.truth))
    return {
        "n": len(predicted),
        "asked": wording.of_split(len(predicted), split),
        "matrix": report_words.matrix(predicted),
        "confused": report_words.confused(predicted),
        "each": [],
        "right": report_examples.right(run, predicted, progress),
        "wrong": report_examples.wrong(run, predicted, progress),
        "mistakes": int((~predicted.correct).sum()),
        "refused": report_words.refused(run, predicted),
        "limits": report_words.limits(run, found, Asked(split=split, n=len(predicted), missing=missing)),
        "data": report_words.data(run, report_words.right(scores.per_class(predicted))),
    }


def _tags(run: RunFolder, found: Measured | None, split: str, progress: Progress) -> dict[str, Any]:
    """Return what a report says of answers with several labels."""
    predicted = tags.load(run, split)
    assert predicted is not None, "what the job has stored, or the test when it was opened"
    given = predicted.given(tags.thresholds_of(run))
    missing = int((~predicted.truth.any(axis=0)).sum())
    return {
        "n": len(predicted),
        "asked": wording.of_split(len(predicted), split),
        "matrix": [],
        "confused": [],
        "each": found.each() if found else [],
        "right": report_examples.right_tags(run, predicted, given),
        "wrong": report_examples.wrong_tags(run, predicted, given),
        "mistakes": int((given != predicted.truth).any(axis=1).sum()),
        "refused": page_words.refusal(run),
        "limits": report_words.limits(run, found, Asked(split=split, n=len(predicted), missing=missing)),
        "data": report_words.data(
            run, report_words.right(found.figures.tags if isinstance(found, TagMeasured) else [])
        ),
    }


#: What a report says of answers that are no single label.
ANSWERED: dict[Things, Callable[[RunFolder, Measured | None, str, Progress], dict[str, Any]]] = {"tags": _tags}


def _outline(run: RunFolder) -> Outline | None:
    """Return the blocks of the network of a run; None where it cannot be built."""
    workspace, backbone = run.project.workspace, run.recipe.backbone
    try:
        return outline.load(workspace, backbone) or outline.draw(workspace.root, backbone)
    except TLError:
        return None


def _shown(run: RunFolder) -> list[ShownClass]:
    """Return classes with pictures: all of them, or those that have most."""
    data = manifest.of_run(run)
    ids: dict[str, list[str]] = {name: [] for name in run.classes}
    for label, id_ in data.split(TRAIN)[["label", "id"]].itertuples(index=False):
        for name in dataset_tags.names(data.kind, str(label)):
            ids.setdefault(name, []).append(id_)
    largest = sorted(run.classes, key=lambda name: -len(ids[name]))[:MOST_CLASSES]
    each = min(MOST_OF_A_CLASS, MOST_PICTURES // max(1, len(largest)))
    some = {
        name: [ids[name][at] for at in pictures.spread(len(ids[name]), each)] if ids[name] else [] for name in largest
    }
    sample = SAMPLES.get(kinds.of(run.project), _thumbnails)
    return [
        ShownClass(name=name, count=wording.pictures(len(ids[name])), **sample(run, some[name]))
        for name in run.classes
        if name in some
    ]


def _thumbnails(run: RunFolder, ids: list[str]) -> dict[str, list[str]]:
    return {"pictures": [report_examples.thumbnail(run, id_, SIDE) for id_ in ids]}


def _beginnings(run: RunFolder, ids: list[str]) -> dict[str, list[str]]:
    return {"texts": [report_examples.beginning(run, id_) for id_ in ids]}


#: How some examples of a class are shown that are no pictures: fields of ``ShownClass``.
SAMPLES: dict[Things, Callable[[RunFolder, list[str]], dict[str, list[str]]]] = {"texts": _beginnings}
