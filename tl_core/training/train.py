"""A training run: the head on kept activations, then fine-tuning of what lies behind the freeze line."""

import contextlib
import dataclasses
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd

from tl_core.dataset import manifest, notes
from tl_core.errors import InputError, Stopped, TLError
from tl_core.evaluation import crossval, inference, predictions, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.features import sources as features_sources
from tl_core.features.batches import Feed, Part, Source, balancing_weights
from tl_core.features.cache import Keeper
from tl_core.freezing import outline
from tl_core.metrics import calibration
from tl_core.networks import backbone, catalogue, cut
from tl_core.networks import weights as pretrained
from tl_core.networks.model import Network, compile_learner, set_trainable, targets
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import Accuracy, Best, Counts, History, Parameters, Phase, RunFolder, RunReport
from tl_core.training.callbacks import Events, PatientStopping, StopRequested, exhausted
from tl_core.training.checkpoint import Checkpoint
from tl_core.workspace import Project, read_json, write_json, write_record


class Run:
    """A run in its folder. ``train`` goes on from whatever an earlier attempt has left there.

    Raises:
        InputError: the pictures cannot be trained on, or the recipe does not fit them.
        MissingWeightsError: the backbone's weights are not on this machine.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        self.project = Project(folder.parent.parent)
        self.recipe = Recipe.from_json(read_json(folder / "recipe.json"))
        self.spec = catalogue.get(self.recipe.backbone)
        self.history = History(folder / "history.csv")
        self.seconds = {"features": 0.0, "train": 0.0}
        self.stopped = False
        data = manifest.load(self.project, self.recipe.manifest)
        if problems := notes.problems(data):
            raise InputError(" ".join(problems))
        self.classes = data.classes
        self.counts = Counts(*(len(data.split(part)) for part in ("train", "validation", "test")))
        #: The test part is left out here, so nothing below can read it.
        self.parts = {part: data.split(part) for part in ("train", "validation")}
        keras.utils.set_random_seed(self.recipe.seed)
        self.network = Network(self._backbone, self.recipe.head, len(self.classes))

    def train(self) -> RunReport:
        """Train, write ``model.keras``, ``classes.json`` and ``report.json``, and return the report."""
        began = time.perf_counter()
        self._check()
        try:
            if self.recipe.epochs and not self._checkpoint("fine-tune").begun:
                self._head_phase()
            if self.recipe.fine_tune_epochs and not self.stopped:
                self._fine_tune_phase()
        except StopRequested:
            raise Stopped("Stopped before the first epoch was finished: there is nothing to keep.") from None
        except Stopped:
            if not self.history.rows:
                raise
            self.stopped = True
        return self._finish(began)

    def _check(self) -> None:
        """Raise now what would else come after the head was trained: no weights, no such block, no such layer."""
        if self.recipe.weights == "imagenet":
            pretrained.ensure(self.spec, self.project.workspace)
        known = outline.kept(self.project.workspace, self.spec.id)
        lines = [block["id"] for block in known["blocks"]] if known else []
        if self.recipe.freeze not in ("all", "none", *lines):
            cut.freeze_line(self.network.backbone, self.recipe.freeze)
        if self.recipe.keep_frozen and self.recipe.fine_tune_epochs:
            set_trainable(None, self.network.backbone, keep_frozen=self.recipe.keep_frozen)

    def _backbone(self) -> keras.Model:
        self.progress.emit("message", text=f"Loading {self.spec.title}")
        keras.utils.set_random_seed(self.recipe.seed)
        return backbone.build(
            self.spec, self.recipe.image_size, weights=self.recipe.weights, workspace=self.project.workspace
        )

    def _head_phase(self) -> None:
        sources = self._sources("all", self.network.pooled)
        if isinstance(sources["train"], features_sources.Kept):
            learner = self.network.head_learner(sources["train"].shape)
        else:
            set_trainable(self.network.backbone, None)
            learner = self.network.live_learner(self.network.backbone, None, self.recipe)
        self._fit("head", learner, sources, self.recipe.epochs, self.recipe.learning_rate)

    def _fine_tune_phase(self) -> None:
        recipe = self.recipe
        line = cut.freeze_line(self.network.backbone, recipe.freeze)
        trunk, tail = cut.split(self.network.backbone, line)
        if tail is None:
            raise InputError(f"Behind “{recipe.freeze}” there is nothing left to fine-tune. Move the freeze line down.")
        set_trainable(trunk, tail, recipe.train_batch_norm, recipe.keep_frozen)
        sources = self._sources(line, lambda: trunk)
        if isinstance(sources["train"], features_sources.Kept):
            learner = self.network.tail_learner(tail)
        else:
            learner = self.network.live_learner(trunk, tail, recipe)
        self._fit("fine-tune", learner, sources, recipe.fine_tune_epochs, recipe.fine_tune_learning_rate)

    def _sources(self, line: str | None, trunk: Callable[[], keras.Model | None]) -> dict[str, Source]:
        """Return what each part is read from: kept activations of the trunk, or the pictures where nothing is kept."""
        pictures = {part: self._pictures(table) for part, table in self.parts.items()}
        if line is None or self.recipe.live:
            return dict(pictures)
        began = time.perf_counter()
        self.progress.emit("phase", phase="features", epochs=0)
        kept = Keeper(self.recipe, self.project.workspace.cache, line, trunk)
        ids = {part: list(table["id"]) for part, table in self.parts.items()}
        sources = kept.sources(ids, pictures, self.progress)
        self.seconds["features"] += time.perf_counter() - began
        return sources

    def _pictures(self, table: pd.DataFrame) -> features_sources.Pictures:
        return features_sources.Pictures(
            [manifest.image_path(self.project, id_) for id_ in table["id"]], self.recipe.image_size
        )

    def _fit(
        self, phase: Phase, learner: keras.Model, sources: dict[str, Source], epochs: int, learning_rate: float
    ) -> None:
        began = time.perf_counter()
        self.learner = learner
        self.validation = self._part(sources, "validation")
        feed = Feed(self._part(sources, "train"), self.recipe.batch_size, self.recipe.seed)
        earlier = [math.inf if row.val_loss is None else row.val_loss for row in self.history.of(phase)]
        compile_learner(learner, self.recipe, learning_rate)
        checkpoint = self._checkpoint(phase)
        finished = checkpoint.start(learner)
        callbacks = [PatientStopping(earlier, self.recipe.patience), keras.callbacks.TerminateOnNaN()]
        callbacks += [Events(self.progress, phase, feed, checkpoint)]
        self.progress.emit("phase", phase=phase, epochs=epochs)
        try:
            if not exhausted(earlier, self.recipe.patience):
                held_out = Feed(self.validation, self.recipe.batch_size).dataset()
                learner.fit(
                    feed.dataset(),
                    validation_data=held_out,
                    initial_epoch=finished,
                    epochs=epochs,
                    callbacks=callbacks,
                    shuffle=False,
                    verbose=0,
                )
        except StopRequested:
            if not self.history.rows:
                raise
            self.stopped = True
        checkpoint.load_best(learner)
        self.seconds["train"] += time.perf_counter() - began

    def _part(self, sources: dict[str, Source], name: str) -> Part:
        position = {label: number for number, label in enumerate(self.classes)}
        labels = np.array([position[label] for label in self.parts[name]["label"]], np.int64)
        balance = self.recipe.class_weights and name == "train"
        weights = balancing_weights(labels, len(self.classes)) if balance else np.ones(len(labels), np.float32)
        return Part(source=sources[name], targets=targets(self.recipe.head, labels, len(self.classes)), weights=weights)

    def _checkpoint(self, phase: Phase) -> Checkpoint:
        return Checkpoint(self.folder / "checkpoint", phase, self.history)

    def _finish(self, began: float) -> RunReport:
        best = self.history.best()
        if best is None:
            raise InputError(
                f"The loss is not a number any more: the learning rate {self.recipe.learning_rate:g} is too high "
                "for these pictures. Divide it by ten and train again."
            )
        found = self._ask()
        whole = self.network.whole(found[0].temperature)
        part = self.folder / "part.keras"
        whole.save(part)
        part.replace(self.folder / "model.keras")
        write_json(self.folder / "classes.json", {"classes": self.classes})
        for each in found:
            predictions.save(RunFolder(self.folder), each)
        self._steady()
        validation = scores.accuracy(RunFolder(self.folder), found[0])
        report = RunReport(
            counts=self.counts,
            history=tuple(self.history.rows),
            validation=Accuracy(**{**validation, "interval": tuple(validation["interval"])}),
            temperature=found[0].temperature,
            seconds={**self.seconds, "total": time.perf_counter() - began},
            best=Best(best.phase, best.epoch),
            stopped=self.stopped,
            parameters=Parameters(whole.count_params(), _count(self.learner.trainable_weights)),
        )
        write_record(self.folder / "report.json", report)
        return report

    def _steady(self) -> None:
        """Cross-validate the head of a small set, whose validation part alone says too little."""
        run = RunFolder(self.folder)
        if self.stopped or not crossval.at_hand(run):
            return
        try:
            crossval.cross_validate(run, self.progress)
        except TLError as exc:
            self.progress.emit("warning", text=str(exc))

    def _ask(self) -> list[Predictions]:
        """Return what the best weights say of the validation part, and of the training part unless Stop was pressed.

        The temperature is fitted on the first, and goes for both.
        """
        run, whole = RunFolder(self.folder), self.network.whole()
        self.progress.emit("phase", phase="answers", epochs=0)
        found = [inference.ask(run, whole, "validation", Progress(), self.classes)]
        with contextlib.suppress(Stopped):
            found.append(inference.ask(run, whole, "train", self.progress, self.classes))
        fitted = calibration.temperature(found[0].logits, found[0].truth)
        return [dataclasses.replace(each, temperature=fitted) for each in found]


def _count(weights: list[Any]) -> int:
    return int(sum(np.prod(weight.shape) for weight in weights))


def run(folder: Path, progress: Progress) -> RunReport:
    """The ``train`` job: train by the ``recipe.json`` of the folder and return the report."""
    return Run(folder, progress).train()


def warm() -> None:
    """Train two numbers for one step, so that the first run finds all that Keras loads when it first fits."""
    learner = keras.Sequential([keras.Input((2,)), keras.layers.Dropout(0.1), keras.layers.Dense(1)])
    learner.compile(keras.optimizers.Adam(), "mse", metrics=["accuracy"])
    inputs, answers = np.zeros((2, 2), np.float32), np.zeros((2, 1), np.float32)
    learner.fit(inputs, answers, validation_data=(inputs, answers), verbose=0)
