"""The commands that list what there is: networks, their blocks, runs."""

import argparse
import contextlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from tl_core import jobs, language, runs
from tl_core.accuracy import Accuracy
from tl_core.cli import boxes
from tl_core.cli.output import Show, beside_guess
from tl_core.dataset import kinds
from tl_core.errors import DamagedError, NotFoundError
from tl_core.evaluation import everything
from tl_core.files import to_json
from tl_core.freezing import names, outline
from tl_core.metrics.average_precision import AveragePrecision
from tl_core.networks import bert_weights, catalogue, tables, text_catalogue, weights
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.notebook import changes, rows
from tl_core.notebook.changes import Changed
from tl_core.notebook.rows import Notebook, Row
from tl_core.recipe import Everything
from tl_core.runs import RunFolder
from tl_core.wording import count, decimal, percent, pictures
from tl_core.workspace import Project, Workspace


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """A run in the list.

    Attributes:
        run: its project and id, as other commands take it.
        name: given, else by what matters of it: network and freeze line.
        note: of a person; empty without one.
        star: of a person.
        state: of its job.
        backbone: id of a row of the catalogue.
        created: in seconds since the epoch.
        validation: accuracy on the validation pictures, None before the run has finished; of several labels a picture
            the share with exactly the right ones.
        mean_average_precision: of several labels a picture, on the validation pictures; None for one label.
        boxes: average precision of boxes on the validation pictures; None for labels.
        shared: accuracy on the validation pictures that the runs of its project share; None where it has not
            predicted them.
        changed: what changed since the run before it in its project; None for the first, and for a damaged one.
        in_words: the same on one line; empty without it.
        everything: set where it learned from everything: from which run it comes, and how good that was.
        damage: what is damaged about it, a sentence; None if nothing is.
    """

    run: str
    name: str
    note: str
    star: bool
    state: str
    backbone: str
    created: float
    validation: Accuracy | None
    mean_average_precision: float | None = None
    boxes: AveragePrecision | None = None
    shared: Accuracy | None = None
    changed: Changed | None = None
    in_words: str = ""
    everything: Everything | None = None
    damage: str | None = None


def backbones(options: argparse.Namespace, show: Show) -> None:
    """List the networks of the catalogue and whether their weights are here."""
    workspace = Workspace.open(options.workspace)
    listed = [
        {**asdict(backbone), "weights": weights.status(backbone, workspace).state} for backbone in catalogue.CATALOGUE
    ]
    lines = [
        f"{row['id']:24} {count(row['parameters']):>7} parameters  "
        f"ImageNet accuracy {percent(row['top1'], 50_000)}  {row['weights']}"
        for row in listed
    ]
    readers = [
        {**asdict(network), "parameters": network.parameters, "weights": _there(network)}
        for network in text_catalogue.CATALOGUE
    ]
    lines += [
        f"{row['id']:24} {count(row['parameters']):>7} parameters  reads texts            {row['weights']}"
        for row in readers
    ]
    show({"backbones": listed, "for_texts": readers}, lines)


def _there(network: TextNetwork) -> str:
    """Return whether the weights of a network for texts are on this machine, as ``weights.status`` says it."""
    return "here" if bert_weights.source(network) else "missing"


def blocks(options: argparse.Namespace, show: Show) -> None:
    """List the blocks of a network from the picture upwards."""
    workspace, spec = Workspace.open(options.workspace), tables.get(options.backbone)
    drawn = outline.load(workspace, spec.id) or outline.draw(workspace.root, spec.id)
    lines = [
        f"{block.id:32} {block.label:32} {' × '.join(map(str, block.shape)):>16} "
        f"{count(block.parameters):>7} parameters {count(block.multiply_adds):>7} multiply-adds"
        for block in drawn.blocks
    ]
    show({"backbone": spec.id, **to_json(drawn)}, [*lines, *([drawn.note] if drawn.note else [])])


