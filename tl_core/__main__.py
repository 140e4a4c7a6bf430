"""The command line: ``python -m tl_core train FOLDER`` and the rest, on the core that the app runs on.

Exit codes: 0, 2 for what the person can mend (message on stderr), 1 for a bug, 130 for a stop before anything was kept.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tl_core import catalogue, intake, jobs, manifest, outline, runs, weights
from tl_core.errors import InputError, Stopped, TLError
from tl_core.recipe import FINE_TUNE_LEARNING_RATE, Head, Recipe
from tl_core.reports import ImportReport
from tl_core.terminal import Terminal
from tl_core.workspace import Project, Workspace

FINE_TUNE_EPOCHS = 5
MOST_NAMED = 50


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    try:
        with stdout_for(options.json) as show:
            options.command(options, show)
    except (Stopped, KeyboardInterrupt) as exc:
        print(str(exc) or "Interrupted; what was there before is unchanged.", file=sys.stderr)
        return 130
    except TLError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    root = argparse.ArgumentParser(prog="python -m tl_core", description="Transfer learning for folders of pictures.")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument(
        "--workspace", metavar="DIR", help="where everything is kept (default: $TL_WORKSPACE or ~/.thaw)"
    )
    shared.add_argument("--json", action="store_true", help="print one JSON object on stdout, all else on stderr")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def command(name: str, function: Callable[..., None], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, parents=[shared], help=text, description=text)
        made.set_defaults(command=function)
        return made

    _train_options(command("train", train, "bring in a folder of pictures and train on it"))
    made = command("predict", predict, "say what is on pictures")
    made.add_argument("run", metavar="RUN")
    made.add_argument("pictures", metavar="PICTURE", nargs="+")
    made = command("evaluate", evaluate, "open the sealed test part of a run")
    made.add_argument("run", metavar="RUN")
    command("backbones", backbones, "list the networks")
    made = command("blocks", blocks, "list the blocks of a network: what --freeze takes")
    made.add_argument("backbone", metavar="ID", help="see `backbones`")
    command("runs", list_runs, "list the runs")
    made = command("resume", resume, "go on with a run that was interrupted or stopped")
    made.add_argument("run", metavar="RUN")
    return root


def _train_options(made: argparse.ArgumentParser) -> None:
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


class Show:
    """Prints the answer: one JSON object, or lines for a person."""

    def __init__(self, as_json: bool, stdout: Any) -> None:
        self.as_json = as_json
        self.stdout = stdout

    def __call__(self, value: dict[str, Any], lines: list[str]) -> None:
        print(
            json.dumps(value, ensure_ascii=False) if self.as_json else "\n".join(lines),
            file=self.stdout,
            flush=True,
        )


@contextlib.contextmanager
def stdout_for(as_json: bool) -> Iterator[Show]:
    """Keep stdout for the answer alone: whatever else is printed, by libraries too, goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as kept:
        sys.stdout.flush()
        os.dup2(2, 1)
        try:
            yield Show(as_json, kept)
        finally:
            sys.stdout.flush()
            kept.flush()
            os.dup2(kept.fileno(), 1)


def train(options: argparse.Namespace, show: Show) -> None:
    """Import the folder, train, and show what came out."""
    began = time.perf_counter()
    recipe = _recipe(options, manifest_version=0, classes=0)
    workspace = Workspace.open(options.workspace)
    project = _import(options, workspace, recipe.seed)
    data = manifest.load(project)
    if problems := data.problems():
        raise InputError(" ".join(problems))
    run = runs.create(project, _recipe(options, data.version, len(data.classes)))
    report = execute(run, began)
    show({"run": run.reference, **report}, _report_lines(run, report))


def execute(run: runs.RunFolder, began: float) -> dict[str, Any]:
    """Train a run in this process, with a bar on the terminal; Ctrl-C keeps the best epoch so far."""
    importing = time.perf_counter()
    jobs.load(jobs.KINDS["train"][0])
    seconds_import = time.perf_counter() - importing
    terminal = Terminal(sys.stderr)
    previous = signal.signal(signal.SIGINT, lambda *_: terminal.stop())
    try:
        report = jobs.execute(run.folder, jobs.this_process(), terminal)
    finally:
        signal.signal(signal.SIGINT, previous)
        terminal.close()
    report["seconds"] |= {"import": seconds_import, "total": time.perf_counter() - began}
    return report


