"""A run on boxes: the maps of the frozen network are stored once, and a head learns from them."""

import math
import time
from dataclasses import dataclass

import keras
import numpy as np
import pandas as pd

from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import box_record, boxes
from tl_core.features.batches import Examples, Source
from tl_core.features.sources import CachedActivations
from tl_core.files import write_json, write_record
from tl_core.jobs import CHECKPOINT
from tl_core.language import N_, _
from tl_core.networks import activations, box_head, examples, pyramid, saved, tables, untrained, weights
from tl_core.networks.box_head import BoxHead
from tl_core.networks.optimizers import warmed
from tl_core.progress import OnlyWarnings, Progress
from tl_core.recipe import Recipe
from tl_core.runs import Best, Counts, History, Parameters, RunFolder, RunReport
from tl_core.tasks import table as tasks
from tl_core.training.box_batches import BoxBatches
from tl_core.training.box_targets import BoxLoss
from tl_core.training.callbacks import Epochs, StopRequested
from tl_core.training.checkpoint import Checkpoint
from tl_core.training.live_precision import LivePrecision, spacing

#: What boxes cannot have yet: whether a recipe has it, and what is said of it.
_REFUSED = (
    (lambda recipe: recipe.freeze != "all" or recipe.fine_tune_epochs > 0, N_("fine-tuning blocks")),
    (lambda recipe: recipe.weights == "random", N_("a network with random weights")),
    (lambda recipe: recipe.live, N_("new copies in every epoch (0 copies)")),
    (lambda recipe: recipe.augmentation_size != "network", N_("changing pictures at their own size")),
    (lambda recipe: recipe.everything is not None, N_("training on everything")),
)


@dataclass(frozen=True, kw_only=True)
class _Learned:
    """What a head has learned, how long that took, and whether a person has ended it."""

    head: BoxHead
    history: History
    features_seconds: float
    train_seconds: float
    stopped: bool


def run(run: RunFolder, progress: Progress) -> RunReport:
    """Train a run on boxes, from wherever an earlier attempt has left it, and return its report.

    Raises:
        InputError: the pictures cannot be trained on, or the recipe asks for what boxes cannot have.
        MissingWeightsError: the network's weights are not on this machine.
        Stopped: a person pressed Stop before the first epoch was finished.
        StorageError: the disk is full.
    """
    began, recipe, data = time.perf_counter(), run.recipe, manifest.of_run(run)
    tasks.check_network(run.project, recipe.backbone)
    if problems := tasks.of(run.project).problems(data):
        raise InputError(" ".join(problems))
    for asks, what in _REFUSED:
        if asks(recipe):
            raise InputError(_("Boxes are learned on a frozen network, without {what} so far.").format(what=_(what)))
    weights.ensure(tables.get(recipe.backbone), run.project.workspace)
    learned = _learn(run, data, progress)
    best = learned.history.best()
    if best is None:
        raise InputError(_("The loss is no longer a number: divide the learning rate by ten and train again."))
    backbone = untrained.of_recipe(recipe, run.project.workspace, progress)
    said = learned.head.model(pyramid.taken_apart(pyramid.trunk(backbone)(backbone.input), learned.head.shapes))
    whole = keras.Model(backbone.input, box_head.boxes_of(said, len(data.classes), recipe.image_size), name="boxes")
    saved.save(whole, run.model_path)
    write_json(run.folder / "classes.json", {"classes": data.classes})
    progress.emit("phase", phase="answers", epochs=0)
    found = boxes.see(run, whole, "validation", OnlyWarnings(progress), data.classes)
    results = box_record.results(found)
    box_record.save(run, found)
    write_record(run.folder / box_record.RESULTS, results)
    total = time.perf_counter() - began
    report = RunReport(
        counts=Counts(*(len(data.split(split)) for split in ("train", "validation", "test"))),
        history=tuple(learned.history.rows),
        validation=Accuracy(accuracy=None, n=results.precision.pictures, interval=(0.0, 1.0)),  # boxes.json has more
        temperature=1.0,
        seconds={"features": learned.features_seconds, "train": learned.train_seconds, "total": total},
        best=Best(best.phase, best.epoch),
        stopped=learned.stopped,
        parameters=Parameters(whole.count_params(), learned.head.model.count_params()),
        weights=activations.identity(run),
    )
    write_record(run.folder / "report.json", report)
    return report


