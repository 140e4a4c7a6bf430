"""Settling what alike pictures raise: copies in two parts of a split, copies that are none after all.

Which of two copies leaves, where one trains and the other tests? The one in training: so the test stays as it came, and
its accuracy can be compared with that of others who used the same one. Large training sets are cleaned in this way
(Oquab et al. 2023, https://arxiv.org/abs/2304.07193, section 3); how much copies flatter is in Barz and Denzler 2020,
https://arxiv.org/abs/1902.00423.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, edits, splits
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.splits import PARTS, TRAIN
from tl_core.workspace import Project

Pair = tuple[str, str]


def leaving(table: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Return the ids of the pictures to take out so that nothing leaks, and the classes where that cannot be done.

    Of each group that lies in several parts those leave that are in the less sealed ones: of training before those of
    validation, and of validation before those of the test. The whole group, since in a burst the frame before one
    that was taken out is as near to the test as that was. A class that would have nothing left to train on is spared,
    and named.
    """
    groups = duplicates.groups(table)
    leaky = np.isin(groups, groups[table["id"].isin(splits.leaks(table)["first"])])
    sealed = table["split"].map(dict(zip(PARTS, range(len(PARTS)), strict=True)))
    gone = leaky & (sealed < sealed.groupby(groups).transform("max")).to_numpy()
    training = (table["split"] == TRAIN).to_numpy()
    spared = sorted(set(table["label"][training & gone]) - set(table["label"][training & ~gone]))
    return table["id"][gone & ~table["label"].isin(spared).to_numpy()].tolist(), spared


def keep(project: Project, pairs: Iterable[Pair]) -> Manifest:
    """Note for each pair that the two are different pictures, so that they are never called alike again.

    Raises:
        NotFoundError: a picture is not in the list.
    """
    told = list(pairs)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        edits.chosen_rows(table, {name for pair in told for name in pair})
        new: dict[str, list[str]] = {}
        for first, second in told:
            new.setdefault(first, []).append(duplicates.short(second))
        apart = [
            " ".join([*before.split(), *new.get(name, [])])
            for name, before in zip(table["id"], table["apart"], strict=True)
        ]
        return table.assign(apart=pd.Series(apart, index=table.index, dtype="str"))

    return edits.edit(project, change, f"Said that {wording.pictures(2 * len(told))} are different, pair by pair")
