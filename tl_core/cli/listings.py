"""The commands that list what there is: networks, their blocks, runs."""

import argparse
from dataclasses import asdict, dataclass

from tl_core import jobs, runs
from tl_core.accuracy import Accuracy
from tl_core.cli.output import Show, beside_guess
from tl_core.files import to_json
from tl_core.freezing import outline
from tl_core.networks import catalogue, weights
from tl_core.recipe import Everything
from tl_core.runs import RunFolder
from tl_core.wording import count, percent
from tl_core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class ListedRun:
    """A run in the list.

    Attributes:
        run: its project and id, as other commands take it.
        state: of its job.
        backbone: id of a row of the catalogue.
        created: in seconds since the epoch.
        validation: accuracy on the validation pictures, None before the run has finished.
        everything: set where it learned from everything: from which run it comes, and how good that was.
        damage: what is damaged about it, a sentence; None if nothing is.
    """

    run: str
    state: str
    backbone: str
    created: float
    validation: Accuracy | None
    everything: Everything | None = None
    damage: str | None = None


def backbones(options: argparse.Namespace, show: Show) -> None:
    """List the networks of the catalogue and whether their weights are here."""
    workspace = Workspace.open(options.workspace)
    rows = [
        {**asdict(backbone), "weights": weights.status(backbone, workspace).state} for backbone in catalogue.CATALOGUE
    ]
    lines = [
        f"{row['id']:24} {count(row['parameters']):>7} parameters  "
        f"ImageNet accuracy {percent(row['top1'], 50_000)}  {row['weights']}"
        for row in rows
    ]
    show({"backbones": rows}, lines)


def blocks(options: argparse.Namespace, show: Show) -> None:
    """List the blocks of a network from the picture upwards."""
    workspace, spec = Workspace.open(options.workspace), catalogue.get(options.backbone)
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
    every = [_listed(run) for project in workspace.projects() for run in runs.of_project(project)]
    rows = sorted(every, key=lambda row: -row.created)
    lines = [f"{row.run:50} {row.state:12} {row.backbone:20} {_figure(row)}" for row in rows]
    damaged = [project.damage() for project in workspace.damaged_projects()]
    lines += [each for each in (*damaged, *(row.damage for row in rows)) if each]
    show(
        {"runs": rows, "damaged_projects": damaged},
        lines or [f"No runs in {workspace.root} yet. Start with: python -m tl_core train FOLDER"],
    )


def _figure(row: ListedRun) -> str:
    if row.everything:
        before = row.everything
        return f"on everything; before, on {before.measured_on} pictures: {beside_guess(before.before)}"
    return f"validation {beside_guess(row.validation)}" if row.validation else ""


def _listed(run: RunFolder) -> ListedRun:
    damage = run.damage()
    report = None if damage else run.report()
    return ListedRun(
        run=run.reference,
        state="damaged" if damage else run.job.state,
        backbone="" if damage else run.recipe.backbone,
        created=run.job.created,
        validation=report.validation if report else None,
        everything=None if damage else run.recipe.everything,
        damage=damage,
    )
