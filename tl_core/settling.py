"""Settling what alike pictures raise: copies in two parts of a split, copies that are none after all.

Which of two copies leaves, where one trains and the other tests? The one in training: so the test stays as it came, and
its accuracy can be compared with that of others who used the same one. Large training sets are cleaned in this way
(Oquab et al. 2023, https://arxiv.org/abs/2304.07193, section 3); how much copies flatter is in Barz and Denzler 2020,
https://arxiv.org/abs/1902.00423.
"""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from tl_core import alike, manifest, remarks
from tl_core.manifest import Manifest
from tl_core.splits import GIVEN, TEST, TRAIN, VALIDATION
from tl_core.workspace import Project

Pair = tuple[str, str]


def leaving(found: pd.DataFrame) -> list[str]:
    """Return the ids of the pictures to take out so that no leak is left, given some of ``splits.leaks``, sorted.

    Of two copies that one leaves which is in the less sealed part: training before validation, validation before test.
    """
    gone: set[str] = set()
    for stays in (TEST, VALIDATION):
        for row in found[(found["first_part"] == stays) | (found["second_part"] == stays)].itertuples():
            if not {str(row.first), str(row.second)} & gone:
                gone.add(str(row.second if row.first_part == stays else row.first))
    return sorted(gone)


def emptied(table: pd.DataFrame, ids: Iterable[str]) -> list[str]:
    """Return the classes that would have nothing left to train on without these pictures."""
    training = table[table["split"] == TRAIN]
    left = set(training.loc[~training["id"].isin(set(ids)), "label"])
    return sorted(set(training["label"]) - left)


def put_together(project: Project, ids: Iterable[str], part: str) -> Manifest:
    """Put these pictures and all that are in a group with them into one part. Raises NotFoundError."""
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        groups = alike.groups(table)
        rows = np.isin(groups, groups[manifest.chosen_rows(table, chosen)]) & (table["split"] != "").to_numpy()
        given = rows & table["flags"].str.startswith(GIVEN).to_numpy()
        return table.assign(split=table["split"].mask(rows, part), flags=table["flags"].mask(given, GIVEN + part))

    return manifest.edit(project, change, f"Put alike pictures into one part ({part})")


def keep(project: Project, pairs: Iterable[Pair]) -> Manifest:
    """Note for each pair that the two are different pictures, so that they are never called alike again.

    Raises:
        NotFoundError: a picture is not in the list.
    """
    told = list(pairs)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        manifest.chosen_rows(table, {name for pair in told for name in pair})
        new: dict[str, list[str]] = {}
        for first, second in told:
            new.setdefault(first, []).append(alike.short(second))
        apart = [
            " ".join([*before.split(), *new.get(name, [])])
            for name, before in zip(table["id"], table["apart"], strict=True)
        ]
        return table.assign(apart=pd.Series(apart, index=table.index, dtype="str"))

    return manifest.edit(project, change, f"Said that {remarks.pictures(2 * len(told))} are different, pair by pair")