def _learn(run: RunFolder, data: manifest.Manifest, progress: Progress) -> _Learned:
    recipe, began = run.recipe, time.perf_counter()
    backbone = untrained.of_recipe(recipe, run.project.workspace, progress)
    tables_ = {split: data.split(split) for split in ("train", "validation")}
    ids = {split: list(rows["id"]) for split, rows in tables_.items()}
    pictures = {split: examples.of_rows(run.project, recipe, rows) for split, rows in tables_.items()}
    progress.emit("phase", phase="features", epochs=0)
    shapes = pyramid.maps(backbone).shapes
    cache = activations.cache(run, pyramid.LINE, lambda: pyramid.trunk(backbone))
    stores = cache.sources(ids, pictures, progress)
    if not all(isinstance(each, CachedActivations) for each in stores.values()):
        raise InputError(_("Boxes need room for the activations. Free some of the disk, or raise TL_CACHE_GB."))
    made = time.perf_counter()
    head = BoxHead(shapes, len(data.classes), recipe.seed)
    row = keras.Input((sum(math.prod(shape) for shape in shapes),))
    learner = keras.Model(row, head.model(pyramid.taken_apart(row, shapes)), name="head")
    parts = {split: _batches(recipe, split, rows, stores[split], data.classes) for split, rows in tables_.items()}
    rate = warmed(recipe.learning_rate, recipe.epochs * len(parts["train"]))
    optimizer = keras.optimizers.AdamW(rate, weight_decay=recipe.weight_decay, clipnorm=5.0)
    learner.compile(optimizer, BoxLoss(len(data.classes)))
    history = run.history()
    checkpoint = Checkpoint(run.folder / CHECKPOINT, "head", history)
    finished, stopped = checkpoint.start(learner), False
    if finished < recipe.epochs:
        stopped = _fit(learner, recipe, finished, parts, checkpoint, progress)
    checkpoint.load_best(learner)
    for store in stores.values():
        if isinstance(store, CachedActivations):
            store.close()
    return _Learned(
        head=head,
        history=history,
        features_seconds=made - began,
        train_seconds=time.perf_counter() - made,
        stopped=stopped,
    )


def _batches(recipe: Recipe, split: str, rows: pd.DataFrame, source: Source, classes: list[str]) -> BoxBatches:
    """Return the batches of a split; those to train on in an order of their own, in changed copies."""
    trains = split == "train"
    part = Examples(source=source, targets=np.zeros((len(rows), 0), np.float32), weights=np.ones(len(rows), np.float32))
    copies = recipe.copies if trains and recipe.augmentation != "off" else None
    truth = box_record.truth_of(rows, classes)
    return BoxBatches(part, truth, recipe, len(classes), copies, recipe.seed if trains else None)


def _fit(
    learner: keras.Model,
    recipe: Recipe,
    finished: int,
    parts: dict[str, BoxBatches],
    checkpoint: Checkpoint,
    progress: Progress,
) -> bool:
    """Go through the epochs that are not finished, and return whether a person has ended that."""
    progress.emit("phase", phase="head", epochs=recipe.epochs)
    epochs = Epochs(recipe, "head", parts["train"], checkpoint, progress)
    every = spacing(recipe.epochs, *(len(parts[split].truth) for split in ("train", "validation")))
    precision = LivePrecision(parts["validation"], every, recipe.epochs, progress)
    try:
        learner.fit(
            parts["train"],
            validation_data=parts["validation"],
            initial_epoch=finished,
            epochs=recipe.epochs,
            callbacks=[keras.callbacks.TerminateOnNaN(), precision, epochs],
            shuffle=False,
            verbose=0,
        )
    except StopRequested:
        if not checkpoint.history.rows:
            raise Stopped(_("Stopped before the first epoch was finished: there is nothing to save.")) from None
        return True
    return False
