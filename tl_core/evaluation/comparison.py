"""Two models on the same pictures: who is right where, and whether the difference is more than chance."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from tl_core.dataset import manifest
from tl_core.dataset.splits import CONFLICT, SPLITS, TEST, TRAIN
from tl_core.evaluation import diff, predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import intervals
from tl_core.runs import RunFolder
from tl_core.wording import pictures


@dataclass(frozen=True)
class Comparison:
    """Two models on the pictures that both were asked about and neither has learnt from.

    Attributes:
        part: ``"validation"`` or ``"test"``.
        old: ``accuracy``, ``n`` and ``interval`` (95 %, Wilson) of the first model.
        new: the same of the second.
        both: ids that both get right.
        mended: ids that only the second gets right.
        broken: ids that only the first gets right.
        neither: ids that both get wrong.
        baseline: the share of these pictures that belong to their commonest class: what a guess gets at best.
        p: of McNemar's exact test, two-sided.
        learnt: ids left out because one of the models has learnt from them or was chosen by them.
        unshared: how many other pictures were left out, because only one of the models was asked about them or because
            they have no settled class.
    """

    part: str
    old: dict[str, Any]
    new: dict[str, Any]
    both: list[str]
    mended: list[str]
    broken: list[str]
    neither: list[str]
    baseline: float
    p: float
    learnt: list[str]
    unshared: int

    @property
    def n(self) -> int:
        """How many pictures are compared."""
        return int(self.new["n"])

    def words(self) -> str:
        """Return what the comparison says, in sentences."""
        if not self.n:
            return f"The two models share no {self.part} pictures: they cannot be compared."
        if not self.mended and not self.broken:
            return (
                f"On {pictures(self.n)} of the {self.part} part both models are right and wrong in the very same "
                "places: nothing tells them apart."
            )
        return (
            f"Of {self.n:,} shared {self.part} pictures, {len(self.mended)} {_are(self.mended)} right only with the "
            f"new model and {len(self.broken)} only with the old: {_by_chance(self.p)}"
        )

    def left_out(self) -> list[str]:
        """Return which pictures were left out and why, as sentences."""
        found = []
        if self.learnt:
            found.append(
                f"{pictures(len(self.learnt))} left out: one of the two models has learnt from "
                f"{'it' if len(self.learnt) == 1 else 'them'}, so that the comparison would not be fair."
            )
        if self.unshared:
            found.append(f"{pictures(self.unshared)} left out: not in the {self.part} part of both.")
        return found


def compare(
    old: Predictions,
    new: Predictions,
    table: pd.DataFrame,
    learnt: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare the answers of two models.

    Args:
        old: of the first model.
        new: of the second, to the same part.
        table: the list of pictures that says what is true.
        learnt: ids that one of the two has learnt from; they are left out.
        renamed: classes that the models know by another name than the table: theirs, and the table's.
    """
    names = renamed or {}
    settled = table[~table["flags"].str.startswith(CONFLICT)]
    label = dict(zip(settled["id"], settled["label"], strict=True))
    first, second = ({id_: names.get(name, name) for id_, name in said(each).items()} for each in (old, new))
    shared = [id_ for id_ in new.ids if id_ in first and id_ in label and id_ not in learnt]
    groups: dict[tuple[bool, bool], list[str]] = {(a, b): [] for a in (True, False) for b in (True, False)}
    for id_ in shared:
        groups[first[id_] == label[id_], second[id_] == label[id_]].append(id_)
    both, broken, mended, neither = (
        groups[key] for key in ((True, True), (True, False), (False, True), (False, False))
    )
    seen = sorted({*first, *second} & set(learnt))
    return Comparison(
        part=new.split,
        old=intervals.accuracy(len(both) + len(broken), len(shared)),
        new=intervals.accuracy(len(both) + len(mended), len(shared)),
        both=both,
        mended=mended,
        broken=broken,
        neither=neither,
        baseline=max(Counter(label[id_] for id_ in shared).values(), default=0) / max(len(shared), 1),
        p=intervals.mcnemar(len(broken), len(mended)),
        learnt=seen,
        unshared=len({*first, *second}) - len(shared) - len(seen),
    )


def of_runs(old: RunFolder, new: RunFolder, part: str = TEST) -> Comparison | None:
    """Compare two runs of a project by their kept answers, None where one of them has none to this part.

    What is true is said by the newer one of the two lists that they were trained on.
    """
    first, second = predictions.load(old, part), predictions.load(new, part)
    if first is None or second is None:
        return None
    tables = [manifest.load(run.project, run.recipe.manifest).table for run in (old, new)]
    older, newer = tables if old.recipe.manifest <= new.recipe.manifest else reversed(tables)
    learnt = {id_ for table in tables for id_ in _learnt(table, part)}
    return compare(first, second, newer, learnt, diff.between(older, newer).renamed)


def said(found: Predictions) -> dict[str, str]:
    """Return the class that the model said of each picture, by id."""
    return {id_: found.classes[position] for id_, position in zip(found.ids, found.predicted, strict=True)}


def _learnt(table: pd.DataFrame, part: str) -> list[str]:
    """Return the pictures whose answers would be better than an answer to this part should be."""
    before = SPLITS[: SPLITS.index(part)] or (TRAIN,)
    return table.loc[table["split"].isin(before), "id"].tolist()


def _are(ids: list[str]) -> str:
    return "is" if len(ids) == 1 else "are"


def _by_chance(p: float) -> str:
    number = f"p = {p:.2f}" if p >= 0.01 else f"p = {p:.3f}" if p >= 0.001 else "p < 0.001"
    if p >= 0.5:
        return f"such a difference comes about by chance more often than not, {number}. Do not read much into it."
    if p < 0.01:
        return f"such a difference hardly ever comes about by chance, {number}. It is very likely real."
    often = f"chance alone makes a difference as large in about {round(100 * p)} of 100 such comparisons, {number}."
    return f"{often} {'It may mean nothing.' if p >= 0.05 else 'It is likely real.'}"
