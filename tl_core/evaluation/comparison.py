"""Two models on the same images: who is right where, and whether the difference is more than chance."""

import functools
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import wording
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import duplicates, kinds, manifest
from tl_core.dataset.splits import CONFLICT, SPLITS, TEST, TRAIN
from tl_core.evaluation import diff, said, tags
from tl_core.evaluation.said import Said
from tl_core.language import N_, _
from tl_core.metrics import intervals, precision_difference
from tl_core.metrics.precision_difference import PrecisionDifference
from tl_core.runs import RunFolder
from tl_core.wording import number

_NONE_SHARED = {
    "validation": N_("The two models share no validation pictures, so they cannot be compared."),
    "test": N_("The two models share no test pictures, so they cannot be compared."),
}
_CHANGED = {
    "validation": N_("Of {every} shared validation pictures, {fixed} are fixed and {newly_wrong} newly wrong."),
    "test": N_("Of {every} shared test pictures, {fixed} are fixed and {newly_wrong} newly wrong."),
}
_UNSHARED = {
    "validation": N_("{pictures} left out: not among the validation pictures of both runs."),
    "test": N_("{pictures} left out: not among the test pictures of both runs."),
}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two models on the images that both predicted and neither has learnt from.

    Attributes:
        split: ``"validation"`` or ``"test"``.
        old: accuracy of the first model.
        new: of the second.
        both: ids that both get right.
        fixed: ids that only the second gets right.
        newly_wrong: ids that only the first gets right.
        neither: ids that both get wrong.
        baseline: share of these images that belong to their most frequent class, 0 to 1: what guessing gets at best.
        p: of McNemar's exact test, two-sided, 0 to 1; images that are alike count together.
        learnt: ids left out because one of the models has learnt from them or was chosen by them.
        unshared: how many other images were left out, because only one of the models has predicted them or because
            they have no settled class.
        precision: of several labels, how both put the images in order; else None.
    """

    split: str
    old: Accuracy
    new: Accuracy
    both: list[str]
    fixed: list[str]
    newly_wrong: list[str]
    neither: list[str]
    baseline: float
    p: float
    learnt: list[str]
    unshared: int
    precision: PrecisionDifference | None = None

    @property
    def n(self) -> int:
        """How many images are compared."""
        return self.new.n

    @property
    def ids(self) -> list[str]:
        """Of the images that are compared."""
        return [*self.both, *self.fixed, *self.newly_wrong, *self.neither]

    def sentence(self) -> str:
        """Return what the comparison says, in at most two sentences."""
        if not self.n:
            return _(_NONE_SHARED[self.split])
        if not self.fixed and not self.newly_wrong:
            return _("On these {pictures}, both models make exactly the same mistakes.").format(
                pictures=wording.pictures(self.n)
            )
        changed = _(_CHANGED[self.split]).format(
            every=number(self.n), fixed=number(len(self.fixed)), newly_wrong=number(len(self.newly_wrong))
        )
        return f"{changed} {_by_chance(self.p)}"

    def of_order(self) -> str:
        """Return how both models put the images in order for each of several labels, in words; empty for one label."""
        return in_words(self.precision) if self.precision else ""

    def left_out(self) -> list[str]:
        """Return which images were left out and why, as sentences."""
        return left_out(self.split, len(self.learnt), self.unshared)


def left_out(split: str, learnt: int, unshared: int) -> list[str]:
    """Return how many images of a split were left out of a comparison and why, as sentences.

    Args:
        split: ``"validation"`` or ``"test"``.
        learnt: how many were because one of the models has learnt from them.
        unshared: how many were because only one of the models has looked at them.
    """
    used = _("{pictures} left out: used in training by one of the two models.")
    counts = {used: learnt, _(_UNSHARED[split]): unshared}
    return [text.format(pictures=wording.pictures(count)) for text, count in counts.items() if count]


def in_words(found: PrecisionDifference) -> str:
    """Return the mean average precision of two models, and what is known of its difference."""
    words = _("Mean average precision {old} before, {new} after; the change is probably {low} to {high}.").format(
        old=wording.fraction(found.old),
        new=wording.fraction(found.new),
        low=wording.change(found.interval[0], 2),
        high=wording.change(found.interval[1], 2),
    )
    return f"{words} {_by_chance(found.p)}" if found.old != found.new else words


def compare(
    old: Said,
    new: Said,
    table: pd.DataFrame,
    learnt: Collection[str] = (),
    renamed: Mapping[str, str] | None = None,
) -> Comparison:
    """Compare what two models say.

    Args:
        old: of the first model.
        new: of the second, for the same split.
        table: of the manifest whose labels are taken as true.
        learnt: ids that one of the two has learnt from; they are left out.
        renamed: classes that the models know by another name than the table: theirs, and the table's.
    """
    names = renamed or {}
    settled = table[~table["flags"].str.startswith(CONFLICT)]
    label = dict(zip(settled["id"], settled["label"], strict=True))
    first, second = ({id_: names.get(name, name) for id_, name in each.labels.items()} for each in (old, new))
    shared = [id_ for id_ in new.labels if id_ in first and id_ in label and id_ not in learnt]
    cells: dict[tuple[bool, bool], list[str]] = {(a, b): [] for a in (True, False) for b in (True, False)}
    for id_ in shared:
        cells[first[id_] == label[id_], second[id_] == label[id_]].append(id_)
    both, newly_wrong, fixed, neither = cells.values()
    groups = _groups(new, table, shared)
    before, after = (np.array([by[id_] == label[id_] for id_ in shared], bool) for by in (first, second))
    seen = sorted({*first, *second} & set(learnt))
    return Comparison(
        split=new.split,
        old=intervals.share(before, groups),
        new=intervals.share(after, groups),
        both=both,
        fixed=fixed,
        newly_wrong=newly_wrong,
        neither=neither,
        baseline=max(Counter(label[id_] for id_ in shared).values(), default=0) / max(len(shared), 1),
        p=intervals.mcnemar(before, after, groups),
        learnt=seen,
        unshared=len({*first, *second}) - len(shared) - len(seen),
    )


def of_runs(old: RunFolder, new: RunFolder, split: str = TEST) -> Comparison | None:
    """Compare two runs of a project by their stored predictions, None where one of them has none for this split.

    The labels are those of the newer one of the two manifests that they were trained on.
    """
    first, second = (said.of_run(run, split) if run.ready else None for run in (old, new))
    if first is None or second is None:
        return None
    tables = [manifest.of_run(run).table for run in (old, new)]
    older, newer = tables if old.recipe.manifest <= new.recipe.manifest else reversed(tables)
    learnt = {id_ for table in tables for id_ in learnt_by(table, split)}
    compared = compare(first, second, newer, learnt, diff.between(older, newer).renamed)
    if not puts_in_order(new):
        return compared
    changed = (*said.changed(old, split), *said.changed(new, split), old.recipe.manifest, new.recipe.manifest)
    precision = _PRECISION[kinds.of(new.project)](old.folder, new.folder, split, changed, tuple(compared.ids))
    return replace(compared, precision=precision)


@functools.lru_cache(maxsize=64)
def _of_tags(
    old: Path, new: Path, split: str, changed: tuple[int, ...], ids: tuple[str, ...]
) -> PrecisionDifference | None:
    """Return how two runs put images in order, by the tags that both know; ``changed`` says when they were stored."""
    both = [tags.load(RunFolder(each), split) for each in (old, new)]
    first, second = both
    if first is None or second is None or not ids:
        return None
    known = [tag for tag in second.tags if tag in first.tags]
    newer = RunFolder(max(old, new, key=lambda each: RunFolder(each).recipe.manifest))
    rows = [[{id_: row for row, id_ in enumerate(each.ids)}[id_] for id_ in ids] for each in (first, second)]
    before, after = (
        each.logits[np.ix_(at, [each.tags.index(tag) for tag in known])]
        for each, at in zip((first, second), rows, strict=True)
    )
    groups = second.groups[rows[1]]
    return precision_difference.difference(tags.truth_of(newer, ids, known), before, after, groups)


#: What is compared beside right and wrong, by what the runs have learned from.
_PRECISION: Mapping[
    Things, Callable[[Path, Path, str, tuple[int, ...], tuple[str, ...]], PrecisionDifference | None]
] = {"tags": _of_tags}


def puts_in_order(run: RunFolder) -> bool:
    """Return whether a run puts images in order, label by label, which is compared, too."""
    return kinds.of(run.project) in _PRECISION


def _groups(predicted: Said, table: pd.DataFrame, ids: list[str]) -> NDArray[np.int64]:
    """Return the number of its group for each image; predictions usually have it."""
    unit = predicted.groups
    if unit is None:
        unit = dict(zip(table["id"], duplicates.units(table).tolist(), strict=True))
    return np.array([unit[id_] for id_ in ids], np.int64)


def learnt_by(table: pd.DataFrame, split: str) -> list[str]:
    """Return the images of a run's list that it has learnt from, or was chosen by: too good for this split."""
    before = SPLITS[: SPLITS.index(split)] or (TRAIN,)
    return table.loc[table["split"].isin(before), "id"].tolist()


def _by_chance(p: float) -> str:
    number = wording.chance(p)
    if p >= 0.5:
        return _(
            "Chance alone makes such a difference more often than not ({chance}): do not read much into it."
        ).format(chance=number)
    if p >= 0.05:
        return _("Chance alone makes such a difference in about {some} of 100 comparisons ({chance}).").format(
            some=round(100 * p), chance=number
        )
    return _("Such a difference is unlikely to be chance alone ({chance}).").format(chance=number)
