"""The commands that train: ``train`` and ``resume``."""

import argparse
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from tl_core import jobs, runs
from tl_core.cli.output import Show, beside_guess
from tl_core.cli.runs import crossvalidated, crossvalidated_line
from tl_core.cli.terminal import Terminal
from tl_core.dataset import manifest
from tl_core.diagnosis import diagnose
from tl_core.errors import InputError, TLError
from tl_core.evaluation import crossval
from tl_core.ingest import importer
from tl_core.ingest.report import ImportReport
from tl_core.networks import catalogue
from tl_core.recipe import FINE_TUNE_LEARNING_RATE, Head, Recipe
from tl_core.runs import RunReport
from tl_core.workspace import Project, Workspace, to_json

FINE_TUNE_EPOCHS = 5
MOST_NAMED = 50


def add_options(made: argparse.ArgumentParser) -> None:
    """Add what ``train`` takes."""
    add = made.add_argument
    add("folder", metavar="FOLDER", help="class/…, split/class/…, class/split/…, or a zip of one of these")
    add("--backbone", metavar="ID", default=catalogue.DEFAULT, help="see `backbones` (default: %(default)s)")
    add("--weights", choices=["imagenet", "random"], default="imagenet", help="random trains from scratch")
    add(
        "--freeze",
        metavar="all|none|BLOCK",
        default="all",
        help="how much stays frozen (default: %(default)s)",
    )
    add("--epochs", type=int, metavar="N", default=Recipe.epochs, help="of the head (default: %(default)s)")
    add(
        "--fine-tune-epochs",
        type=int,
        metavar="N",
        help=f"default: {FINE_TUNE_EPOCHS} if something is not frozen, else 0",
    )
    add("--learning-rate", type=float, metavar="X", default=Recipe.learning_rate, help="default: %(default)s")
    rate = f"default: {FINE_TUNE_LEARNING_RATE:g}; from random weights, that of the head"
    add("--fine-tune-learning-rate", type=float, metavar="X", help=rate)
    add("--image-size", type=int, metavar="N", help="side in pixels (default: the network's own)")
    add("--batch-size", type=int, metavar="N", default=Recipe.batch_size, help="default: %(default)s")
    add("--keep-frozen", nargs="+", metavar="LAYER", default=[], help="layers, or kinds of layers, behind the line")
    add(
        "--train-batch-norm",
        action="store_true",
        help="let BatchNorm behind the line train (default: with --weights random)",
    )
    add("--augmentation", choices=["off", "gentle", "full"], default="off", help="default: %(default)s")
    variants = "make so many changed versions of each picture once; 0: new ones in every epoch (default: %(default)s)"
    add("--augmentation-variants", type=int, metavar="K", default=0, help=variants)
    add("--cache-precision", choices=["float32", "float16"], default="float32", help="default: %(default)s")
    add("--seed", type=int, metavar="N", default=0, help="default: %(default)s")
    kept = "default: %(default)s; parts that the folders give are kept"
    add("--test-fraction", type=float, metavar="X", default=0.15, help=kept)
    add("--validation-fraction", type=float, metavar="X", default=0.15, help=kept)


def train(options: argparse.Namespace, show: Show) -> None:
    """Import the folder, train, and show what came out."""
    began = time.perf_counter()
    recipe = recipe_of(options, manifest_version=0, classes=0)
    workspace = Workspace.open(options.workspace)
    project = _import(options, workspace, recipe.seed)
    data = manifest.load(project)
    if problems := data.problems():
        raise InputError(" ".join(problems))
    run = runs.create(project, recipe_of(options, data.version, len(data.classes)))
    report = execute(run, began)
    show(_value(run, report), _report_lines(run, report))


def execute(run: runs.RunFolder, began: float) -> RunReport:
    """Train a run in this process, with a bar on the terminal; Ctrl-C keeps the best epoch so far."""
    importing = time.perf_counter()
    jobs.load(jobs.KINDS["train"].function)
    seconds_import = time.perf_counter() - importing
    terminal = Terminal(sys.stderr)
    previous = signal.signal(signal.SIGINT, lambda *_: terminal.stop())
    try:
        jobs.execute(run.folder, jobs.this_process(), terminal)
    finally:
        signal.signal(signal.SIGINT, previous)
        terminal.close()
    report = run.report()
    assert report is not None, "a run that ends without an error has a report"
    whole = {"import": seconds_import, "total": time.perf_counter() - began}
    return replace(report, seconds={**report.seconds, **whole})


