"""Resolving leaks: copies in two splits, and pairs that only look like copies.

Of two copies in training and test, the one in training goes: the test stays as it came, so its accuracy stays
comparable. Large training sets are cleaned in this way (Oquab et al. 2023, https://arxiv.org/abs/2304.07193). How much
copies inflate an accuracy is in Barz and Denzler 2020, https://arxiv.org/abs/1902.00423.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, edits, splits
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.splits import SPLITS, TRAIN
from tl_core.language import _
from tl_core.workspace import Project

Pair = tuple[str, str]


@dataclass(frozen=True)
class Removal:
    """What to remove so that no copy is in two splits.

    Attributes:
        ids: of the images to remove.
        spared: classes that would have nothing left to train on; their copies stay.
    """

    ids: list[str]
    spared: list[str]


def removal(table: pd.DataFrame) -> Removal:
    """Return which images to remove so that nothing leaks.

    Of each group that lies in several splits, all images outside the most sealed of them go (test before validation
    before training). The whole group, since in a burst the frame before a removed one is as near to the test.
    """
    groups = duplicates.groups(table)
    leaky = np.isin(groups, groups[table["id"].isin(splits.leaks(table)["first"])])
    sealed = table["split"].map({split: place for place, split in enumerate(SPLITS)})
    gone = leaky & (sealed < sealed.groupby(groups).transform("max")).to_numpy()
    training = (table["split"] == TRAIN).to_numpy()
    spared = sorted(set(table["label"][training & gone]) - set(table["label"][training & ~gone]))
    return Removal(table["id"][gone & ~table["label"].isin(spared).to_numpy()].tolist(), spared)


def mark_different(project: Project, pairs: Iterable[Pair]) -> Manifest:
    """Record for each pair of ids that the two are different images, so that they never count as alike again.

    Raises:
        NotFoundError: an image is not in the list.
    """
    marked = list(pairs)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        edits.chosen_rows(table, {name for pair in marked for name in pair})
        new: dict[str, list[str]] = {}
        for first, second in marked:
            new.setdefault(first, []).append(duplicates.short(second))
        apart = [
            " ".join([*before.split(), *new.get(name, [])])
            for name, before in zip(table["id"], table["apart"], strict=True)
        ]
        return table.assign(apart=pd.Series(apart, index=table.index, dtype="str"))

    return edits.edit(
        project, change, _("Marked {pairs} as different").format(pairs=wording.plural(len(marked), "pair", "pairs"))
    )
