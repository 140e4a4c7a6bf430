"""The phases of a run: the head on cached activations, then fine-tuning of what lies after the freeze line."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core import keras_private, seeds
from tl_core.errors import InputError, Stopped
from tl_core.features.augment import augmented
from tl_core.features.batches import Batches, Examples, Source
from tl_core.features.runtime import forward
from tl_core.features.sources import CachedActivations
from tl_core.jobs import CHECKPOINT
from tl_core.language import _
from tl_core.networks import activations, cut, optimizers
from tl_core.networks.box_model import BoxNetwork
from tl_core.networks.model import Network, compile_learner, set_trainable, targets
from tl_core.progress import Progress
from tl_core.runs import History, Phase
from tl_core.training import objective, regression
from tl_core.training.callbacks import Epochs, StopRequested, ends
from tl_core.training.checkpoint import Checkpoint
from tl_core.training.prepare import Setup

#: Pictures by which a head gets its fixed numbers: with stored features, of so many numbers in all; and where each has
#: to run through the network first.
MOST_STORED, MOST_NUMBERS, MOST_PICTURES = 4096, 2**26, 256


@dataclass
class Fit:
    """The learning of a run, from wherever an earlier attempt has left it.

    Attributes:
        setup: the run.
        history: its finished epochs, read from and written to the disk.
        progress: hears of phases, batches and epochs.
        features_seconds: spent on activations.
        train_seconds: spent in epochs.
        stopped: whether a person has ended it.
        trained_parameters: numbers in the network that the last phase changed.
    """

    setup: Setup
    history: History
    progress: Progress
    features_seconds: float = 0.0
    train_seconds: float = 0.0
    stopped: bool = False
    trained_parameters: int = 0
    _in_network: bool = False

    def run(self) -> None:
        """Go through the phases; the network then has the best weights.

        Where a person has pressed Stop while the run had paused, nothing more is learned.

        Raises:
            InputError: nothing is left to fine-tune, or there is no such block.
            Stopped: a person pressed Stop before the first epoch was finished, or the run pauses for something else.
        """
        try:
            self.stopped = self.progress.stopped() and self._recall()
            if not self.stopped:
                self._phases()
        except StopRequested:
            raise Stopped(_("Stopped before the first epoch was finished: there is nothing to save.")) from None
        except Stopped:
            if not (self._in_network or self._recall()):
                raise
            self.stopped = True
        if self.setup.run.job.pausing:
            raise Stopped(_("Paused. It goes on from its last epoch."))

    @property
    def _network(self) -> Network | BoxNetwork:
        return self.setup.network

    def _phases(self) -> None:
        recipe = self.setup.recipe
        if recipe.epochs and not self._checkpoint("fine-tune").begun:
            self._head()
        if recipe.fine_tune_epochs and not self.stopped:
            self._fine_tune()

    def _recall(self) -> bool:
        """Give the network the best weights of the checkpoint; return False if it has none, or none that are whole."""
        every = self._checkpoint("fine-tune"), self._checkpoint("head")
        checkpoint = next((each for each in every if each.begun), None)
        if checkpoint is None or not self.history.rows:  # logistic regression leaves none
            return False
        make = self._head_learner if checkpoint.phase == "head" else partial(self._tail_learner, *self._halves()[1:])
        learner = checkpoint.recall(make(stored=stored) for stored in (True, False))
        if learner is not None:
            self._note(learner)
        return learner is not None

    def _head(self) -> None:
        network, recipe = self.setup.network, self.setup.recipe
        sources = self._sources("head", "all", network.pooled)
        train = sources["train"]
        shape = train.shape if isinstance(train, CachedActivations) else None
        learner = self._head_learner(stored=shape is not None, shape=shape)
        if recipe.head.saturated or recipe.head.centred:
            network.measure(self._features(sources["train"]))
        if regression.fits(self.setup, self.progress):
            self._solve(learner, sources)
        else:
            self._learn("head", learner, sources, recipe.epochs, optimizers.of_head(recipe))

    def _solve(self, learner: keras.Model, sources: dict[str, Source]) -> None:
        began, network, copies = time.perf_counter(), self.setup.network, self.setup.recipe.copies
        rows = {
            split: regression.rows(
                network,
                self._examples(sources, split),
                self.setup.labels(split),
                copies if split == "train" else 1,
            )
            for split, source in sources.items()
        }
        self.stopped = regression.learn(self.setup, rows["train"], rows.get("validation"), self.history, self.progress)
        self._end(learner, sources, began)

    def _features(self, source: Source) -> NDArray[np.float32]:
        """Return the pooled features ``(n, width)`` of training pictures, evenly chosen where they are many."""
        if isinstance(source, CachedActivations):
            return source.read(_spread(len(source), min(MOST_STORED, MOST_NUMBERS // math.prod(source.shape))))
        return forward(self.setup.network.pooled())(source.read(_spread(len(source), MOST_PICTURES)))

    def _head_learner(self, *, stored: bool, shape: tuple[int, ...] | None = None) -> keras.Model:
        """Return what learns the head: from stored activations of that shape, the network's own by default, or not."""
        network = self.setup.network
        if stored:
            return network.head_learner(shape or network.pooled().output_shape[1:])
        set_trainable(network.backbone, None)
        return network.live_learner(network.backbone, None)

    def _fine_tune(self) -> None:
        network, recipe = self._network, self.setup.recipe
        line, trunk, tail = self._halves()
        sources = self._sources("fine-tune", line, lambda: trunk)
        learner = self._tail_learner(trunk, tail, stored=isinstance(sources["train"], CachedActivations))
        shares = optimizers.shares(learner, network.backbone, recipe.block_decay)
        optimizer = optimizers.of_fine_tuning(recipe, self._steps(recipe.fine_tune_epochs), shares)
        self._learn("fine-tune", learner, sources, recipe.fine_tune_epochs, optimizer)

    def _halves(self) -> tuple[str | None, keras.Model | None, keras.Model]:
        """Return the freeze line, what is frozen while blocks learn, and what learns then."""
        network, recipe = self._network, self.setup.recipe
        line = cut.freeze_line(network.backbone, recipe.freeze)
        trunk, tail = network.split(line)
        if tail is None:
            raise InputError(
                _("After “{line}” there is nothing to fine-tune. Move the freeze line down.").format(line=recipe.freeze)
            )
        set_trainable(trunk, tail, recipe.train_batch_norm, recipe.keep_frozen)
        return line, trunk, tail

    def _tail_learner(self, trunk: keras.Model | None, tail: keras.Model, *, stored: bool) -> keras.Model:
        """Return what learns the head and blocks: from stored activations of the frozen ones, or not."""
        return self._network.tail_learner(tail) if stored else self._network.live_learner(trunk, tail)

    def _steps(self, epochs: int) -> int:
        return epochs * math.ceil(len(self.setup.ids("train")) / self.setup.recipe.batch_size)

    def _sources(self, phase: Phase, line: str | None, trunk: Callable[[], keras.Model | None]) -> dict[str, Source]:
        """Return what each split is read from: activations of the trunk, or the images where none can be cached."""
        setup, began = self.setup, time.perf_counter()
        pictures = {split: setup.pictures(split) for split in setup.tables}
        if line is None or setup.recipe.live:
            seed, recipe = seeds.derive(setup.recipe.seed, phase), setup.recipe
            ids, at = setup.ids("train"), recipe.augmentation_size
            train = augmented(pictures["train"], ids, recipe.augmentation, seed, at=at)
            return {**pictures, "train": train}
        self.progress.emit("phase", phase="features", epochs=0)
        cache = activations.cache(setup.run, line, trunk)
        sources = cache.sources({split: setup.ids(split) for split in setup.tables}, pictures, self.progress)
        self.features_seconds += time.perf_counter() - began
        return sources

    def _learn(
        self,
        phase: Phase,
        learner: keras.Model,
        sources: dict[str, Source],
        epochs: int,
        optimizer: keras.optimizers.Optimizer,
    ) -> None:
        began, recipe = time.perf_counter(), self.setup.recipe
        self._compile(learner, keras_private.alone(optimizer))
        checkpoint = self._checkpoint(phase)
        finished = checkpoint.start(learner)
        batches = self._batches(sources, "train")
        unseen = self._batches(sources, "validation") if "validation" in sources else None
        self.progress.emit("phase", phase=phase, epochs=epochs)
        try:
            if not ends(recipe, phase, self.history.of(phase), len(batches.examples.targets)):
                learner.fit(
                    batches,
                    validation_data=unseen,
                    initial_epoch=finished,
                    epochs=epochs,
                    callbacks=[
                        keras.callbacks.TerminateOnNaN(),
                        *self._measured(unseen, epochs),
                        Epochs(recipe, phase, batches, checkpoint, self.progress),
                    ],
                    shuffle=False,
                    verbose=0,
                )
        except StopRequested:
            if not self.history.rows:
                raise
            self.stopped = True
        finally:
            for read in filter(None, (batches, unseen)):
                read.close()
        checkpoint.load_best(learner)
        self._end(learner, sources, began)

    def _compile(self, learner: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        compile_learner(learner, self.setup.recipe, optimizer)

    def _batches(self, sources: dict[str, Source], split: str) -> Batches:
        """Return the batches of a split; those to train on in an order of their own."""
        recipe = self.setup.recipe
        return Batches(self._examples(sources, split), recipe.batch_size, recipe.seed if split == "train" else None)

    def _measured(self, unseen: Batches | None, epochs: int) -> list[keras.callbacks.Callback]:
        """Return what measures more of an epoch than loss and accuracy."""
        return []

    def _end(self, learner: keras.Model, sources: dict[str, Source], began: float) -> None:
        """Note what a phase that began then has taken and changed, and let go of what it has read."""
        self._note(learner)
        self.train_seconds += time.perf_counter() - began
        for source in sources.values():
            if isinstance(source, CachedActivations):
                source.close()

    def _note(self, learner: keras.Model) -> None:
        """Note that the network has the best weights of a phase, and how many that has changed."""
        self._in_network = True
        self.trained_parameters = sum(math.prod(weight.shape) for weight in learner.trainable_weights)

    def _examples(self, sources: dict[str, Source], split: str) -> Examples:
        recipe, classes = self.setup.recipe, len(self.setup.classes)
        labels = self.setup.labels(split)
        balanced = recipe.class_weights and split == "train"
        weights = objective.of(recipe.head).weights(labels, classes, balanced=balanced)
        return Examples(source=sources[split], targets=targets(recipe.head, labels, classes), weights=weights)

    def _checkpoint(self, phase: Phase) -> Checkpoint:
        return Checkpoint(self.setup.run.folder / CHECKPOINT, phase, self.history)


def _spread(count: int, most: int) -> NDArray[np.int64]:
    """Return at most ``most`` rows of ``count``, evenly chosen."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
