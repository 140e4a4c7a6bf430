"""The runs of a project on the same pictures: each is right or wrong on each of them, so they can be compared."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.dataset.splits import CONFLICT, VALIDATION
from tl_core.errors import TLError
from tl_core.evaluation import diff, predictions, said
from tl_core.evaluation.said import Said
from tl_core.language import _
from tl_core.metrics import intervals, luck
from tl_core.runs import RunFolder
from tl_core.workspace import Edition

#: A run that would leave fewer of the pictures than this share is not measured on them.
LEAST_SHARED = 0.5
#: Of the test whether a run is worse than the best one.
SIGNIFICANT = 0.05


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What two runs are worth on the same ``n`` pictures.

    Attributes:
        difference: accuracy of the second less that of the first, -1 to 1.
        p: how often chance alone makes a difference at least so large, 0 to 1.
        n: number of pictures, at least 1.
    """

    difference: float
    p: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Luck:
    """How far the best of some runs can be believed.

    Attributes:
        runs: that were measured on the same pictures.
        equal: of them those that chance alone could have put in the first place, the best one included.
        gain: by how much the best of ``equal`` equally good runs looks better than it is, 0 to 1.
    """

    runs: int = 0
    equal: int = 0
    gain: float = 0.0

    def sentence(self) -> str:
        """Return the same in words; empty for fewer than two runs."""
        if self.runs < 2:
            return ""
        if self.equal == 1:
            return _("One of {runs} runs is better than the others by more than chance.").format(
                runs=wording.number(self.runs)
            )
        first = (
            _("{equal} of {runs} runs could be the best, as far as these pictures tell.")
            if self.equal < self.runs
            else _("Each of the {runs} runs could be the best, as far as these pictures tell.")
        )
        luck = (
            _("The best of {equal} equal runs looks {gain} better than it is, by luck alone.")
            if self.gain
            else _("They get the same pictures right, so choosing one gains nothing by luck.")
        )
        return f"{first} {luck}".format(
            equal=wording.number(self.equal),
            runs=wording.number(self.runs),
            gain=wording.points(self.gain).removeprefix("+"),
        )


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

    def between(self, old: str, new: str) -> Measured | None:
        """Return the difference of two runs on these pictures; None if one of them is not measured on them."""
        if old not in self.right or new not in self.right:
            return None
        before, after = self.right[old], self.right[new]
        difference = float(after.mean() - before.mean())
        return Measured(difference=difference, p=intervals.mcnemar(before, after, self.groups), n=self.n)

    def luck(self) -> Luck:
        """Return how far the best of these runs can be believed.

        A run is as good as the best one for all that is known if the difference is not significant at 5% by McNemar's
        test, with Bonferroni's correction for all the comparisons: so equal runs hardly ever drop out.
        """
        if not self.right:
            return Luck()
        right = np.stack([*self.right.values()])
        best, level = right[right.sum(axis=1).argmax()], SIGNIFICANT / max(len(right) - 1, 1)
        equal = np.array([intervals.mcnemar(each, best, self.groups) >= level for each in right])
        return Luck(runs=len(right), equal=int(equal.sum()), gain=luck.gain(right[equal], self.groups))


def of_runs(every: Mapping[RunFolder, int]) -> Shared:
    """Return finished runs of one project on the same validation pictures.

    A newer run has its pictures first. An older one joins them if it has predicted at least half of those pictures;
    from then on only what it shares counts. Labels are those of the newest version of the pictures that one of the
    runs was trained on. Loads no TensorFlow.

    Args:
        every: the runs, the newest first, with the version of the pictures that each was trained on; those without a
            model or predictions are left out.
    """
    predicted = {run: each for run in every if (each := _predicted(run)) is not None and each.labels}
    if not predicted:
        return Shared()
    newest, reference = next(iter(predicted)), max(every[run] for run in predicted)
    label = _labels(newest.project.edition(reference))
    ids = [id_ for id_ in predicted[newest].labels if id_ in label]
    least, joined = max(LEAST_SHARED * len(ids), 1), []
    for run, each in predicted.items():
        both = [id_ for id_ in ids if id_ in each.labels]
        if len(both) >= least:
            ids = both
            joined.append(run)
    known = set(label.values())
    right = {}
    for run in joined:
        present = known.issuperset(predicted[run].classes)
        names = {} if present else _renamed(run.project.edition(every[run]), reference)
        right[run.id] = _right(predicted[run], ids, label, names)
    return Shared(n=len(ids), right=right, groups=_groups(newest, predicted[newest], ids))


def _right(
    predicted: Said, ids: Sequence[str], label: Mapping[str, str], names: Mapping[str, str]
) -> NDArray[np.bool_]:
    every = (predicted.labels[id_] for id_ in ids)
    return np.array([names.get(name, name) == label[id_] for id_, name in zip(ids, every, strict=True)], bool)


def _groups(run: RunFolder, predicted: Said, ids: Sequence[str]) -> NDArray[np.int64]:
    if predicted.groups is None:
        return predictions.groups_of(run, ids)
    return np.array([predicted.groups[id_] for id_ in ids], np.int64)


def _predicted(run: RunFolder) -> Said | None:
    try:
        return _read(run.folder, said.changed(run, VALIDATION)) if run.ready else None
    except (TLError, OSError):
        return None


@functools.lru_cache(maxsize=1024)
def _read(folder: Path, changed: tuple[int, ...]) -> Said | None:
    return said.of_run(RunFolder(folder), VALIDATION, by_time=True)


@functools.lru_cache(maxsize=8)
def _labels(of: Edition) -> dict[str, str]:
    """Return the settled class of each picture of a version, which never changes, by id."""
    table = manifest.load(of.project, of.version).table
    settled = table[~table["flags"].str.startswith(CONFLICT)]
    return dict(zip(settled["id"].tolist(), settled["label"].tolist(), strict=True))


@functools.lru_cache(maxsize=64)
def _renamed(old: Edition, new: int) -> dict[str, str]:
    tables = (manifest.load(old.project, version).table for version in (old.version, new))
    return diff.between(*tables).renamed
