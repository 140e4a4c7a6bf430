"""The command that imports pictures, and what ``train`` says of them before it starts."""

import argparse
import sys
from collections.abc import Callable, Collection
from pathlib import Path

from tl_core import api, paths, wording
from tl_core.about import SplitSettings, Things
from tl_core.boxes import importer as box_importer
from tl_core.boxes.importer import BoxReading
from tl_core.cli import travelling
from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.errors import InputError
from tl_core.files import to_json
from tl_core.ingest import importer
from tl_core.ingest.reading import Reading, Readings
from tl_core.ingest.report import ImportReport
from tl_core.ingest.sources import Source
from tl_core.tasks import table as tasks
from tl_core.tasks.task import Task
from tl_core.text import sources
from tl_core.text.guess import Chosen
from tl_core.text.reading import TextReading
from tl_core.workspace import Project, Workspace

MOST_NAMED = 50
#: What is guessed about a table of texts, by the name of the field.
GUESSES = ("encoding", "separator", "header", "table", "text", "label", "group")
#: The columns of a table of texts that can be named, and what they hold.
COLUMNS = {
    "text": "the column of the texts (default: seen from what they hold)",
    "label": "the column of the labels (default: the same)",
    "group": "the column of what belongs together, such as an author, and stays in one split",
}