def _recipe(options: argparse.Namespace, manifest_version: int, classes: int) -> Recipe:
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
    project = intake.project_for_folder(workspace, folder)
    terminal = Terminal(sys.stderr)
    kind = "zip" if folder.is_file() else "folder"
    try:
        report = intake.import_source(
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


def percent(accuracy: dict[str, Any]) -> str:
    """Return an accuracy with its number of pictures and its interval, for a person."""
    low, high = accuracy["interval"]
    return f"{accuracy['accuracy']:.1%} of {accuracy['n']} pictures (95 % interval {low:.1%} to {high:.1%})"


def _report_lines(run: runs.RunFolder, report: dict[str, Any]) -> list[str]:
    best, seconds = report["best"], report["seconds"]
    return [
        f"Run {run.reference}",
        f"Validation accuracy {percent(report['validation'])}, from epoch {best['epoch']} of {best['phase']}",
        f"Model: {run.model_path}",
        f"{seconds['total']:.0f} s in all: {seconds['import']:.0f} s imports, "
        f"{seconds['features']:.0f} s features, {seconds['train']:.0f} s training",
    ]


def predict(options: argparse.Namespace, show: Show) -> None:
    """Show the classes of pictures; exit code 2 if none could be read."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.require_model()
    answers = jobs.load("tl_core.prediction:predict")(run.folder, options.pictures)
    named = [{"picture": picture, **answer} for picture, answer in zip(options.pictures, answers, strict=True)]
    if all(answer["error"] for answer in named):
        raise InputError(" ".join(answer["error"] for answer in named))
    show({"run": run.reference, "predictions": named}, [_prediction_line(answer) for answer in named])


def _prediction_line(answer: dict[str, Any]) -> str:
    if answer["error"]:
        return f"{answer['picture']}: {answer['error']}"
    said = ", ".join(f"{row['label']} {row['probability']:.1%}" for row in answer["classes"][:3])
    before = f"   (before: {answer['before'][0]['label']})" if answer["before"] else ""
    refused = "none of these; else " if answer["known"] and answer["known"]["refused"] else ""
    return f"{answer['picture']}: {refused}{said}{before}"


def evaluate(options: argparse.Namespace, show: Show) -> None:
    """Open the test part and show what the model is worth on it."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.require_model()
    terminal = Terminal(sys.stderr)
    result = jobs.load("tl_core.evaluation:evaluate")(run.folder, terminal)
    terminal.close()
    times = f"The test part of this run has been opened {result['opened']} time(s)."
    lines = [
        f"Test accuracy {percent(result)}; always naming the commonest class: {result['baseline']:.1%}",
        times,
    ]
    for row in result["classes"]:
        figures = (f"{name} {row[name]:.3f}" for name in ("precision", "recall", "f1") if row[name] is not None)
        lines.append(f"  {row['label']}: {', '.join(figures)}, {row['support']} pictures")
    lines += [
        "Confusion (row: truth, column: answer)",
        *("  " + "  ".join(map(str, row)) for row in result["confusion"]),
    ]
    show(result, lines)


def backbones(options: argparse.Namespace, show: Show) -> None:
    """List the networks of the catalogue and whether their weights are here."""
    workspace = Workspace.open(options.workspace)
    rows = [
        {**dataclasses.asdict(backbone), "weights": weights.status(backbone, workspace).state}
        for backbone in catalogue.CATALOGUE
    ]
    lines = [
        f"{row['id']:24} {row['parameters'] / 1e6:7.1f} M parameters  top-1 "
        f"{'  –  ' if row['top1'] is None else format(row['top1'], '.1%')}  {row['weights']}"
        for row in rows
    ]
    show({"backbones": rows}, lines)


def blocks(options: argparse.Namespace, show: Show) -> None:
    """List the blocks of a network from the picture upwards."""
    workspace, spec = Workspace.open(options.workspace), catalogue.get(options.backbone)
    outlined = outline.kept(workspace, spec.id) or outline.draw(workspace.root, spec.id)
    lines = [
        f"{block['id']:32} {block['label']:32} {' × '.join(map(str, block['shape'])):>16} "
        f"{block['parameters'] / 1e6:7.2f} M parameters {block['multiply_adds'] / 1e6:8.0f} M multiply-adds"
        for block in outlined["blocks"]
    ]
    show({"backbone": spec.id, **outlined}, [*lines, *([outlined["note"]] if outlined["note"] else [])])


def list_runs(options: argparse.Namespace, show: Show) -> None:
    """List the runs of the workspace, the newest first."""
    workspace = Workspace.open(options.workspace)
    jobs.mark_interrupted(workspace)
    rows = []
    for run in sorted((run for project in workspace.projects() for run in runs.of_project(project)), key=_age):
        report = run.report()
        rows.append(
            {
                "run": run.reference,
                "state": run.job.state,
                "backbone": run.recipe.backbone,
                "created": run.job.about()["created"],
                "validation": report and report["validation"],
            }
        )
    lines = [
        f"{row['run']:50} {row['state']:12} {row['backbone']:20} "
        + (percent(row["validation"]) if row["validation"] else "")
        for row in rows
    ]
    show(
        {"runs": rows},
        lines or [f"No runs in {workspace.root} yet. Start with: python -m tl_core train FOLDER"],
    )


def _age(run: runs.RunFolder) -> float:
    return -float(run.job.about()["created"])


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
    show({"run": run.reference, **report}, _report_lines(run, report))


if __name__ == "__main__":
    sys.exit(main())
