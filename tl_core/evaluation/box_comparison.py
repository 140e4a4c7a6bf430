"""Two runs on boxes in the pictures that both have looked at and neither has learnt from."""

import functools
from pathlib import Path

import numpy as np

from tl_core import arrays
from tl_core.dataset import manifest
from tl_core.evaluation import box_record
from tl_core.evaluation.comparison import learnt_by
from tl_core.metrics import box_difference
from tl_core.metrics.average_precision import Seen, Values
from tl_core.metrics.precision_difference import PrecisionDifference
from tl_core.runs import RunFolder


def split_of(old: RunFolder, new: RunFolder) -> str:
    """Return in which pictures two runs are compared: those of the test if both have opened them, else validation."""
    return "test" if all(box_record.is_stored(each, "test") for each in (old, new)) else "validation"


def of_runs(old: RunFolder, new: RunFolder, split: str) -> PrecisionDifference | None:
    """Compare two runs of a project by what they have stored; None where they share no picture with a box.

    What is there is taken from the run with the newer list of pictures, and only the classes count that both know.
    """
    times = tuple(arrays.changed(each, box_record.file_name(split)) for each in (old, new))
    models = tuple(each.model_path.stat().st_mtime_ns if each.ready else 0 for each in (old, new))
    return _compared(old.folder, new.folder, split, times + models)


@functools.lru_cache(maxsize=64)
def _compared(old: Path, new: Path, split: str, _changed: tuple[int, ...]) -> PrecisionDifference | None:
    """Do it once for what both have stored; ``_changed`` says when that was."""
    both = RunFolder(old), RunFolder(new)
    found = [box_record.load(each, split) for each in both]
    first, second = found
    if first is None or second is None:
        return None
    learnt = {id_ for each in both for id_ in learnt_by(manifest.of_run(each).table, split)}
    classes = [each for each in second.classes if each in first.classes]
    rows = [dict(zip(each.ids, each.seen, strict=True)) for each in (first, second)]
    shared = [id_ for id_ in second.ids if id_ in rows[0] and id_ not in learnt]
    newest = int(both[0].recipe.manifest <= both[1].recipe.manifest)
    renamed = [[classes.index(each) if each in classes else -1 for each in of.classes] for of in (first, second)]
    truth = [_as(rows[newest][id_].truth, renamed[newest]) for id_ in shared]
    before, after = (
        [Seen(there, _as(of[id_].found, names)) for id_, there in zip(shared, truth, strict=True)]
        for of, names in zip(rows, renamed, strict=True)
    )
    at = {id_: row for row, id_ in enumerate(second.ids)}
    groups = second.groups[[at[id_] for id_ in shared]]
    return box_difference.difference(before, after, len(classes), groups) if shared else None


def _as(boxes: Values, classes: list[int]) -> Values:
    """Return boxes ``(n, 5 …)`` with the numbers of other classes; those of a class that has none are left out."""
    labels = np.array([*classes, -1])[boxes[:, 4].astype(np.int64)]
    return np.column_stack([boxes[:, :4], labels, boxes[:, 5:]])[labels >= 0]