def add_source(command: argparse.ArgumentParser) -> None:
    """Add the arguments that say what to import and how to read it."""
    command.add_argument(
        "folder",
        metavar="FOLDER",
        help="a folder or a zip: class/…, split/class/…, labels in file names or in a table; or a table of texts",
    )
    command.add_argument(
        "--kind",
        choices=[task.id for task in tasks.TASKS],
        help="what is learned: one label a picture, several (tags), boxes around things, or labels of texts (default: "
        "texts for a table or a folder of .txt files, else as the pictures and the tables beside them read)",
    )
    for name, text in COLUMNS.items():
        command.add_argument(f"--{name}-column", metavar="NAME", help=f"of a table of texts: {text}")
    command.add_argument(
        "--as",
        dest="reading",
        metavar="READING",
        help="what gives the classes: one of the readings that `import --dry-run` lists (default: the likeliest)",
    )


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what ``import`` takes."""
    add_source(command)
    command.add_argument(
        "--project", metavar="NAME", help="add to this project (default: that of the folder; its pictures are replaced)"
    )
    command.add_argument("--dry-run", action="store_true", help="say how the folder is read, and import nothing")


def task_of(options: argparse.Namespace) -> Task:
    """Return what is told apart: as a person says, else as what is at the path reads.

    Raises:
        InputError: there is nothing at the path, or an option says what this kind does not know.
    """
    path = paths.existing(options.folder)
    task = tasks.get(options.kind) if options.kind else tasks.of_path(path, labelled=options.reading is not None)
    if task.id == "texts" and options.reading is not None:
        raise InputError(f"“{path.name}” is read as texts, and --as is for pictures. Leave it out.")
    if task.id == "boxes" and options.reading is not None:
        raise InputError("--as says what gives the classes, and boxes have them. Leave it out.")
    if task.id != "texts" and path.suffix.lower() in sources.TABLES:
        raise InputError(f"“{path.name}” is a table, and --kind {task.id} is for a folder or a zip. Leave it out.")
    if task.id != "texts" and (columns := _columns_given(options)):
        raise InputError(
            f"“{path.name}” is read as pictures, and {columns} is for a table of texts. Leave it out, or add "
            "--kind texts."
        )
    return task


def _columns_given(options: argparse.Namespace) -> str:
    """Return the options that name columns, as a person gave them, or ""."""
    given = [f"--{name}-column" for name in COLUMNS if getattr(options, f"{name}_column") is not None]
    return wording.listed(given) if given else ""


def chosen_of(options: argparse.Namespace) -> Chosen:
    """Return what a person says of a table of texts."""
    return Chosen(text=options.text_column, label=options.label_column, group=options.group_column)


def import_command(options: argparse.Namespace, show: Show) -> None:
    """Show how a folder is read, and import it unless ``--dry-run`` is given; or import an exported project."""
    if packed := travelling.packed_at(options.folder):
        travelling.import_project(options, packed, show)
        return
    if otherwise := _OTHERWISE.get(task_of(options).id):
        otherwise(options, show)
        return
    readings = importer.readings(api.source_at(Path(options.folder))).of_kind(options.kind)
    chosen = readings.choose(options.reading) if options.reading or not options.dry_run else readings.best
    lines = reading_lines(readings, chosen)
    if not options.dry_run:
        project, report = imported(options, Workspace.open(options.workspace), SplitSettings(), options.project)
        lines += [*report_lines(report, lines), f"Project {project.slug}"]
    if show.as_json:
        print("\n".join(lines), file=sys.stderr)
    show(as_json(readings, chosen), lines)


def _import_texts(options: argparse.Namespace, show: Show) -> None:
    reading = read_texts(options)
    lines = text_lines(reading)
    if not options.dry_run:
        workspace = Workspace.open(options.workspace)
        project, report = api.import_texts(
            workspace, Path(options.folder), chosen=chosen_of(options), project=options.project
        )
        lines += [*report_lines(report, lines), f"Project {project.slug}"]
    if show.as_json:
        print("\n".join(lines), file=sys.stderr)
    value = {
        "kind": "texts",
        "classes": reading.classes,
        "parts": reading.parts,
        "left_out": [{"name": item.name, "why": item.reason} for item in reading.left_out],
        **{name: to_json(getattr(reading, name)) for name in GUESSES if getattr(reading, name) is not None},
    }
    show(value, lines)


def _import_boxes(options: argparse.Namespace, show: Show) -> None:
    reading = read_boxes(options)
    lines = box_lines(reading)
    if not options.dry_run:
        workspace = Workspace.open(options.workspace)
        project, report = imported_boxes(options, workspace, SplitSettings(), options.project)
        lines += [*report_lines(report, lines), f"Project {project.slug}"]
    if show.as_json:
        print("\n".join(lines), file=sys.stderr)
    value = {
        "kind": "boxes",
        "form": reading.form,
        "classes": reading.classes,
        "pictures": len(reading.tasks),
        "left_out": [{"name": item.name, "why": item.reason} for item in reading.left_out],
        "remarks": reading.remarks,
    }
    show(value, lines)


#: Kinds that are read in their own way.
_OTHERWISE: dict[Things, Callable[[argparse.Namespace, Show], None]] = {"texts": _import_texts, "boxes": _import_boxes}


def read_boxes(options: argparse.Namespace) -> BoxReading:
    """Return how the boxes that the options name are read. Raises InputError."""
    return box_importer.read(api.source_at(Path(options.folder)))


def box_lines(reading: BoxReading) -> list[str]:
    """Return how boxes are read, as lines for a person."""
    return [reading.summary(), *reading.remarks]


def imported_boxes(
    options: argparse.Namespace, workspace: Workspace, settings: SplitSettings, project: str | None = None
) -> tuple[Project, ImportReport]:
    """Import the boxes that the options name, with a bar on the terminal."""
    terminal = Terminal(sys.stderr)
    try:
        return api.import_boxes(workspace, Path(options.folder), settings, terminal, project=project)
    finally:
        terminal.close()


def read_texts(options: argparse.Namespace) -> TextReading:
    """Return how the texts that the options name are read. Raises InputError."""
    reading = sources.read(Source("folder", str(paths.existing(options.folder))), chosen_of(options))
    if reading.text is None and (columns := _columns_given(options)):
        raise InputError(
            f"“{reading.name}” has a folder for each class, so it has no columns, and {columns} is for a table. "
            "Leave it out."
        )
    return reading


def text_lines(reading: TextReading) -> list[str]:
    """Return how texts are read, as lines for a person."""
    guesses = [(name, getattr(reading, name)) for name in GUESSES]
    said = [f"  {name}: {guess.value or 'none'}. {guess.why}" for name, guess in guesses if guess is not None]
    doubt = [f"Not sure: {reading.doubt}"] if reading.doubt else []
    return [f"Texts: {reading.summary()}", *said, *doubt, *reading.remarks]


def as_json(readings: Readings, chosen: Reading) -> dict[str, object]:
    """Return a reading as a JSON object. ``parts`` counts the pictures to which the source itself gives a split."""
    return {
        "classes": chosen.classes,
        "parts": chosen.parts,
        "left_out": [{"name": item.name, "why": item.reason} for item in chosen.left_out],
        "kind": chosen.kind,
        "reading": chosen.name,
        "readings": readings.names,
    }


def reading_lines(readings: Readings, chosen: Reading) -> list[str]:
    """Return how a folder is read, as lines for a person."""
    title = [f"Reading: {chosen.name}. {chosen.title}"] if chosen.name else []
    doubt = [f"Not sure: {chosen.doubt}"] if chosen.doubt and chosen is readings.best else []
    others = [f"  --as {other.name}: {other.title}" for other in readings.every if other.name and other is not chosen]
    more = ["Other readings:", *others] if others else []
    return [*title, *chosen.sentences(), *doubt, *more]


def imported(
    options: argparse.Namespace, workspace: Workspace, settings: SplitSettings, project: str | None = None
) -> tuple[Project, ImportReport]:
    """Import what the options name, with a bar on the terminal."""
    terminal = Terminal(sys.stderr)
    try:
        return api.import_folder(
            workspace,
            Path(options.folder),
            settings,
            terminal,
            reading=options.reading,
            kind=options.kind,
            project=project,
        )
    finally:
        terminal.close()


def report_lines(report: ImportReport, said: Collection[str]) -> list[str]:
    """Return the report of an import as lines for a person, without what was ``said`` before."""
    left_out = [f"  {'duplicate' if item.copy else 'skipped'}: {item.name}: {item.reason}" for item in report.left_out]
    more = [f"  … and {len(left_out) - MOST_NAMED} more"] if len(left_out) > MOST_NAMED else []
    return [report.summary(), *left_out[:MOST_NAMED], *more, *(note for note in report.notes if note not in said)]
