"""The report of a run: one HTML file that asks nobody for anything, to read, to print, or to save as PDF.

``assets/report`` holds its template and its looks. The template escapes whatever it is given.
"""

import base64
from dataclasses import dataclass
from pathlib import Path

import jinja2

from tl_core import language, wording
from tl_core.dataset import manifest
from tl_core.dataset.splits import SPLIT_PICTURES, TRAIN
from tl_core.errors import TLError
from tl_core.evaluation import inference, predictions
from tl_core.export import freeze_drawing, measured, page_words, pictures, report_examples, report_words
from tl_core.export.freeze_drawing import Drawing
from tl_core.export.measured import Measured
from tl_core.export.report_examples import Example
from tl_core.export.report_words import Cell, Confusion, DataRow
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
    """A class, how many training pictures it has, and some of them as data addresses ("" for one that is damaged)."""

    name: str
    count: str
    pictures: list[str]


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
        shown: of those, with pictures.
        learned: how many training pictures there are, in words.
        trained: how it was trained, a sentence.
        drawing: of the network; None where it cannot be drawn.
        matrix: see ``report_words.matrix``.
        confused: the most frequent confusions.
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
    shown: list[ShownClass]
    learned: str
    trained: str
    drawing: Drawing | None
    matrix: list[list[Cell]]
    confused: list[Confusion]
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
    found, blocks = measured.of(run), _outline(run)
    predicted = predictions.load(run, found.split if found else "validation")
    assert predicted is not None, "what the job has stored, or the test when it was opened"
    return Report(
        title=run.project.name,
        sentence=page_words.sentence(run),
        made=page_words.made(run),
        found=found,
        not_measured=measured.not_measured(run),
        kind=_(SPLIT_PICTURES[predicted.split]),
        n=len(predicted),
        asked=report_words.asked(predicted),
        classes=run.classes,
        shown=_shown(run),
        learned=wording.plural(len(predictions.pictures_of(run, TRAIN)), "training picture", "training pictures"),
        trained=freeze_drawing.sentence(run, blocks),
        drawing=freeze_drawing.draw(run, blocks) if blocks else None,
        matrix=report_words.matrix(predicted),
        confused=report_words.confused(predicted),
        right=report_examples.right(run, predicted, progress),
        wrong=report_examples.wrong(run, predicted, progress),
        mistakes=int((~predicted.correct).sum()),
        refused=report_words.refused(run, predicted),
        limits=report_words.limits(run, found, predicted),
        data=report_words.data(run, predicted),
        settings=report_words.settings(run),
        icon=base64.b64encode((ASSETS / "icon.svg").read_bytes()).decode(),
        style=(ASSETS / "report" / "style.css").read_text(encoding="utf-8"),
    )


def _outline(run: RunFolder) -> Outline | None:
    """Return the blocks of the network of a run; None where it cannot be built."""
    workspace, backbone = run.project.workspace, run.recipe.backbone
    try:
        return outline.load(workspace, backbone) or outline.draw(workspace.root, backbone)
    except TLError:
        return None


def _shown(run: RunFolder) -> list[ShownClass]:
    """Return classes with pictures: all of them, or those that have most."""
    table = manifest.of_run(run).split(TRAIN)
    ids = {str(label): rows["id"].tolist() for label, rows in table.groupby("label")}
    largest = sorted(run.classes, key=lambda name: -len(ids.get(name, [])))[:MOST_CLASSES]
    each = min(MOST_OF_A_CLASS, MOST_PICTURES // max(1, len(largest)))
    return [
        ShownClass(
            name=name,
            count=wording.pictures(len(ids.get(name, []))),
            pictures=[
                report_examples.thumbnail(run, ids[name][at], SIDE)
                for at in (pictures.spread(len(ids[name]), each) if name in ids else [])
            ],
        )
        for name in run.classes
        if name in set(largest)
    ]
