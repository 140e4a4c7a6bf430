"""Two runs on boxes in the pictures that both have looked at and neither has learnt from."""

import functools
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.dataset import manifest
from tl_core.evaluation import box_record, comparison, diff
from tl_core.metrics import average_precision, box_difference, box_mistakes
from tl_core.metrics.average_precision import AveragePrecision, Seen, Values
from tl_core.metrics.box_difference import BoxDifference
from tl_core.runs import RunFolder


@dataclass(frozen=True, kw_only=True)
class BoxComparison:
    """Two models in the ``n`` pictures that both have looked at and neither has learnt from.

    Attributes:
        split: ``"validation"`` or ``"test"``.
        classes: names of those that both know; boxes of others are left out.
        ids: of the pictures.
        old: what is there, and what the first model has found.
        new: the same there, and what the second has found.
        groups: ``(n,)`` number of each picture's group.
        difference: of average precision; None where no box is there.
        learnt: how many pictures were left out because one of the models has learnt from them.
        unshared: how many others were, because only one of the models has looked at them.
    """

    split: str
    classes: list[str]
    ids: list[str]
    old: list[Seen]
    new: list[Seen]
    groups: NDArray[np.int64]
    difference: BoxDifference | None
    learnt: int
    unshared: int

    @functools.cached_property
    def precisions(self) -> tuple[AveragePrecision, AveragePrecision]:
        """How good each of the two is by itself."""
        before, after = (average_precision.measure(each, len(self.classes), self.groups) for each in self._both)
        return before, after

    @property
    def n(self) -> int:
        """How many pictures are compared."""
        return len(self.ids)

    @property
    def _both(self) -> tuple[list[Seen], list[Seen]]:
        return self.old, self.new

    def mistakes(self, old: float, new: float) -> dict[str, tuple[int, int]]:
        """Return how many boxes are wrong or missed by the first and by the second model, by the picture's id.

        Args:
            old: the confidence from which on boxes of the first model are shown.
            new: the same of the second.
        """
        wrong = (
            [box_mistakes.judge(seen, least).counts.wrong for seen in each]
            for each, least in zip(self._both, (old, new), strict=True)
        )
        return dict(zip(self.ids, zip(*wrong, strict=True), strict=True))

    def left_out(self) -> list[str]:
        """Return which pictures were left out and why, as sentences."""
        return comparison.left_out(self.split, self.learnt, self.unshared)


def split_of(old: RunFolder, new: RunFolder) -> str:
    """Return in which pictures two runs are compared: those of the test if both have opened them, else validation."""
    return "test" if all(box_record.is_stored(each, "test") for each in (old, new)) else "validation"


def of_runs(old: RunFolder, new: RunFolder, split: str) -> BoxComparison | None:
    """Compare two runs of a project by what they have stored; None where one of them has nothing for this split.

    What is there is taken from the run with the newer list of pictures, and only the classes count that both know.
    """
    times = tuple(arrays.changed(each, box_record.file_name(split)) for each in (old, new))
    models = tuple(each.model_path.stat().st_mtime_ns if each.ready else 0 for each in (old, new))
    return _compared(old.folder, new.folder, split, times + models)


@functools.lru_cache(maxsize=64)
def _compared(old: Path, new: Path, split: str, _changed: tuple[int, ...]) -> BoxComparison | None:
    """Do it once for what both have stored; ``_changed`` says when that was."""
    both = RunFolder(old), RunFolder(new)
    first, second = (box_record.load(each, split) for each in both)
    if first is None or second is None:
        return None
    tables = [manifest.of_run(each).table for each in both]
    newest = int(both[0].recipe.manifest <= both[1].recipe.manifest)
    renamed = diff.between(tables[1 - newest], tables[newest]).renamed
    names = [[renamed.get(each, each) for each in of.classes] for of in (first, second)]
    classes = [each for each in names[1] if each in names[0]]
    numbers = [[classes.index(each) if each in classes else -1 for each in of] for of in names]
    rows = [dict(zip(each.ids, each.seen, strict=True)) for each in (first, second)]
    learnt = {id_ for table in tables for id_ in comparison.learnt_by(table, split)}
    shared = [id_ for id_ in second.ids if id_ in rows[0] and id_ not in learnt]
    truth = [_as(rows[newest][id_].truth, numbers[newest]) for id_ in shared]
    before, after = (
        [Seen(there, _as(of[id_].found, own)) for id_, there in zip(shared, truth, strict=True)]
        for of, own in zip(rows, numbers, strict=True)
    )
    at = {id_: row for row, id_ in enumerate(second.ids)}
    groups = second.groups[[at[id_] for id_ in shared]]
    every = {*first.ids, *second.ids}
    return BoxComparison(
        split=split,
        classes=classes,
        ids=shared,
        old=before,
        new=after,
        groups=groups,
        difference=box_difference.difference(before, after, len(classes), groups) if shared else None,
        learnt=len(every & learnt),
        unshared=len(every - learnt) - len(shared),
    )


def _as(boxes: Values, classes: list[int]) -> Values:
    """Return boxes ``(n, 5 …)`` with the numbers of other classes; those of a class that has none are left out."""
    labels = np.array([*classes, -1])[boxes[:, 4].astype(np.int64)]
    return np.column_stack([boxes[:, :4], labels, boxes[:, 5:]])[labels >= 0]