def recipe_of(options: argparse.Namespace, manifest_version: int, classes: int) -> Recipe:
    """Return the recipe that the options of ``train`` ask for."""
    backbone = catalogue.get(options.backbone)
    fine_tune = options.fine_tune_epochs
    if fine_tune is None:
        fine_tune = 0 if options.freeze == "all" else FINE_TUNE_EPOCHS
    rate = options.fine_tune_learning_rate
    if rate is None:
        rate = options.learning_rate if options.weights == "random" else FINE_TUNE_LEARNING_RATE
    return Recipe(
        manifest=manifest_version,
        backbone=backbone.id,
        weights=options.weights,
        image_size=backbone.default_size if options.image_size is None else options.image_size,
        freeze=options.freeze,
        keep_frozen=tuple(options.keep_frozen),
        train_batch_norm=options.train_batch_norm or options.weights == "random",
        head=Head(activation="sigmoid" if classes == 2 else "softmax"),
        augmentation=options.augmentation,
        augmentation_variants=options.augmentation_variants,
        cache_precision=options.cache_precision,
        epochs=options.epochs,
        learning_rate=options.learning_rate,
        fine_tune_epochs=fine_tune,
        fine_tune_learning_rate=rate,
        batch_size=options.batch_size,
        seed=options.seed,
    )


def _import(options: argparse.Namespace, workspace: Workspace, seed: int) -> Project:
    folder = Path(options.folder).expanduser().absolute()
    project = importer.project_for_folder(workspace, folder)
    terminal = Terminal(sys.stderr)
    kind = "zip" if folder.is_file() else "folder"
    try:
        report = importer.import_source(
            project,
            {"kind": kind, "path": str(folder)},
            progress=terminal,
            replace=True,
            validation=options.validation_fraction,
            test=options.test_fraction,
            seed=seed,
        )
    except TLError:
        if not manifest.has(project):
            shutil.rmtree(project.folder)
        raise
    finally:
        terminal.close()
    for line in _import_lines(report):
        print(line, file=sys.stderr)
    return project


def _import_lines(report: ImportReport) -> list[str]:
    left_out = [f"  left out: {item.name}: {item.reason}" for item in report.left_out]
    more = [f"  … and {len(left_out) - MOST_NAMED} more"] if len(left_out) > MOST_NAMED else []
    return [report.summary(), *left_out[:MOST_NAMED], *more, *report.notes]


def _value(run: runs.RunFolder, report: RunReport) -> dict[str, Any]:
    steady = crossval.load(run)
    return {"run": run.reference, **to_json(report), "crossval": crossvalidated(steady) if steady else None}


def _report_lines(run: runs.RunFolder, report: RunReport) -> list[str]:
    best, seconds, steady = report.best, report.seconds, crossval.load(run)
    return [
        f"Run {run.reference}",
        f"Validation accuracy {beside_guess(to_json(report.validation))}; from epoch {best.epoch} of {best.phase}",
        *([crossvalidated_line(steady)] if steady else []),
        f"Model: {run.model_path}",
        f"{seconds['total']:.0f} s in all: {seconds['import']:.0f} s imports, "
        f"{seconds['features']:.0f} s features, {seconds['train']:.0f} s training",
        *diagnose.lines(diagnose.of_run(run)),
    ]


def resume(options: argparse.Namespace, show: Show) -> None:
    """Go on with a run from its last finished epoch and show what came out."""
    began = time.perf_counter()
    workspace = Workspace.open(options.workspace)
    jobs.mark_interrupted(workspace)
    run = runs.find(workspace, options.run)
    if run.job.state in ("queued", "running"):
        raise InputError(f"Run {run.reference} is {run.job.state} in another process. Wait for it, or stop it there.")
    if run.job.state == "done":
        raise InputError(f"Run {run.reference} is finished: there is nothing to resume. Train again for a new run.")
    run.job.rearm()
    report = execute(run, began)
    show(_value(run, report), _report_lines(run, report))
