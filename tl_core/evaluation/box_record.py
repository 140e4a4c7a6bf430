"""The boxes of a run: what was found in its pictures, stored with the run, and what that is worth. Loads no TensorFlow.

From which confidence on boxes are shown is chosen on the validation pictures, so what is counted on these looks better
than it is; the test pictures had no say.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.arrays import Array
from tl_core.dataset import boxes
from tl_core.dataset.boxes import Box
from tl_core.evaluation import predictions
from tl_core.files import read_record, read_stored, write_record
from tl_core.metrics import average_precision, box_mistakes
from tl_core.metrics.average_precision import AveragePrecision, Chosen, Seen
from tl_core.metrics.box_mistakes import Mistakes
from tl_core.runs import RunFolder

#: The results of a run on its validation pictures, and on the test pictures once they are opened.
RESULTS, TEST = "boxes.json", "test.json"
#: What is stored: ``n`` pictures, ``c`` classes; of each picture so many rows, one after another.
LAYOUT = {
    "classes": Array(kind="U", axes="c"),
    "ids": Array(kind="U", axes="n"),
    "groups": Array(kind="i", axes="n"),
    "truth": Array(kind="f", axes="t5"),
    "found": Array(kind="f", axes="f6"),
    "truth_counts": Array(kind="i", axes="n", least=0),
    "found_counts": Array(kind="i", axes="n", least=0),
}


@dataclass(frozen=True, kw_only=True)
class BoxFindings:
    """What a model has found in the ``n`` pictures of a split.

    Attributes:
        split: ``"validation"`` or ``"test"``.
        classes: names in the order of the model's output.
        ids: of the pictures.
        seen: what is there, and what was found.
        groups: ``(n,)`` number of each picture's group: what is alike, or belongs together, has one.
    """

    split: str
    classes: list[str]
    ids: list[str]
    seen: list[Seen]
    groups: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, kw_only=True)
class BoxResults:
    """What the boxes of a run are worth on one split.

    Attributes:
        precision: average precision.
        chosen: the confidence from which on boxes are shown, with what is worth there.
        mistakes: at that confidence.
    """

    precision: AveragePrecision
    chosen: Chosen
    mistakes: Mistakes


@dataclass(frozen=True, kw_only=True)
class BoxEvaluation(BoxResults):
    """The results on the test split, stored in ``test.json`` of the run; ``opened`` … are those of ``Evaluation``."""

    run: str
    opened: int
    opened_in_project: int
    time: float


@dataclass(frozen=True)
class FoundBox:
    """A box that a model has found: the ``box``, and how sure it is of it, 0 to 1."""

    box: Box
    score: float


@dataclass(frozen=True, kw_only=True)
class BoxPrediction:
    """What was found in a picture: its size in pixels and the boxes, the surest first; or why it cannot be read."""

    width: int = 0
    height: int = 0
    found: tuple[FoundBox, ...] = ()
    error: str | None = None

    def sure(self, confidence: float) -> Self:
        """Return the same with the boxes that are at least so sure."""
        return replace(self, found=tuple(each for each in self.found if each.score >= confidence))

    def counts(self) -> dict[str, int]:
        """Return how many boxes of each class there are, the most frequent first."""
        labels = Counter(each.box.label for each in self.found)
        return dict(sorted(labels.items(), key=lambda each: (-each[1], each[0])))


def results(findings: BoxFindings, confidence: float | None = None) -> BoxResults:
    """Return what findings are worth.

    Args:
        findings: in the pictures of a split.
        confidence: from which on boxes are shown; None for the one with the best F1 on these pictures.
    """
    seen, classes = findings.seen, len(findings.classes)
    if confidence is None:
        chosen = average_precision.choose(seen, classes)
    else:
        chosen = average_precision.at(seen, classes, confidence)
    return BoxResults(
        precision=average_precision.measure(seen, classes, findings.groups),
        chosen=chosen,
        mistakes=mistakes(seen, chosen.confidence),
    )


def mistakes(seen: Sequence[Seen], confidence: float) -> Mistakes:
    """Return what is right and wrong in pictures, of the boxes that are at least so sure."""
    return sum((box_mistakes.judge(each, confidence).counts for each in seen), Mistakes())


def results_of(run: RunFolder) -> BoxResults:
    """Return the results of a run on its validation pictures. Raises NotFoundError or DamagedError."""
    return read_record(run.folder / RESULTS, BoxResults)


def of_validation(run: RunFolder) -> BoxResults | None:
    """Return the same; None where there are none."""
    return read_stored(run.folder / RESULTS, BoxResults)


def hand_on(run: RunFolder, to: RunFolder) -> None:
    """Let a run that has no validation images show boxes from the confidence of another run on, if that has one."""
    if found := of_validation(run):
        nothing = average_precision.measure([], len(found.precision.classes))
        write_record(to.folder / RESULTS, BoxResults(precision=nothing, chosen=found.chosen, mistakes=Mistakes()))


def on_test(run: RunFolder) -> BoxEvaluation | None:
    """Return the results of a run on the test pictures; None while they are sealed, or the model is another one."""
    return read_stored(run.folder / TEST, BoxEvaluation) if is_stored(run, "test") else None


def truth_of(rows: pd.DataFrame, classes: Sequence[str]) -> list[NDArray[np.float64]]:
    """Return the boxes of rows of a manifest, ``(n, 5)`` each: four edges and the position of the class."""
    position = {label: at for at, label in enumerate(classes)}
    every = ([(*box.edges, position[box.label]) for box in boxes.split(text)] for text in rows["boxes"])
    return [np.array(each, np.float64).reshape(-1, 5) for each in every]


def save(run: RunFolder, findings: BoxFindings) -> None:
    """Store what was found in the pictures of a split; it belongs to the present model of the run."""
    parts = {"truth": [each.truth for each in findings.seen], "found": [each.found for each in findings.seen]}
    rows: dict[str, Any] = {
        name: np.concatenate([*each, np.zeros((0, 5 + (name == "found")))]) for name, each in parts.items()
    }
    rows |= {f"{name}_counts": np.array([len(row) for row in each], np.int64) for name, each in parts.items()}
    ids, classes = np.array(findings.ids, "U64"), np.array(findings.classes)
    arrays.save(run, file_name(findings.split), classes=classes, ids=ids, groups=findings.groups, **rows)


def load(run: RunFolder, split: str) -> BoxFindings | None:
    """Return what a run has found in the pictures of a split; None if that was not stored, or by an earlier model."""
    stored = arrays.load(run, file_name(split), LAYOUT) if run.ready else None
    if stored is None or not (_are_whole(stored) and predictions.are_of(run, stored["ids"].tolist(), split)):
        return None
    truth, found = (
        np.split(stored[name], np.cumsum(stored[f"{name}_counts"])[:-1]) if len(stored["ids"]) else []
        for name in ("truth", "found")
    )
    return BoxFindings(
        split=split,
        classes=stored["classes"].tolist(),
        ids=stored["ids"].tolist(),
        seen=[Seen(*each) for each in zip(truth, found, strict=True)],
        groups=stored["groups"],
    )


def _are_whole(stored: arrays.Arrays) -> bool:
    """Return whether all rows belong to a picture, and are four edges, the position of a class, and a score."""
    counted = all(stored[f"{name}_counts"].sum() == len(stored[name]) for name in ("truth", "found"))
    rows = np.concatenate([stored["truth"], stored["found"][:, :5]])
    placed = np.isin(rows[:, 4], range(len(stored["classes"]))).all() and (rows[:, :2] <= rows[:, 2:4]).all()
    scores = stored["found"][:, 5]
    return bool(counted and placed and ((scores >= 0) & (scores <= 1)).all())


def is_stored(run: RunFolder, split: str) -> bool:
    """Return whether what a run finds in the pictures of a split is stored, and is that of its present model."""
    return arrays.is_stored(run, file_name(split), lambda: load(run, split))


def findings(run: RunFolder, split: str, classes: list[str], found: Sequence[NDArray[np.float64]]) -> BoxFindings:
    """Return what was found in the pictures of a split, ``(n, 6)`` each, beside what is there."""
    rows = predictions.pictures_of(run, split)
    return BoxFindings(
        split=split,
        classes=classes,
        ids=list(rows["id"]),
        seen=[Seen(*each) for each in zip(truth_of(rows, classes), found, strict=True)],
        groups=predictions.groups_of(run, list(rows["id"])),
    )


def file_name(split: str) -> str:
    """Return under which name what is found in a split is stored with its run."""
    return f"boxes-{split}"
