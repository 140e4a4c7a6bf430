"""What the model of a run predicts: for every image of a split, stored with the run, and for a new image.

All figures of the results are counted from the stored ones, which ``inference`` computes once. Loads no TensorFlow.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.arrays import Array
from tl_core.dataset import duplicates, manifest
from tl_core.dataset.splits import CONFLICT
from tl_core.errors import DamagedError, NotFoundError
from tl_core.runs import RunFolder

#: What is stored: ``n`` images, ``c`` classes, ``d`` channels.
LAYOUT = {
    "classes": Array(kind="U", axes="c"),
    "ids": Array(kind="U", axes="n"),
    "truth": Array(kind="i", axes="n", of="c"),
    "logits": Array(kind="f", axes="nc"),
    "features": Array(kind="f", axes="nd"),
    "temperature": Array(kind="f", least=1e-30),
    "groups": Array(kind="i", axes="n", needed=False),
}


@dataclass(frozen=True, kw_only=True)
class ClassProbability:
    """A class (``label``) and its ``probability``, 0 to 1."""

    label: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Familiarity:
    """Whether a model should answer for an image at all, see ``unknowns``.

    Attributes:
        score: how familiar the image is, at most 1.
        threshold: below it the model refuses.
        refused: whether it does.
    """

    score: float
    threshold: float
    refused: bool


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model predicts for a new image.

    Attributes:
        classes: every class, the most probable first; empty where the image cannot be read.
        before: the first of the 1,000 ImageNet classes of the original network; None where it was not asked.
        known: whether the model should answer; None where the run has no predictions to judge by.
        error: why the image cannot be read, None where it can.
    """

    classes: tuple[ClassProbability, ...] = ()
    before: tuple[ClassProbability, ...] | None = None
    known: Familiarity | None = None
    error: str | None = None

    @property
    def refused(self) -> bool:
        """Whether the model should say that the image is none of its classes."""
        return self.known is not None and self.known.refused


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The predictions for ``n`` images.

    Attributes:
        split: ``"train"``, ``"validation"`` or ``"test"``; ``"cross-validation"`` for those of models that had not
            seen the image.
        classes: names in the order of the model's output.
        ids: of the images.
        truth: ``(n,)`` position of the class that a person gave each image, by the manifest that the run was trained
            on.
        logits: ``(n, classes)`` before the temperature; ``[0, z]`` for a sigmoid head.
        features: ``(n, channels)`` what the head sees of each image; a feature map is averaged.
        temperature: above 0; the model says ``softmax(logits / temperature)``.
        groups: ``(n,)`` number of each image's group: what is alike, or belongs together, has one. None where no
            image is like another.
    """

    split: str
    classes: list[str]
    ids: list[str]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    temperature: float
    groups: NDArray[np.int64] | None = None

    @property
    def labelled(self) -> list[str]:
        """The class of each image, as it was labelled."""
        return [self.classes[number] for number in self.truth]

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """``(n, classes)``, as the model says them; rows add up to 1."""
        return softmax(self.logits / self.temperature)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """``(n,)`` position of the most probable class."""
        positions: NDArray[np.int64] = self.logits.argmax(1).astype(np.int64)
        return positions

    @property
    def confidence(self) -> NDArray[np.float64]:
        """``(n,)`` the probability of the most probable class."""
        largest: NDArray[np.float64] = self.probabilities.max(axis=1)
        return largest

    @property
    def correct(self) -> NDArray[np.bool_]:
        """``(n,)`` whether the most probable class is the true one."""
        equal: NDArray[np.bool_] = self.predicted == self.truth
        return equal

    def at(self, rows: NDArray[np.integer] | NDArray[np.bool_] | Sequence[int]) -> Self:
        """Return the predictions for some of the images."""
        chosen = np.arange(len(self))[np.asarray(rows)]
        return replace(
            self,
            ids=[self.ids[row] for row in chosen],
            truth=self.truth[chosen],
            logits=self.logits[chosen],
            features=self.features[chosen],
            groups=None if self.groups is None else self.groups[chosen],
        )

    def apart(self) -> Self:
        """Return the predictions for the first image of each group: no two of them are alike."""
        if self.groups is None:
            return self
        return self.at(np.sort(np.unique(self.groups, return_index=True)[1]))

    def relabelled(self, table: pd.DataFrame) -> Self:
        """Return the same predictions beside the classes of another version of the manifest.

        Images that are not in it, that are in conflict, or whose class the model does not know are left out.
        """
        position = {name: number for number, name in enumerate(self.classes)}
        settled = table[~table["flags"].str.startswith(CONFLICT)]
        label = dict(zip(settled["id"], settled["label"], strict=True))
        rows = [row for row, id_ in enumerate(self.ids) if label.get(id_) in position]
        some = self.at(np.array(rows, np.int64))
        return replace(some, truth=np.array([position[label[id_]] for id_ in some.ids], np.int64))


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the probabilities of logits ``(n, classes)``, in double precision.

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    from scipy import special

    shares: NDArray[np.float64] = special.softmax(logits.astype(np.float64), axis=1)
    return shares


def is_stored(run: RunFolder, split: str) -> bool:
    """Return whether the predictions of a run for a split are stored, and are those of its present model."""
    return arrays.is_stored(run, file_name(split), lambda: load(run, split))


def load(run: RunFolder, split: str) -> Predictions | None:
    """Return the predictions of a run for a split; None if they were not computed, or are those of an earlier model."""
    stored = arrays.load(run, file_name(split), LAYOUT) if run.ready else None
    if stored is None or not are_of(run, stored["ids"].tolist(), split):
        return None
    return Predictions(
        split=split,
        classes=stored["classes"].tolist(),
        ids=stored["ids"].tolist(),
        truth=stored["truth"],
        logits=stored["logits"],
        features=stored["features"],
        temperature=float(stored["temperature"]),
        groups=stored["groups"] if "groups" in stored else groups_of(run, stored["ids"].tolist()),
    )


def save(run: RunFolder, predictions: Predictions) -> None:
    """Store predictions with the run, whose model has to be there."""
    arrays.save(
        run,
        file_name(predictions.split),
        classes=np.array(predictions.classes, str),
        ids=np.array(predictions.ids, str),
        truth=predictions.truth,
        logits=predictions.logits,
        features=predictions.features,
        temperature=np.array(predictions.temperature),
        groups=groups_of(run, predictions.ids) if predictions.groups is None else predictions.groups,
    )


def forget(run: RunFolder, split: str) -> None:
    """Remove the predictions of a run for a split, so that they are computed again."""
    arrays.remove(run, file_name(split))


def are_of(run: RunFolder, ids: Sequence[str], split: str | None = None) -> bool:
    """Return whether images are some of a run's, in one split or in any: else a file is that of something else.

    True, too, where its list of images cannot be read: whoever needs that says so.
    """
    try:
        rows = manifest.of_run(run).table if split is None else pictures_of(run, split)
    except (NotFoundError, DamagedError):
        return True
    return set(ids) <= set(rows["id"]) and bool(len(ids) or rows.empty)


def pictures_of(run: RunFolder, split: str) -> pd.DataFrame:
    """Return the rows of a split in the version of the manifest that the run was trained on."""
    return manifest.of_run(run).split(split)


def groups_of(run: RunFolder, ids: Sequence[str]) -> NDArray[np.int64]:
    """Return the number of its group for each image of a run: what stays in one split is one group."""
    table = manifest.of_run(run).table
    group = dict(zip(table["id"], duplicates.units(table).tolist(), strict=True))
    return np.array([group[id_] for id_ in ids], np.int64)


def file_name(split: str) -> str:
    """Return under which name the predictions for a split are stored with their run."""
    return f"answers-{split}"
