"""The phases of a run on boxes: the head on stored maps, then fine-tuning of what lies after the freeze line."""

from collections.abc import Callable
from functools import cached_property

import keras
import numpy as np

from tl_core.evaluation import box_record
from tl_core.features.augment import augmented
from tl_core.features.batches import Batches, Examples, Source
from tl_core.features.sources import CachedActivations
from tl_core.networks import optimizers, pyramid
from tl_core.networks.box_model import BoxNetwork
from tl_core.networks.model import set_trainable
from tl_core.runs import Phase
from tl_core.training.box_batches import BoxBatches
from tl_core.training.box_targets import BoxLoss
from tl_core.training.fit import Fit
from tl_core.training.live_precision import LivePrecision, spacing


class BoxFit(Fit):
    """The learning of a run on boxes, see ``Fit``."""

    @cached_property
    def network(self) -> BoxNetwork:
        """What learns. The one of the setup has a head for labels, which nobody builds here."""
        setup = self.setup
        return BoxNetwork(lambda: setup.network.backbone, len(setup.classes), setup.recipe.seed)

    @property
    def _network(self) -> BoxNetwork:
        return self.network

    def _head(self) -> None:
        recipe = self.setup.recipe
        sources = self._sources("head", pyramid.LINE, self.network.rows)
        learner = self._head_learner(stored=isinstance(sources["train"], CachedActivations))
        optimizer = optimizers.of_box_head(recipe, self._steps(recipe.epochs))
        self._learn("head", learner, sources, recipe.epochs, optimizer)

    def _head_learner(self, *, stored: bool, shape: tuple[int, ...] | None = None) -> keras.Model:
        network = self.network
        if stored:
            return network.head_learner()
        set_trainable(network.backbone, None)
        return network.live_learner(network.rows(), None)

    def _sources(self, phase: Phase, line: str | None, trunk: Callable[[], keras.Model | None]) -> dict[str, Source]:
        setup, recipe = self.setup, self.setup.recipe
        if line is None or recipe.live:  # copies are drawn as those that would be stored, so that boxes move with them
            pictures = {split: setup.pictures(split) for split in setup.tables}
            ids, copies = setup.ids("train"), None if recipe.live else range(recipe.copies)
            train = augmented(pictures["train"], ids, recipe.augmentation, recipe.seed, copies)
            return {**pictures, "train": train}
        return super()._sources(phase, line if phase == "head" else pyramid.line_of(line), trunk)

    def _compile(self, learner: keras.Model, optimizer: keras.optimizers.Optimizer) -> None:
        learner.compile(optimizer, BoxLoss(len(self.setup.classes)))

    def _batches(self, sources: dict[str, Source], split: str) -> BoxBatches:
        setup, recipe, rows = self.setup, self.setup.recipe, self.setup.tables[split]
        none, ones = np.zeros((len(rows), 0), np.float32), np.ones(len(rows), np.float32)
        trains = split == "train"
        return BoxBatches(
            Examples(source=sources[split], targets=none, weights=ones),
            box_record.truth_of(rows, setup.classes),
            recipe,
            len(setup.classes),
            copies=0 if recipe.live else recipe.copies,
            changed=trains and recipe.augmentation != "off",
            seed=recipe.seed if trains else None,
        )

    def _measured(self, unseen: Batches | None, epochs: int) -> list[keras.callbacks.Callback]:
        if not isinstance(unseen, BoxBatches):
            return []
        every = spacing(epochs, len(self.setup.ids("train")), len(self.setup.ids("validation")))
        return [LivePrecision(unseen, every, epochs, self.progress)]
