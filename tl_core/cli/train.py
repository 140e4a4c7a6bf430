"""The commands that train: ``train`` and ``resume``."""

import argparse
import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

from tl_core import api, jobs, language, runs, wording
from tl_core.about import SplitSettings, Things
from tl_core.cli import boxes, importing, tags
from tl_core.cli.output import Show, beside_guess
from tl_core.cli.runs import crossvalidated, crossvalidated_line
from tl_core.cli.terminal import Terminal
from tl_core.dataset import kinds, manifest
from tl_core.diagnosis import diagnose
from tl_core.draft import GENTLE_FROM, HEAD_EPOCHS, Draft
from tl_core.errors import InputError
from tl_core.evaluation import crossval, everything, word_counts
from tl_core.files import to_json
from tl_core.ingest import importer
from tl_core.networks import bert_weights, catalogue, tables, text_catalogue, weights
from tl_core.recipe import FINE_TUNE_RATES, Recipe
from tl_core.registry import KINDS, QUESTIONS, load
from tl_core.tasks import boxes as box_task
from tl_core.tasks import table as tasks
from tl_core.tasks import texts
from tl_core.workspace import Project, Workspace

#: The fields of a draft that are options: what stands for the value in the help, and what it is.
OPTIONS = {
    "backbone": (
        "ID",
        f"network to start from, see `backbones` (default: {catalogue.DEFAULT}; for texts {text_catalogue.DEFAULT})",
    ),
    "weights": (None, "random trains from scratch"),
    "freeze": ("all|none|BLOCK", "how much stays frozen, see `blocks` (default: all)"),
    "epochs": ("N", "of the head, at most"),
    "fine_tune_epochs": ("N", "of the fine-tuning, at most; with everything frozen there is none"),
    "solver": (
        None,
        "how the head learns: by logistic regression (lbfgs), or in epochs at a rate (adam); by the latter if one of "
        f"these is given, and where blocks learn from {GENTLE_FROM} texts or more ({HEAD_EPOCHS} epochs at "
        f"{texts.GENTLE_RATE:g})",
    ),
    "l2": ("X", "strength of the penalty of logistic regression (default: the validation pictures choose)"),
    "learning_rate": ("X", "of the head"),
    "fine_tune_learning_rate": (
        "X",
        f"of the fine-tuning (default: {FINE_TUNE_RATES['cosine']:g}, {FINE_TUNE_RATES['constant']:g} with a constant "
        "rate; from random weights, that of the head, at most 0.01)",
    ),
    "schedule": (None, "of the fine-tuning rate; a cosine has all of its epochs"),
    "weight_decay": ("X", "of the fine-tuning, as AdamW does it; 0 is Adam"),
    "block_decay": ("X", "rate of each block as a share of that of the block after it"),
    "label_smoothing": ("X", "0 to 0.5"),
    "class_weights": (None, "weigh the training examples so that every class counts the same (default: on)"),
    "image_size": (
        "N",
        "side in pixels (default: the network's own); of texts, the word pieces that are read (default: nearly all)",
    ),
    "batch_size": ("N", "images per step"),
    "keep_frozen": ("LAYER", "layers, or types of layers, after the freeze line that stay frozen"),
    "train_batch_norm": (None, "train BatchNorm after the freeze line (with --weights random: always)"),
    "augmentation": (None, "random changes to the training images"),
    "augmentation_variants": ("K", "augmented copies per image, computed once; 0: new ones in every epoch"),
    "augmentation_size": (None, "change small pictures at their own size, or enlarged for the network"),
    "cache_precision": (None, "of stored activations"),
    "seed": ("N", "the same seed gives the same result"),
}


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what ``train`` takes. An option that is not given is not in the namespace: the draft has its default."""
    importing.add_source(command)
    kinds = get_type_hints(Draft)
    for name in OPTIONS:
        _add_option(command, name, kinds[name])
    given = "default: %(default)s; splits that the folders give are used as they are"
    command.add_argument("--test-fraction", type=float, metavar="X", default=SplitSettings.test, help=given)
    command.add_argument("--validation-fraction", type=float, metavar="X", default=SplitSettings.validation, help=given)


def _add_option(command: argparse.ArgumentParser, name: str, kind: object) -> None:
    """Add a field of the draft as an option that is read as its type says."""
    flag, (metavar, text), usual = f"--{name.replace('_', '-')}", OPTIONS[name], getattr(Draft(), name)
    if kind is bool:
        action = argparse.BooleanOptionalAction if usual else "store_true"
        command.add_argument(flag, action=action, default=argparse.SUPPRESS, help=text)
        return
    if isinstance(usual, str | int | float):
        learns = getattr(Draft().changed(freeze="none"), name)
        text += f" (default: {usual})" if learns == usual else f" (default: {usual}; where blocks learn, {learns})"
    if get_origin(kind) is Literal:
        command.add_argument(flag, choices=get_args(kind), default=argparse.SUPPRESS, help=text)
        return
    plain = [each for each in get_args(kind) or (kind,) if each not in (type(None), ...)]
    several = "+" if get_origin(kind) is tuple else None
    command.add_argument(flag, type=plain[0], nargs=several, metavar=metavar, default=argparse.SUPPRESS, help=text)


def train(options: argparse.Namespace, show: Show) -> None:
    """Import the folder, train, and show the result."""
    began = time.perf_counter()
    task = importing.task_of(options)
    if otherwise := _OTHERWISE.get(task.id):
        otherwise(options, began, show)
        return
    recipe = recipe_of(options, manifest_version=0, classes=0)
    tasks.check_takes(task.id, Path(options.folder).name, recipe.backbone)
    network = catalogue.get(recipe.backbone)
    network.check_size(recipe.image_size)
    workspace = Workspace.open(options.workspace)
    if recipe.weights == "imagenet":
        weights.ensure(network, workspace)
    if recipe.freeze not in ("all", "none") or recipe.keep_frozen:
        load(QUESTIONS["check-choices"])(recipe, workspace)
    # Meanwhile other processes decode the pictures, or few are decoded before TensorFlow is there.
    ready = threading.Thread(target=_make_ready, args=(recipe.first_pass, workspace))
    project = _import(options, workspace, recipe.seed, ready.start)
    language.speak_of(kinds.of(project))
    load(KINDS["train"].function)
    ready.join()
    data = manifest.load(project)
    usual = tasks.of(project).draft(getattr(options, "backbone", None), data)
    recipe = recipe_of(options, data.version, len(data.classes), usual)
    with stoppable() as (terminal, loading):
        run = api.train(project, recipe, terminal)
    _show(run, loading, began, show)


def _train_texts(options: argparse.Namespace, began: float, show: Show) -> None:
    """Import the texts, train, and show the result."""
    language.speak_of("texts")
    if hasattr(options, "image_size"):
        texts.check_length(options.image_size, text_catalogue.get(getattr(options, "backbone", None)))
    network = text_catalogue.get(getattr(options, "backbone", None))
    # What cannot be is said before the import.
    recipe = recipe_of(options, 0, 0, Draft(backbone=network.id, **texts.FINE_TUNED))
    bert_weights.ensure(network)
    texts.check_freeze(getattr(options, "freeze", "all"), network)
    if recipe.keep_frozen:
        load(QUESTIONS["check-choices"])(recipe, Workspace.open(options.workspace))
    said = importing.text_lines(importing.read_texts(options))
    print("\n".join(said), file=sys.stderr)
    ready = threading.Thread(target=load, args=(KINDS["train"].function,))
    ready.start()
    settings = SplitSettings(
        validation=options.validation_fraction, test=options.test_fraction, seed=getattr(options, "seed", Draft.seed)
    )
    workspace = Workspace.open(options.workspace)
    project, report = api.import_texts(workspace, Path(options.folder), settings, chosen=importing.chosen_of(options))
    print("\n".join(importing.report_lines(report, said)), file=sys.stderr)
    ready.join()
    data = manifest.load(project)
    usual = tasks.of(project).draft(getattr(options, "backbone", None), data)
    recipe = recipe_of(options, data.version, len(data.classes), usual)
    with stoppable() as (terminal, loading):
        run = api.train(project, recipe, terminal)
    _show(run, loading, began, show)


def _train_boxes(options: argparse.Namespace, began: float, show: Show) -> None:
    """Import the pictures with their boxes, train, and show the result."""
    network = catalogue.get(getattr(options, "backbone", None))
    recipe = recipe_of(options, 0, 0, Draft(backbone=network.id, **box_task.LEARNED, **box_task.FINE_TUNED))
    network.check_size(recipe.image_size)
    workspace = Workspace.open(options.workspace)
    weights.ensure(network, workspace)
    if recipe.freeze not in ("all", "none") or recipe.keep_frozen:
        load(QUESTIONS["check-choices"])(recipe, workspace)
    said = importing.box_lines(importing.read_boxes(options))
    print("\n".join(said), file=sys.stderr)
    settings = SplitSettings(
        validation=options.validation_fraction, test=options.test_fraction, seed=getattr(options, "seed", Draft.seed)
    )
    project, report = importing.imported_boxes(options, workspace, settings)
    print("\n".join(importing.report_lines(report, said)), file=sys.stderr)
    data = manifest.load(project)
    usual = tasks.of(project).draft(network.id, data)
    with stoppable() as (terminal, loading):
        run = api.train(project, recipe_of(options, data.version, len(data.classes), usual), terminal)
    _show(run, loading, began, show)


#: Kinds that are imported in their own way.
_OTHERWISE: dict[Things, Callable[[argparse.Namespace, float, Show], None]] = {
    "texts": _train_texts,
    "boxes": _train_boxes,
}


@contextlib.contextmanager
def stoppable() -> Iterator[tuple[Terminal, float]]:
    """Load TensorFlow, then give a bar on the terminal whose work Ctrl-C stops, and the seconds that loading took."""
    began = time.perf_counter()
    load(KINDS["train"].function)
    loading = time.perf_counter() - began
    terminal = Terminal(sys.stderr)
    previous = signal.signal(signal.SIGINT, lambda *_: terminal.stop())
    try:
        yield terminal, loading
    finally:
        signal.signal(signal.SIGINT, previous)
        terminal.close()


def recipe_of(options: argparse.Namespace, manifest_version: int, classes: int, usual: Draft | None = None) -> Recipe:
    """Return the recipe that the options of ``train`` ask for.

    Args:
        options: of the command.
        manifest_version, classes: of what is trained on.
        usual: what is trained without options; None for that of pictures.

    Raises:
        InputError: there is no such network, or the options do not fit together.
    """
    given = {name: value for name, value in vars(options).items() if name in OPTIONS}
    if given.get("weights") == "random":
        given = {"freeze": "none", **given}  # frozen random numbers would teach nothing
    draft = (usual or Draft()).changed(**{**given, "keep_frozen": tuple(given.get("keep_frozen", ()))})
    recipe = draft.recipe(manifest_version, classes, tables.get(draft.backbone))
    # Asked for by name, it is not dropped where everything is frozen.
    return replace(recipe, fine_tune_epochs=given.get("fine_tune_epochs", recipe.fine_tune_epochs))


def _make_ready(recipe: Recipe, workspace: Workspace) -> None:
    """Load TensorFlow and convert the network, unless that was done before."""
    load(QUESTIONS["convert"])(recipe, workspace)


def _import(options: argparse.Namespace, workspace: Workspace, seed: int, begin: Callable[[], None]) -> Project:
    """Say how the folder is read, then import it; stop before anything is decoded if that is not clear.

    Args:
        options: of the command.
        workspace: that it goes to.
        seed: of the split.
        begin: is called when the pictures are going to be decoded.
    """
    readings = importer.readings(api.source_at(Path(options.folder))).of_kind(options.kind)
    said = importing.reading_lines(readings, readings.choose(options.reading))
    print("\n".join(said), file=sys.stderr)
    begin()
    settings = SplitSettings(validation=options.validation_fraction, test=options.test_fraction, seed=seed)
    project, report = importing.imported(options, workspace, settings)
    print("\n".join(importing.report_lines(report, said)), file=sys.stderr)
    return project


def _show(run: runs.RunFolder, loading: float, began: float, show: Show) -> None:
    _SHOWN.get(kinds.of(run.project), _show_labels)(run, loading, began, show)


#: Kinds of which something else is shown than how often labels are right.
_SHOWN: dict[Things, Callable[[runs.RunFolder, float, float, Show], None]] = {"boxes": boxes.show}


def _show_labels(run: runs.RunFolder, loading: float, began: float, show: Show) -> None:
    report = run.report()
    assert report is not None, "a run that ends without an error has a report"
    report = replace(report, seconds={**report.seconds, "import": loading, "total": time.perf_counter() - began})
    steady, best, seconds = crossval.load(run), report.best, report.seconds
    words = word_counts.load(run)
    of_everything = run.recipe.everything
    value = {
        "run": run.reference,
        **to_json(report),
        "crossval": crossvalidated(steady) if steady else None,
        **({"everything": to_json(of_everything)} if of_everything else {}),
        **({"word_counts": to_json(words)} if words else {}),
    }
    several, of_tags = tags.validation(run) if run.recipe.head.several else ({}, [])
    what = "share with exactly the right labels" if run.recipe.head.several else "accuracy"
    accuracy = f"Validation {what} {beside_guess(report.validation)}; from epoch {best.epoch} of {best.phase}"
    times = ", ".join(f"{wording.duration(seconds[part])} {part}" for part in ("import", "features", "train"))
    lines = [
        f"Run {run.reference}",
        everything.unmeasured(run) if of_everything else accuracy,
        *(["It was stopped early and has learned less than was planned: resume it."] if _is_short(report, run) else []),
        *of_tags,
        *([words.sentence()] if words else []),
        *([crossvalidated_line(steady)] if steady else []),
        f"Model: {run.model_path}",
        f"{wording.duration(seconds['total'])} in all: {times}",
        *diagnose.lines(diagnose.of_run(run)),
    ]
    show(value | several, lines)


def _is_short(report: runs.RunReport, run: runs.RunFolder) -> bool:
    """Return whether a run that should learn for a fixed number of epochs was stopped before."""
    return report.stopped and run.recipe.everything is not None


def add_retrain_options(command: argparse.ArgumentParser) -> None:
    """Add what ``retrain`` takes."""
    command.add_argument("--with-test", action="store_true", help="learn from the test pictures, too")


def retrain(options: argparse.Namespace, show: Show) -> None:
    """Train once more on all pictures of a run, for the epochs that were best in it, and show the result."""
    began = time.perf_counter()
    before = runs.find(Workspace.open(options.workspace), options.run)
    language.speak_of(kinds.of(before.project))
    everything.recipe_of(before, test=options.with_test)  # what cannot be is said before TensorFlow is loaded
    with stoppable() as (terminal, loading):
        load(QUESTIONS["answers"])(before)
        run = everything.create(before, test=options.with_test)
        jobs.execute(run.folder, jobs.this_process(), terminal)
    _show(run, loading, began, show)


def resume(options: argparse.Namespace, show: Show) -> None:
    """Continue a run from its last finished epoch, and show the result."""
    began = time.perf_counter()
    workspace = Workspace.open(options.workspace)
    jobs.mark_interrupted(workspace)
    run = runs.find(workspace, options.run)
    language.speak_of(kinds.of(run.project))
    if run.job.state in ("queued", "running"):
        raise InputError(f"Run {run.reference} is {run.job.state} in another process. Wait for it, or stop it there.")
    if run.job.state == "done":
        raise InputError(f"Run {run.reference} is finished: there is nothing to resume. Train again for a new run.")
    if not run.job.claim():
        raise InputError(f"Run {run.reference} was resumed in another process just now. Wait for it.")
    with stoppable() as (terminal, loading):
        jobs.execute(run.folder, jobs.this_process(), terminal)
    _show(run, loading, began, show)
