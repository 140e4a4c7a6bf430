"""The commands that list what there is: networks, their blocks, runs, and what is wrong with pictures."""

import argparse
import dataclasses
import sys
from typing import Any

from tl_core import jobs, runs, wording
from tl_core.cli.output import Show, beside_guess
from tl_core.cli.terminal import Terminal
from tl_core.dataset import manifest, notes
from tl_core.freezing import outline
from tl_core.health import report
from tl_core.networks import catalogue, weights
from tl_core.wording import count, percent
from tl_core.workspace import Workspace, to_json


def backbones(options: argparse.Namespace, show: Show) -> None:
    """List the networks of the catalogue and whether their weights are here."""
    workspace = Workspace.open(options.workspace)
    rows = [
        {**dataclasses.asdict(backbone), "weights": weights.status(backbone, workspace).state}
        for backbone in catalogue.CATALOGUE
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
    rows: list[dict[str, Any]] = []
    for run in sorted((run for project in workspace.projects() for run in runs.of_project(project)), key=_age):
        report = run.report()
        rows.append(
            {
                "run": run.reference,
                "state": run.job.state,
                "backbone": run.recipe.backbone,
                "created": run.job.created,
                "validation": report and report.validation,
            }
        )
    lines = [
        f"{row['run']:50} {row['state']:12} {row['backbone']:20} "
        + (f"validation {beside_guess(row['validation'])}" if row["validation"] else "")
        for row in rows
    ]
    show(
        {"runs": rows},
        lines or [f"No runs in {workspace.root} yet. Start with: python -m tl_core train FOLDER"],
    )


def _age(run: runs.RunFolder) -> float:
    return -run.job.created


def check(options: argparse.Namespace, show: Show) -> None:
    """Check the pictures of a project, and show what was found, the worst first."""
    project, terminal = Workspace.open(options.workspace).project(options.project), Terminal(sys.stderr)
    checked = report.check(project, progress=terminal)
    terminal.close()
    alike = notes.alike_notes(manifest.load(project, checked.manifest))
    lines = [f"{wording.pictures(checked.n)} of {wording.plural(checked.classes, 'class', 'classes')} checked."]
    for finding in checked.findings:
        count = f" ({wording.pictures(len(finding.ids))})" if finding.ids else ""
        lines.append(f"{finding.title}{count}: {finding.why}")
    if not checked.findings and not alike:
        lines.append("Nothing stands out.")
    shortcut = [checked.shortcut.sentence] if checked.shortcut and not checked.shortcut.warn else []
    show(to_json(checked) | {"alike": alike}, [*lines, *alike, *shortcut])
