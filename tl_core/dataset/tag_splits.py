"""Which images with several labels train, validate and test: every tag, and every split, comes to its share.

Iterative stratification (K. Sechidis, G. Tsoumakas, I. Vlahavas, "On the Stratification of Multi-Label Data", 2011):
the tag with fewest images left is dealt first, each image to the split that lacks most of this tag. Here what is dealt
is a group of images that stay together (``duplicates.units``). Of a tag that most images have, those without it are
dealt: the rarer side is the one that a split may lack.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.about import USUAL, SplitSettings
from tl_core.dataset import duplicates, tags
from tl_core.dataset.splits import CONFLICT, GIVEN, SPLITS, TEST, TRAIN, VALIDATION

Counts = NDArray[np.int64]


def fill(table: pd.DataFrame, settings: SplitSettings = USUAL, *, carve_test: bool = False) -> pd.DataFrame:
    """Return the table with a split for each row that has none; as ``splits.fill``, for several labels an image.

    A tag that two groups of images or more have gets one to train and one to validate, with three or more also one to
    test. Images that came with a split (flag ``"given: test"``) are all that this split gets; where none came to
    validate, some of those to train on do, and with ``carve_test`` the same goes for the test.
    """
    free = ~table["flags"].str.startswith(CONFLICT).to_numpy(dtype=bool)
    units = duplicates.units(table)
    assigned = table["split"].to_numpy(dtype=object).copy()
    for split in reversed(SPLITS):  # what is alike follows, into the most sealed split
        assigned[free & (assigned == "") & np.isin(units, units[free & (assigned == split)])] = split
    given = set(table["flags"]) & {GIVEN + split for split in SPLITS}
    wanted = {VALIDATION: settings.validation, TEST: settings.test}
    shares = {split: 0.0 if GIVEN + split in given else share for split, share in wanted.items()}
    dealt = _Dealt(table, units, assigned, settings.seed)
    dealt.deal(free & (assigned == ""), shares)
    for split in [VALIDATION, *([TEST] if carve_test else [])]:
        if wanted[split] > 0 and free.any() and not (assigned[free] == split).any():
            dealt.deal(free & (assigned == TRAIN), {split: wanted[split]})
    return table.assign(split=pd.Series(assigned, index=table.index, dtype="str"))


def folds(table: pd.DataFrame, units: Counts, count: int, seed: int) -> Counts:
    """Return the fold of each row ``(n,)``, 0 to ``count - 1``: each has its share of every tag, and units stay whole.

    Args:
        table: rows of a manifest.
        units: ``(n,)`` number of what stays together.
        count: how many folds, 2 or more.
        seed: of the order of what is equal.
    """
    dealt = _Dealt(table, units, np.full(len(table), "", object), seed)
    names = [f"fold {number}" for number in range(1, count)]
    dealt.deal(np.ones(len(table), bool), dict.fromkeys(names, 1 / count))
    number = {name: at for at, name in enumerate([TRAIN, *names])}
    return np.array([number[name] for name in dealt.assigned], np.int64)


class _Dealt:
    """The images of a table on their way into splits.

    Args:
        table: of a manifest.
        units: ``(n,)`` number of what stays together.
        assigned: ``(n,)`` the split of each image; ``deal`` fills it in.
        seed: of the order of what is equal.
    """

    def __init__(self, table: pd.DataFrame, units: Counts, assigned: NDArray[np.object_], seed: int) -> None:
        names = sorted({tag for label in table["label"].unique() for tag in tags.split(label)})
        has = tags.matrix(table["label"].tolist(), names)
        often = has.mean(axis=0) > 0.5 if len(has) else np.zeros(len(names), bool)
        self.sides = (has ^ often).astype(np.int64)
        self.ids = table["id"].to_numpy(dtype=object)
        self.units, self.assigned, self.seed = units, assigned, seed

    def deal(self, chosen: NDArray[np.bool_], shares: Mapping[str, float]) -> None:
        """Give the chosen images, a whole unit at a time, to training and to the splits that have a share."""
        rows = np.flatnonzero(chosen)
        if not len(rows):
            return
        rows = rows[np.argsort(self.ids[rows])]  # whatever order the table has
        named, place = np.unique(self.units[rows], return_inverse=True)
        first = np.full(len(named), len(rows))
        np.minimum.at(first, place, np.arange(len(rows)))
        place = np.argsort(np.argsort(first))[place]
        holds = np.zeros((len(named), 1 + self.sides.shape[1]), np.int64)
        np.add.at(holds, place, np.column_stack([np.ones(len(rows), np.int64), self.sides[rows]]))
        splits = [TRAIN, *(split for split, share in shares.items() if share > 0)]
        self.assigned[rows] = ""
        there = np.stack([self._count(split) for split in splits])
        self.assigned[rows] = np.array(splits, object)[self._split(holds, there, splits, shares)[place]]

    def _count(self, split: str) -> Counts:
        """Return how many images, and how many of each side of a tag, a split has already."""
        here = self.assigned == split
        return np.concatenate([[here.sum()], self.sides[here].sum(axis=0)]).astype(np.int64)

    def _split(self, holds: Counts, there: Counts, splits: list[str], shares: Mapping[str, float]) -> Counts:
        """Return the position of the split of each unit, given what it holds ``(units, 1 + tags)``: images, tags."""
        room = _wanted(holds, there, splits, shares) - there
        order = np.random.default_rng(self.seed).permutation(len(holds))
        result = np.full(len(holds), -1, np.int64)
        while (left := order[result[order] < 0]).size:
            remaining = (holds[left, 1:] > 0).sum(axis=0)
            rare = int(np.where(remaining > 0, remaining, len(holds) + 1).argmin()) + 1 if remaining.any() else 0
            own = left[holds[left, rare] > 0]
            for unit in own[np.argsort(-holds[own, 0], kind="stable")]:
                result[unit] = max(range(len(splits)), key=lambda at: (room[at, rare], room[at, 0], -at))
                room[result[unit]] -= holds[unit]
        return result


def _wanted(holds: Counts, there: Counts, splits: list[str], shares: Mapping[str, float]) -> NDArray[np.float64]:
    """Return how many images, and how many of each side of a tag, each split should have, ``(splits, 1 + tags)``."""
    every, units = holds.sum(axis=0) + there.sum(axis=0), (holds > 0).sum(axis=0)
    wanted = np.zeros((len(splits), len(every)))
    for at, split in enumerate(splits[1:], start=1):
        least = units >= (3 if split == TEST else 2)  # one at least, where there are enough to give it
        wanted[at] = np.maximum(shares[split] * every, least)
    wanted[0] = every - wanted[1:].sum(axis=0)
    return wanted
