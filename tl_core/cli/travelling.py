"""The commands that write files which travel: a project, its data set, predictions, mistakes; and open a project."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tl_core import language, runs, wording
from tl_core.about import Things
from tl_core.boxes.reading import FORMS
from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.dataset import kinds, manifest
from tl_core.dataset.names import plain
from tl_core.dataset.splits import SPLITS, VALIDATION
from tl_core.errors import InputError
from tl_core.files import to_json, write_bytes
from tl_core.paths import existing, target_file
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import box_sets, job, judged, pack, record, tables, unpack
from tl_core.travel.judged import NothingJudgedError
from tl_core.travel.record import Record
from tl_core.workspace import Project, Workspace

#: By what the pictures of ``mistakes --to`` lie in folders.
_BY = {kinds.PICTURES: "class and predicted class", kinds.TAGS: "the label that is wrong"}


def _as_list(project: Project, form: str, target: Path, progress: Progress) -> int:
    table = manifest.load(project).table
    write_bytes(target, tables.dataset(project, table))
    return len(table)


def _as_folders(project: Project, form: str, target: Path, progress: Progress) -> int:
    return job.write_dataset(project, target, progress)


#: What ``dataset --as`` takes of each kind of thing, and what writes it; the first one is the default.
_Write = Callable[[Project, str, Path, Progress], int]
_OF_LABELS: dict[str, _Write] = {"folders": _as_folders, "csv": _as_list}
_SETS: dict[Things, dict[str, _Write]] = {
    "pictures": _OF_LABELS,
    "tags": _OF_LABELS,
    "boxes": dict.fromkeys(FORMS, box_sets.write),
}


def add_pack_options(command: argparse.ArgumentParser) -> None:
    """Add what ``pack`` takes."""
    command.add_argument("--to", metavar="FILE.zip", required=True, help="the zip; one that is there is replaced")
    command.add_argument("--without-pictures", action="store_true", help="only their list; import the pictures again")
    command.add_argument("--without-runs", action="store_true", help="leave models and their results out")


def add_dataset_options(command: argparse.ArgumentParser) -> None:
    """Add what ``dataset`` takes."""
    command.add_argument(
        "--as",
        dest="form",
        choices=list(dict.fromkeys(form for forms in _SETS.values() for form in forms)),
        help="a zip of split/class/… (default), or the list; with boxes, a zip that has them (default: coco)",
    )
    command.add_argument("--to", metavar="FILE", required=True, help="the zip or CSV; one that is there is replaced")


def add_predictions_options(command: argparse.ArgumentParser) -> None:
    """Add what ``predictions`` takes."""
    command.add_argument("--split", choices=SPLITS, default=VALIDATION, help="which pictures (default: %(default)s)")
    command.add_argument("--to", metavar="FILE.csv", required=True, help="the CSV; one that is there is replaced")


def add_mistakes_options(command: argparse.ArgumentParser) -> None:
    """Add what ``mistakes`` takes."""
    command.add_argument("--to", metavar="FILE.zip", help="write wrong and refused pictures into this zip, too")
    command.add_argument("--split", choices=SPLITS, default=VALIDATION, help="of the zip (default: %(default)s)")


def pack_command(options: argparse.Namespace, show: Show) -> None:
    """Export a project as one zip."""
    project, target = Workspace.open(options.workspace).project(options.project), target_file(options.to)
    terminal = Terminal(sys.stderr)
    try:
        packed = pack.pack(
            project,
            target,
            terminal,
            pictures=not options.without_pictures,
            with_runs=not options.without_runs,
        )
    finally:
        terminal.close()
    about = {"pictures": packed.record.listed, "runs": packed.record.runs, "left_out": packed.left_out}
    show(_file(target) | about, [_line(target), packed.record.sentence(), *packed.left_out])


def dataset(options: argparse.Namespace, show: Show) -> None:
    """Export the present pictures of a project as folders, or their list as CSV."""
    project, target = Workspace.open(options.workspace).project(options.project), target_file(options.to)
    forms = _SETS.get(kinds.of(project))
    if forms is None:
        raise InputError(kinds.only_pictures(project))
    form = options.form or next(iter(forms))
    if form not in forms:
        raise InputError(f"--as {form} is for other pictures. “{project.name}” comes as: {', '.join(forms)}.")
    terminal = Terminal(sys.stderr)
    try:
        count = forms[form](project, form, target, terminal)
    finally:
        terminal.close()
    show(_file(target) | {"pictures": count}, [_line(target), wording.pictures(count)])


def predictions(options: argparse.Namespace, show: Show) -> None:
    """Export the predictions for a split as CSV."""
    run, target = runs.find(Workspace.open(options.workspace), options.run), target_file(options.to)
    kinds.require_labels(run.project)
    language.speak_of(kinds.of(run.project))
    content, count = tables.of_run(run, options.split)
    write_bytes(target, content)
    show(_file(target) | {"pictures": count}, [_line(target), wording.pictures(count)])


def write_mistakes(run: RunFolder, split: str, target: Path) -> tuple[dict[str, object] | None, str]:
    """Write the zip that ``mistakes --to`` asks for; return it as JSON, None where nothing is in it, and in words."""
    kinds.require_images(run.project)
    terminal = Terminal(sys.stderr)
    try:
        count = judged.write(run, split, target, terminal)
    except NothingJudgedError as nothing:
        return None, f"{nothing} {target} was not written."
    finally:
        terminal.close()
    said = f"{_line(target)}: {wording.pictures(count)} by {_BY[kinds.of(run.project)]}"
    return _file(target) | {"pictures": count}, said


def packed_at(path: str) -> Record | None:
    """Return what the exported project at a path holds; None if there is none."""
    place = existing(path)
    return record.of_file(place) if place.is_file() else None


def import_project(options: argparse.Namespace, about: Record, show: Show) -> None:
    """Import an exported project, or with ``--dry-run`` say what is in it."""
    if options.reading or options.project:
        raise InputError("An exported project opens as a project of its own. Leave out --as and --project.")
    value = to_json(about)
    del value["files"]
    if options.dry_run:
        show(value, [f"“{plain(about.name)}”: {about.sentence()}"])
        return
    terminal = Terminal(sys.stderr)
    try:
        opened = unpack.unpack(Workspace.open(options.workspace), existing(options.folder), terminal)
    finally:
        terminal.close()
    lines = [about.sentence(), *_missing(opened.missing), f"Project {opened.project.slug}"]
    show(value | {"project": opened.project.slug, "missing": opened.missing}, lines)


def _missing(count: int) -> Sequence[str]:
    return [f"{wording.pictures(count)} missing here. Import the same pictures into the project."] if count else []


def _file(target: Path) -> dict[str, object]:
    return {"path": str(target), "bytes": target.stat().st_size}


def _line(target: Path) -> str:
    return f"{target} ({wording.size(target.stat().st_size)})"
