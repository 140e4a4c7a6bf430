"""The runs of a project on the same pictures: each is right or wrong on each of them, so they can be compared."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.accuracy import Accuracy
from tl_core.dataset import duplicates, manifest
from tl_core.dataset.splits import CONFLICT
from tl_core.errors import TLError
from tl_core.evaluation import diff
from tl_core.metrics import intervals, luck
from tl_core.runs import RunFolder
from tl_core.workspace import Project

#: A run that would leave fewer of the pictures than this share is not measured on them.
LEAST_SHARED = 0.5
_READ = ("classes", "ids", "logits")


@dataclass(frozen=True, kw_only=True)
class Shared:
    """Some runs on the ``n`` validation pictures that all of them have predicted and none has learnt from.

    Attributes:
        n: number of pictures.
        right: ``(n,)`` whether each prediction is right, by the id of the run.
        groups: ``(n,)`` number of each picture's group: what is alike has one.
    """

    n: int = 0
    right: dict[str, NDArray[np.bool_]] = field(default_factory=dict)
    groups: NDArray[np.int64] | None = None

    def accuracy(self, run: str) -> Accuracy | None:
        """Return the accuracy of a run on these pictures; None for a run that is not measured on them."""
        return intervals.share(self.right[run], self.groups) if run in self.right else None

    def luck(self) -> float:
        """Return by how much the best of these runs would look better than it is if all were equal, 0 to 1."""
        return luck.gain(np.stack([*self.right.values()]), self.groups) if len(self.right) > 1 else 0.0


@dataclass(frozen=True, kw_only=True)
class _Predicted:
    """What a run predicts for its validation pictures: the name of a class by the id of the picture."""

    run: RunFolder
    manifest: int
    classes: tuple[str, ...]
    said: dict[str, str]


def of_runs(every: Sequence[RunFolder]) -> Shared:
    """Return finished runs of one project on the same validation pictures.

    A newer run has its pictures first. An older one joins them if it has predicted at least half of those pictures;
    from then on only what it shares counts. Labels are those of the newest version of the pictures that one of the
    runs was trained on. Loads no TensorFlow.

    Args:
        every: the runs, the newest first; those without a model or predictions are left out.
    """
    predicted = [each for run in every if (each := _predicted(run)) is not None and each.said]
    if not predicted:
        return Shared()
    project = predicted[0].run.project
    reference = max(each.manifest for each in predicted)
    label, group = _truth(project.folder, reference)
    ids = [id_ for id_ in predicted[0].said if id_ in label]
    least, joined = LEAST_SHARED * len(ids), []
    for each in predicted:
        both = [id_ for id_ in ids if id_ in each.said]
        if len(both) >= max(least, 1):
            ids = both
            joined.append(each)
    right = {each.run.id: _right(project, each, reference, ids, label) for each in joined}
    return Shared(n=len(ids), right=right, groups=np.array([group[id_] for id_ in ids], np.int64))


def _right(
    project: Project, predicted: _Predicted, reference: int, ids: Sequence[str], label: dict[str, str]
) -> NDArray[np.bool_]:
    known = set(label.values())
    renamed = {} if known.issuperset(predicted.classes) else _renamed(project.folder, predicted.manifest, reference)
    names = {name: renamed.get(name, name) for name in predicted.classes}
    return np.array([names[predicted.said[id_]] == label[id_] for id_ in ids], bool)


def _predicted(run: RunFolder) -> _Predicted | None:
    try:
        return _read(run.folder, _changed(run)) if run.ready else None
    except (TLError, OSError):
        return None


def _changed(run: RunFolder) -> tuple[int, int]:
    return arrays.changed(run, "answers-validation"), run.model_path.stat().st_mtime_ns


@functools.lru_cache(maxsize=1024)
def _read(folder: Path, changed: tuple[int, int]) -> _Predicted | None:
    run = RunFolder(folder)
    stored = arrays.load(run, "answers-validation", only=_READ, by_time=True)
    if stored is None or set(_READ) - stored.keys():
        return None
    classes = stored["classes"].tolist()
    said = [classes[at] for at in stored["logits"].argmax(axis=1)] if len(stored["ids"]) else []
    return _Predicted(
        run=run,
        manifest=run.recipe.manifest,
        classes=tuple(classes),
        said=dict(zip(stored["ids"].tolist(), said, strict=True)),
    )


@functools.lru_cache(maxsize=8)
def _truth(folder: Path, version: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the settled class and the group of each picture of a version, which never changes, by id."""
    table = manifest.load(Project(folder), version).table
    settled = table[~table["flags"].str.startswith(CONFLICT)]
    label = dict(zip(settled["id"].tolist(), settled["label"].tolist(), strict=True))
    return label, dict(zip(table["id"].tolist(), duplicates.units(table).tolist(), strict=True))


@functools.lru_cache(maxsize=64)
def _renamed(folder: Path, old: int, new: int) -> dict[str, str]:
    tables = (manifest.load(Project(folder), version).table for version in (old, new))
    return diff.between(*tables).renamed
