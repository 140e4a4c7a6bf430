"""The table of all runs of a project: what a person has said of each, what it was, and how good it is."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core import language, runs
from tl_core.about import Label
from tl_core.accuracy import Accuracy
from tl_core.errors import TLError
from tl_core.evaluation import box_record, tags
from tl_core.freezing import names, outline
from tl_core.freezing.outline import Outline
from tl_core.jobs import State
from tl_core.language import _
from tl_core.metrics.average_precision import AveragePrecision
from tl_core.notebook import changes, settings, shared
from tl_core.notebook.shared import Luck, Shared
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Project


@dataclass(frozen=True, kw_only=True)
class Row:
    """A run in the notebook.

    Attributes:
        id: of the run.
        name: given, else the default; plain text.
        label: what a person has said of it.
        created: in seconds since the epoch.
        state: of its job.
        damage: what is damaged about it, a sentence; None if nothing is.
        recipe: None for a run that cannot be read.
        network: title of its network in short.
        frozen: blocks before the freeze line; None where the blocks of the network are not known.
        blocks: of the network; None as above.
        ready: whether it has a model.
        validation: accuracy on its own validation pictures; None before its end.
        accuracy: the same on the pictures that the runs share; None where it is not measured on them.
        mean_average_precision: of several labels, on its own validation pictures; None else.
        boxes: average precision of boxes, on its own validation pictures; None else.
        seconds: that it took; None before its end.
        bytes: of its model; 0 before there is one.
        what: in which settings, and in which version of the pictures, it differs from the run before it; plain text,
            empty for the first.
    """

    id: str
    name: str
    label: Label
    created: float
    state: State
    damage: str | None = None
    recipe: Recipe | None = None
    network: str = ""
    frozen: int | None = None
    blocks: int | None = None
    ready: bool = False
    validation: Accuracy | None = None
    accuracy: Accuracy | None = None
    mean_average_precision: float | None = None
    boxes: AveragePrecision | None = None
    seconds: float | None = None
    bytes: int = 0
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class Notebook:
    """All runs of a project.

    Attributes:
        rows: the newest run first.
        shared: the runs on the validation pictures on which ``Row.accuracy`` was counted.
        luck: how far the best of them can be believed.
    """

    rows: tuple[Row, ...]
    shared: Shared
    luck: Luck


def of_project(project: Project) -> Notebook:
    """Return the notebook of a project. Damaged runs are in it, too; what is deleted meanwhile is not."""
    drawn: dict[str, Outline | None] = {}
    rows = {run: row for run in runs.of_project(project) if (row := _row(run, drawn))}
    alike = shared.of_runs({run: row.recipe.manifest for run, row in rows.items() if row.recipe})
    listed = [replace(row, accuracy=alike.accuracy(row.id)) for row in rows.values()]
    listed = [replace(row, what=_what(listed[at + 1 :], row, drawn)) for at, row in enumerate(listed)]
    return Notebook(rows=tuple(listed), shared=alike, luck=alike.luck())


def _what(older: Sequence[Row], row: Row, drawn: Mapping[str, Outline | None]) -> str:
    before = next((each.recipe for each in older if each.recipe), None)
    if before is None or row.recipe is None:
        return ""
    versions = before.manifest, row.recipe.manifest
    pictures = "" if versions[0] == versions[1] else _("version {old} → {new}").format(old=versions[0], new=versions[1])
    return changes.in_words(settings.between(before, row.recipe, drawn), pictures)


def _row(run: RunFolder, drawn: dict[str, Outline | None]) -> Row | None:
    """Return the row of a run without what others say of it, None where it was deleted meanwhile."""
    try:
        row = _read(run.folder, _written(run), language.spoken())
    except OSError:
        return None
    if row.recipe is None:
        return replace(row, name=row.label.name or run.id, label=row.label)
    backbone = row.recipe.backbone
    if backbone not in drawn:
        drawn[backbone] = outline.load(run.project.workspace, backbone)
    known = drawn[backbone]
    return replace(
        row,
        state=run.job.state if row.state in ("queued", "running") else row.state,
        name=row.label.name or names.default(row.recipe, known),
        frozen=known.frozen_blocks(names.line(row.recipe)) if known else None,
        blocks=len(known.blocks) if known else None,
    )


#: What is read of a run; it is read again once one of these was written.
_FILES = (
    "job.json",
    "status.json",
    "recipe.json",
    "name.json",
    "report.json",
    "history.csv",
    "classes.json",
    tags.RESULTS,
    box_record.RESULTS,
)


def _written(run: RunFolder) -> Sequence[int]:
    return tuple(_changed(run.folder / name) for name in (*_FILES, "model.keras"))


def _changed(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@functools.lru_cache(maxsize=2048)
def _read(folder: Path, written: Sequence[int], read_in: str) -> Row:
    run = RunFolder(folder)
    damage, recipe, report, several, found = run.damage(), None, None, None, None
    if damage is None:
        try:
            recipe, report, several = run.recipe, run.report(), tags.results_of(run)
            found = box_record.of_validation(run)
        except TLError as exc:
            damage = str(exc)
    return Row(
        id=run.id,
        name=run.id,
        label=run.label,
        created=run.job.created,
        state="damaged" if damage else run.job.state,
        damage=damage,
        recipe=recipe,
        network=names.short(recipe.backbone) if recipe else "",
        ready=run.ready,
        validation=report.validation if report else None,
        mean_average_precision=several.mean_average_precision if several else None,
        boxes=found.precision if found else None,
        seconds=report.seconds.get("total") if report else None,
        bytes=run.model_path.stat().st_size if run.ready else 0,
    )
