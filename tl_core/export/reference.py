"""What the app answers for examples of a run; beside that the answers of a file are laid. Loads no TensorFlow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.dataset import kinds, tags
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.evaluation import predictions
from tl_core.evaluation import tags as tag_answers
from tl_core.runs import RunFolder


@dataclass(frozen=True, kw_only=True)
class Reference:
    """The answers of the app for ``n`` examples.

    Attributes:
        split: that they are of.
        ids: of the examples.
        classes: names in the order of the model's output.
        probabilities: ``(n, classes)``.
        features: ``(n, channels)`` what the head sees of each.
        groups: ``(n,)`` number of each example's group; None where no example is like another.
        thresholds: ``(classes,)`` from which probability on each tag is given; None where the most probable class is
            the answer.
    """

    split: str
    ids: Sequence[str]
    classes: Sequence[str]
    probabilities: NDArray[np.float64]
    features: NDArray[np.float32]
    groups: NDArray[np.int64] | None
    thresholds: NDArray[np.float64] | None = None

    def __len__(self) -> int:
        return len(self.ids)

    def at(self, rows: NDArray[np.int64]) -> Self:
        """Return the answers for some of the examples."""
        return replace(
            self,
            ids=[self.ids[row] for row in rows.tolist()],
            probabilities=self.probabilities[rows],
            features=self.features[rows],
            groups=None if self.groups is None else self.groups[rows],
        )

    def named(self, probabilities: NDArray[np.floating]) -> NDArray[np.bool_]:
        """Return which classes are the answer, ``(n, classes)``, given the probabilities of a file or of the app."""
        if self.thresholds is not None:
            reached: NDArray[np.bool_] = probabilities >= self.thresholds
            return reached
        named = np.zeros(probabilities.shape, bool)
        named[np.arange(len(named)), probabilities.argmax(axis=1)] = True
        return named

    def words(self, named: NDArray[np.bool_]) -> str:
        """Return one answer of those as text: a class, or the tags as a label holds them, "" for none."""
        return tags.join(self.classes[at] for at in np.flatnonzero(named).tolist())

    def answer(self, row: int) -> str:
        """Return what the app answers for one of the examples, as ``words``."""
        return self.words(self.named(self.probabilities[[row]])[0])


def of(run: RunFolder) -> Reference | None:
    """Return the answers for the validation examples of a run, else for those it was trained on; None without any."""
    load = LOADED.get(kinds.of(run.project), _of_one)
    return load(run, VALIDATION) or load(run, TRAIN)


def of_split(run: RunFolder, split: str) -> Reference | None:
    """Return the answers for a split of a run; None where they are not stored, or there are no examples."""
    return LOADED.get(kinds.of(run.project), _of_one)(run, split)


def _of_one(run: RunFolder, split: str) -> Reference | None:
    found = predictions.load(run, split)
    if not found:
        return None
    return Reference(
        split=split,
        ids=found.ids,
        classes=found.classes,
        probabilities=found.probabilities,
        features=found.features,
        groups=found.groups,
    )


def _of_tags(run: RunFolder, split: str) -> Reference | None:
    found = tag_answers.load(run, split)
    if not found:
        return None
    thresholds = tag_answers.thresholds_of(run)
    return Reference(
        split=split,
        ids=found.ids,
        classes=found.tags,
        probabilities=found.probabilities,
        features=found.features,
        groups=found.groups,
        thresholds=np.array([thresholds.of[tag] for tag in found.tags]),
    )


#: How answers are read that are of other than one label.
LOADED: dict[Things, Callable[[RunFolder, str], Reference | None]] = {"tags": _of_tags}
