"""Batches for a network that learns boxes: what it sees, and what its head should say at each place of its maps."""

import numpy as np
from numpy.typing import NDArray

from tl_core.features import augment
from tl_core.features.batches import Batches, Examples
from tl_core.recipe import Recipe
from tl_core.training.box_targets import targets


class BoxBatches(Batches):
    """Batches of stored maps, or pictures, with their targets: these follow the copy that an epoch sees.

    Args:
        examples: ``targets`` has a row for each picture.
        truth: the boxes of each picture, ``(n, 5)``.
        recipe: of the run.
        classes: how many.
        copies: of each picture, seen in turn; 0 for a new one in every epoch.
        changed: whether copies are seen; else the pictures as they are.
        seed: of the order; None leaves the rows as they are.
    """

    def __init__(
        self,
        examples: Examples,
        truth: list[NDArray[np.float64]],
        recipe: Recipe,
        classes: int,
        copies: int,
        changed: bool,
        seed: int | None = None,
    ) -> None:
        super().__init__(examples, recipe.batch_size, seed)
        self.truth = truth
        self.recipe = recipe
        self.classes = classes
        self.copies = copies
        self.changed = changed

    def __getitem__(self, index: int) -> tuple[NDArray[np.generic], NDArray[np.float32]]:  # type: ignore[override]
        rows = self._order[index * self.batch_size : (index + 1) * self.batch_size]
        return self.examples.source.read(rows, self.epoch), np.stack([self._target(int(row)) for row in rows])

    def _target(self, row: int) -> NDArray[np.float32]:
        edges, labels = self.truth[row][:, :4], self.truth[row][:, 4].astype(np.int64)
        if self.changed:
            copy = (row + self.epoch) % self.copies if self.copies else self.epoch
            id_ = str(self.examples.source.ids[row])  # type: ignore[union-attr]
            edges, seen = augment.moved(edges, self.recipe.augmentation, self.recipe.seed, id_, copy)
            edges, labels = edges[seen], labels[seen]
        return targets(edges, labels, self.classes, self.recipe.image_size)
