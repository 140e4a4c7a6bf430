"""The images that are dealt into folds, so that each is asked of what has not seen it: with one label, or several."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.dataset import duplicates, tag_splits, tags
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.metrics import folds as folding
from tl_core.wording import quoted

FOLDS = 5


@dataclass(frozen=True, kw_only=True)
class Questions:
    """Images with one label each.

    Attributes:
        ids: of the images.
        labels: ``(n,)`` positions in ``classes``.
        classes: names.
        groups: ``(n,)`` number of each image's group: what is alike, or belongs together, has one.
        folds: 2 to FOLDS.
    """

    ids: list[str]
    labels: NDArray[np.int64]
    classes: list[str]
    groups: NDArray[np.int64]
    folds: int

    @property
    def n(self) -> int:
        """Images."""
        return len(self.ids)

    @property
    def outputs(self) -> list[str]:
        """Names in the order of a model's output."""
        return self.classes

    def deal(self, seed: int, folds: int | None = None) -> NDArray[np.int64]:
        """Return the fold of each image, ``(n,)``: groups stay whole, and each class is spread over the folds.

        Raises:
            ValueError: there are fewer groups of every class than folds.
        """
        return folding.deal(self.labels, self.groups, folds or self.folds, seed)

    def of(self, rows: NDArray[np.bool_]) -> Self:
        """Return some of the images, ``(n,)``."""
        ids = [self.ids[row] for row in np.flatnonzero(rows)]
        return replace(self, ids=ids, labels=self.labels[rows], groups=self.groups[rows])

    def teach(self, rows: NDArray[np.bool_]) -> bool:
        """Return whether something can be learned from some of the images: they are of two classes at least."""
        return len(np.unique(self.labels[rows])) > 1

    def enough(self, least: int) -> bool:
        """Return whether two classes have at least so many groups."""
        counts = [len(np.unique(self.groups[self.labels == label])) for label in range(len(self.classes))]
        return sum(count >= least for count in counts) >= 2


@dataclass(frozen=True, kw_only=True)
class TagQuestions(Questions):
    """Images with several labels each; here a class is what an image has together: it is right as a whole, or not.

    Attributes:
        truth: ``(n, tags)`` which image has which tag.
        tags: names.
    """

    truth: NDArray[np.bool_]
    tags: list[str]

    @property
    def outputs(self) -> list[str]:
        """Names in the order of a model's output."""
        return self.tags

    @property
    def table(self) -> pd.DataFrame:
        """What ``tag_splits`` reads of a manifest."""
        return pd.DataFrame({"id": self.ids, "label": [self.classes[at] for at in self.labels]}, dtype=object)

    def deal(self, seed: int, folds: int | None = None) -> NDArray[np.int64]:
        """Return the fold of each image, ``(n,)``, by iterative stratification."""
        return tag_splits.folds(self.table, self.groups, folds or self.folds, seed)

    def of(self, rows: NDArray[np.bool_]) -> Self:
        """Return some of the images, ``(n,)``."""
        return replace(super().of(rows), truth=self.truth[rows])

    def teach(self, rows: NDArray[np.bool_]) -> bool:
        """Return whether something can be learned from some of the images: some have a label that others have not."""
        own = self.truth[rows]
        return bool((own.any(axis=0) & ~own.all(axis=0)).any())

    def enough(self, least: int) -> bool:
        """Return whether there is a tag that at least so many groups have, and so many have not."""
        return max(sides(self.truth, self.groups), default=0) >= least


def of_table(table: pd.DataFrame, classes: list[str], kind: Things) -> Questions:
    """Return the images of a manifest's rows, ready to be dealt.

    Raises:
        InputError: there are not two classes of two different images, or no tag that two have and two have not.
    """
    return _BY_KIND[kind](table, classes)


def of_classes(table: pd.DataFrame, classes: list[str]) -> Questions:
    """Return images with one label each. Raises InputError: there are not two classes of two different images."""
    labels = pd.Categorical(table["label"], classes).codes.astype(np.int64)
    groups = duplicates.units(table)
    folds = _folds(labels, groups, classes)
    return Questions(ids=table["id"].tolist(), labels=labels, classes=classes, groups=groups, folds=folds)


def of_tags(table: pd.DataFrame, names: list[str], most: int = FOLDS) -> TagQuestions:
    """Return images with several labels each.

    Args:
        table: rows of a manifest.
        names: of the tags.
        most: folds at most; fewer where a tag has not that many groups of images.

    Raises:
        InputError: no tag has two different images with it and two without it.
    """
    truth, groups = tags.matrix(table["label"].tolist(), names), duplicates.units(table)
    together, labels = np.unique(table["label"].to_numpy(str), return_inverse=True)
    counted = sides(truth, groups)
    if max(counted, default=0) < 2:
        raise InputError(
            _(
                "Cross-validation needs a label that at least two different pictures have, and two have not, in "
                "training and validation. Give more pictures their labels."
            )
        )
    return TagQuestions(
        ids=table["id"].tolist(),
        labels=labels.astype(np.int64),
        classes=together.tolist(),
        groups=groups,
        folds=min(most, max(2, min(each for each in counted if each >= 2))),
        truth=truth,
        tags=names,
    )


def sides(truth: NDArray[np.bool_], groups: NDArray[np.int64]) -> list[int]:
    """Return for each tag that some images have and some have not how many groups the rarer of the two has."""
    return [
        min(len(np.unique(groups[own])), len(np.unique(groups[~own]))) for own in truth.T if own.any() and not own.all()
    ]


def _folds(labels: NDArray[np.int64], groups: NDArray[np.int64], classes: list[str]) -> int:
    """Return into how many folds the images go. Raises InputError if a fold would leave one class to learn from."""
    counts = [len(np.unique(groups[labels == number])) for number in range(len(classes))]
    if sum(count >= 2 for count in counts) < 2:
        few = ", ".join(f"{quoted(name)} ({count})" for name, count in zip(classes, counts, strict=True) if count < 2)
        raise InputError(
            _(
                "Cross-validation needs two classes with at least two different pictures each in "
                "training and validation. Too few in: {few}. Add some."
            ).format(few=few)
        )
    return min(FOLDS, max(2, min(counts)))


_BY_KIND: Mapping[Things, Callable[[pd.DataFrame, list[str]], Questions]] = {
    "pictures": of_classes,
    "texts": of_classes,
    "tags": of_tags,
}
