"""What the model of a run says of every picture of a part, computed once (``answering``) and kept with the run.

All figures of the results are counted from it. Loads no TensorFlow.
"""

import functools
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.dataset.splits import CONFLICT
from tl_core.runs import RunFolder
from tl_core.workspace import storage_errors, write_bytes


@dataclass(frozen=True, kw_only=True)
class Predictions:
    """The answers to ``n`` pictures.

    Attributes:
        split: ``"train"``, ``"validation"`` or ``"test"``.
        classes: names in the order of the model's output.
        ids: of the pictures.
        truth: ``(n,)`` position of the class that a person gave each picture, by the list that the run was trained on.
        logits: ``(n, classes)`` before the temperature; ``[0, z]`` for a sigmoid head.
        features: ``(n, channels)`` what the head sees of each picture; a feature map is averaged.
        temperature: above 0; the model says ``softmax(logits / temperature)``.
    """

    split: str
    classes: list[str]
    ids: list[str]
    truth: NDArray[np.int64]
    logits: NDArray[np.float32]
    features: NDArray[np.float32]
    temperature: float

    def __len__(self) -> int:
        return len(self.ids)

    @cached_property
    def probabilities(self) -> NDArray[np.float64]:
        """``(n, classes)``, as the model says them."""
        return softmax(self.logits / self.temperature)

    @cached_property
    def predicted(self) -> NDArray[np.int64]:
        """``(n,)`` position of the most probable class."""
        found: NDArray[np.int64] = self.logits.argmax(1).astype(np.int64)
        return found

    @property
    def confidence(self) -> NDArray[np.float64]:
        """``(n,)`` the probability of the most probable class."""
        largest: NDArray[np.float64] = self.probabilities.max(axis=1)
        return largest

    @property
    def correct(self) -> NDArray[np.bool_]:
        """``(n,)`` whether that is the true one."""
        found: NDArray[np.bool_] = self.predicted == self.truth
        return found

    def at(self, rows: NDArray[np.integer] | NDArray[np.bool_] | Sequence[int]) -> Self:
        """Return the answers to some of the pictures."""
        chosen = np.arange(len(self))[np.asarray(rows)]
        return replace(
            self,
            ids=[self.ids[row] for row in chosen],
            truth=self.truth[chosen],
            logits=self.logits[chosen],
            features=self.features[chosen],
        )

    def relabelled(self, table: pd.DataFrame) -> Self:
        """Return the same answers beside the classes that another version of the list gives the pictures.

        Pictures that are not in it, that are in conflict, or whose class the model does not know are left out.
        """
        position = {name: number for number, name in enumerate(self.classes)}
        settled = table[~table["flags"].str.startswith(CONFLICT)]
        label = dict(zip(settled["id"], settled["label"], strict=True))
        rows = [row for row, id_ in enumerate(self.ids) if label.get(id_) in position]
        found = self.at(np.array(rows, np.int64))
        return replace(found, truth=np.array([position[label[id_]] for id_ in found.ids], np.int64))


def softmax(logits: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the probabilities of logits ``(n, classes)``.

    >>> softmax(np.array([[0.0, 0.0]])).tolist()
    [[0.5, 0.5]]
    """
    values = logits.astype(np.float64)
    powers = np.exp(values - values.max(axis=1, keepdims=True))
    found: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return found


def is_stored(run: RunFolder, part: str) -> bool:
    """Return whether the answers of a run to a part are kept, and are those of its present model."""
    path = _path(run, part)
    if not path.is_file() or not run.ready:
        return False
    with storage_errors(), np.load(path) as file:
        return str(file["model"]) == _model_of(run)


def load(run: RunFolder, part: str) -> Predictions | None:
    """Return the answers of a run to a part; None if they were not computed, or are those of an earlier model."""
    if not is_stored(run, part):
        return None
    with storage_errors(), np.load(_path(run, part)) as file:
        return Predictions(
            split=part,
            classes=[str(name) for name in file["classes"]],
            ids=[str(id_) for id_ in file["ids"]],
            truth=file["truth"],
            logits=file["logits"],
            features=file["features"],
            temperature=float(file["temperature"]),
        )


def save(run: RunFolder, found: Predictions) -> None:
    """Keep answers in the folder of the run, whose model has to be there."""
    buffer = io.BytesIO()
    np.savez(
        buffer,
        model=_model_of(run),
        classes=np.array(found.classes, str),
        ids=np.array(found.ids, str),
        truth=found.truth,
        logits=found.logits,
        features=found.features,
        temperature=found.temperature,
    )
    write_bytes(_path(run, found.split), buffer.getvalue())


def pictures_of(run: RunFolder, part: str) -> pd.DataFrame:
    """Return the rows of a part in the version of the list that the run was trained on."""
    return manifest.load(run.project, run.recipe.manifest).split(part)


def _path(run: RunFolder, part: str) -> Path:
    return run.folder / f"answers-{part}.npz"


def _model_of(run: RunFolder) -> str:
    return _digest(run.model_path, run.model_path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _digest(path: Path, changed: int) -> str:
    """Return what tells a model file by its contents: a copy of a workspace has other times but the same models."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