def list_runs(options: argparse.Namespace, show: Show) -> None:
    """List the runs of the workspace, the newest first."""
    workspace = Workspace.open(options.workspace)
    jobs.mark_interrupted(workspace)
    books = {project: rows.of_project(project) for project in workspace.projects()}
    every = [
        (each, _line(each)) for project, book in books.items() for each in _listed(project, book, changed=show.as_json)
    ]
    every.sort(key=lambda row: -row[0].created)
    listed, lines = [row for row, __ in every], [line for __, line in every]
    damaged = [project.damage() for project in workspace.damaged_projects()]
    lines += [each for each in (*damaged, *(row.damage for row in listed)) if each]
    for project, book in books.items():
        language.speak_of(kinds.of(project))
        lines += [f"{project.slug}: {said}"] if (said := book.luck.sentence()) else []
    luck = {project.slug: {"pictures": book.shared.n, **to_json(book.luck)} for project, book in books.items()}
    show(
        {"runs": listed, "luck": luck, "damaged_projects": damaged},
        lines or [f"No runs in {workspace.root} yet. Start with: python -m tl_core train FOLDER"],
    )


def _line(row: ListedRun) -> str:
    star = "* " if row.star else "  "
    note = f"  ({row.note})" if row.note else ""
    return f"{star}{row.run:50} {row.name:28} {row.state:12} {row.backbone:20} {_figure(row)}{note}".rstrip()


def _figure(row: ListedRun) -> str:
    if row.everything:
        before = row.everything
        how = everything.in_words(before.boxes) if before.boxes else beside_guess(before.before)
        return f"on everything; before, on {before.measured_on} {language.things()}: {how}"
    if row.boxes:
        return f"validation {boxes.in_short(row.boxes)} on {pictures(row.boxes.pictures)}"
    if row.mean_average_precision is not None and row.validation:
        mean = decimal(row.mean_average_precision, 3)
        return f"validation mean average precision {mean}; exactly right {beside_guess(row.validation)}"
    return f"validation {beside_guess(row.validation)}" if row.validation else ""


def _listed(project: Project, book: Notebook, *, changed: bool) -> Iterator[ListedRun]:
    """Yield the runs of a project, the newest first, with what changed where that is wanted: it reads predictions.

    What is said of a run, here and by who takes it, speaks of what the project holds.
    """
    language.speak_of(kinds.of(project))
    readable = [row for row in book.rows if row.recipe]
    before = dict(zip((row.id for row in readable), readable[1:], strict=False))
    for row in book.rows:
        run = RunFolder(project.runs / row.id)
        what = _changed(project, book, before.get(row.id), row) if changed else None
        yield ListedRun(
            run=run.reference,
            name=row.name,
            note=row.label.note,
            star=row.label.star,
            state=row.state,
            backbone=row.recipe.backbone if row.recipe else "",
            created=row.created,
            validation=row.validation,
            mean_average_precision=row.mean_average_precision,
            boxes=row.boxes,
            shared=row.accuracy,
            changed=what,
            in_words=what.sentence() if what else "",
            everything=row.recipe.everything if row.recipe else None,
            damage=row.damage,
        )


def _changed(project: Project, book: Notebook, old: Row | None, new: Row) -> Changed | None:
    if old is None:
        return None
    with contextlib.suppress(NotFoundError, DamagedError):  # deleted or damaged meanwhile
        return changes.between(RunFolder(project.runs / old.id), RunFolder(project.runs / new.id), book.shared)
    return None


def add_annotate_options(command: argparse.ArgumentParser) -> None:
    """Add what ``annotate`` takes."""
    command.add_argument("--name", help="what to call the run; an empty text gives it back its usual name")
    command.add_argument("--note", help="what is worth remembering; an empty text removes the note")
    command.add_argument("--star", action=argparse.BooleanOptionalAction, help="star the run, or remove its star")


def annotate(options: argparse.Namespace, show: Show) -> None:
    """Give a run a name, a note or a star."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.annotate(name=options.name, note=options.note, star=options.star)
    label, name = run.label, names.of(run)
    lines = [f"{run.reference}: {name}{', starred' if label.star else ''}", *([label.note] if label.note else [])]
    show({"run": run.reference, "name": name, "note": label.note, "star": label.star}, lines)
