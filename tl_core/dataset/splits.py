"""Which images train, which validate, and which are sealed away for the test.

Stratified (each class by itself), seeded, and independent of the order of the rows: the same images and the same seed
always give the same splits. Images that are alike (``duplicates``: copies of one image, or of one moment) go to the
same split, so that no validation or test image is nearly the same as one that was trained on.
"""

import zlib
from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.about import USUAL, SplitSettings
from tl_core.dataset import bursts, duplicates
from tl_core.language import N_

TRAIN, VALIDATION, TEST = "train", "validation", "test"
#: All splits, the most sealed one last.
SPLITS = (TRAIN, VALIDATION, TEST)
#: The splits as sentences name them.
SPLIT_NAMES = {TRAIN: N_("training"), VALIDATION: N_("validation"), TEST: N_("test")}
#: Their pictures, as sentences name them.
SPLIT_PICTURES = {
    TRAIN: N_("training pictures"),
    VALIDATION: N_("validation pictures"),
    TEST: N_("test pictures"),
}
CONFLICT = "conflict: "
GIVEN = "given: "

Rows = NDArray[np.intp]
Names = NDArray[np.object_]


def fill(table: pd.DataFrame, settings: SplitSettings = USUAL, *, carve_test: bool = False) -> pd.DataFrame:
    """Return the table with a split for each row that has none; rows that have one keep it.

    Every class with two images or more gets one to train and one to validate, with three or more also one to test
    (where the fraction is above 0). Conflicts take no part.

    An image that is alike to one that has a split gets the same. A class that is all alike is divided nevertheless, in
    the order of its images (``divided`` names it); otherwise it could not be trained and evaluated.

    A class that came with a split of its own (flag ``"given: test"``) gets no more of that split. One that has images
    to train on but none to validate gives up some of those; for a missing test split only with ``carve_test``. Where
    more came for the test than its share, the share to validate is of what the others would be a part of: else a large
    test split would leave few to train on.
    """
    assigned = table["split"].to_numpy(dtype=object).copy()
    free = _free(table)
    given_test = bool(((assigned == TEST) & free).any())
    classes = _shuffled(table, free, settings.seed)
    units = _units(table, classes)
    _inherit(assigned, units, free)
    fresh = (assigned == "") & free
    shares = {label: _shares(table, rows, settings) for label, rows in classes.items()}
    _deal_groups(table, assigned, units, fresh, classes, shares, settings.seed)
    for label, rows in classes.items():
        _deal(assigned, rows, shares[label])
        _fill_empty(table, assigned, rows, units, fresh, shares[label])
    _carve(assigned, classes, units, VALIDATION, settings)
    if carve_test and not given_test:
        _carve(assigned, classes, units, TEST, settings)
    return table.assign(split=pd.Series(assigned, index=table.index, dtype="str"))


def leaks(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of ``duplicates.pairs`` of which the two images lie in different splits.

    Returns:
        The columns of ``duplicates.pairs`` and ``first_split``, ``second_split``.
    """
    pairs = duplicates.pairs(table)
    split = pd.Series(table["split"].to_numpy(), index=table["id"].to_numpy())
    first, second = (split.reindex(pairs[name]).to_numpy(dtype=object) for name in ("first", "second"))
    pairs = pairs.assign(first_split=first, second_split=second)
    leaking: pd.DataFrame = pairs[(first != second) & (first != "") & (second != "")]
    return leaking.reset_index(drop=True)


def divided(table: pd.DataFrame) -> list[str]:
    """Return the classes of which all images are alike and yet lie in several splits."""
    free = _free(table)
    groups = pd.DataFrame({"label": table["label"], "split": table["split"], "group": duplicates.units(table)})[free]
    numbers = groups.groupby("label", sort=True).nunique()
    return [str(label) for label in numbers.index[(numbers["group"] == 1) & (numbers["split"] > 1)]]


def _free(table: pd.DataFrame) -> NDArray[np.bool_]:
    return ~table["flags"].str.startswith(CONFLICT).to_numpy(dtype=bool)


def _shuffled(table: pd.DataFrame, free: NDArray[np.bool_], seed: int) -> dict[str, Rows]:
    """Return the rows of each class that are split, shuffled by the seed and their ids alone."""
    ids = table["id"].to_numpy(dtype=object)
    classes = {}
    for label, members in table.groupby("label", sort=True).indices.items():
        rows = np.asarray(members)[free[members]]
        rows = rows[np.argsort(ids[rows])]
        np.random.default_rng([seed, zlib.crc32(str(label).encode())]).shuffle(rows)
        classes[str(label)] = rows
    return classes


def _units(table: pd.DataFrame, classes: dict[str, Rows]) -> NDArray[np.int64]:
    """Return the number of what stays together for each row: its unit, or itself where a class is a single unit.

    A class of one day or patient falls into what is alike. Where all of that is one, too, the rows are put into the
    order in which they were taken, so that the splits that are cut from it have few neighbours in one another.
    """
    units, alike = duplicates.units(table), duplicates.groups(table)
    last = int(units.max(initial=0)) + 1
    for label, rows in classes.items():
        if len(rows) > 1 and len(set(units[rows])) == 1 and len(set(alike[rows])) > 1:
            units[rows] = last + np.unique(alike[rows], return_inverse=True)[1]
            last += len(rows)
        elif len(rows) > 1 and len(set(units[rows])) == 1:
            keys = bursts.in_order(*(duplicates.column(table, name)[rows] for name in ("taken", "source", "id")))
            classes[label] = rows = rows[keys]
            units[rows] = last + np.arange(len(rows))
            last += len(rows)
    return units


def _inherit(assigned: Names, units: NDArray[np.int64], free: NDArray[np.bool_]) -> None:
    """Give rows without a split that of their group; the most sealed where it lies in several already."""
    for split in reversed(SPLITS):
        assigned[free & (assigned == "") & np.isin(units, units[free & (assigned == split)])] = split


def _shares(table: pd.DataFrame, rows: Rows, settings: SplitSettings) -> dict[str, float]:
    """Return the fractions of validation and test for a class; 0 for a split that came with its images."""
    given = set(table["flags"].to_numpy(dtype=object)[rows])
    wanted = {VALIDATION: settings.validation, TEST: settings.test}
    return {split: 0.0 if GIVEN + split in given else share for split, share in wanted.items()}


def _deal_groups(
    table: pd.DataFrame,
    assigned: Names,
    units: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    classes: Mapping[str, Rows],
    shares: Mapping[str, Mapping[str, float]],
    seed: int,
) -> None:
    """Deal groups of two or more images, the largest first: at random, weighted by the room that a split has left."""
    labels, ids = (table[name].to_numpy(dtype=object) for name in ("label", "id"))
    room = {label: _room(assigned, rows, shares[label]) for label, rows in classes.items()}
    for rows in sorted(_groups(units, fresh, least=2), key=lambda rows: (-len(rows), min(ids[rows]))):
        sizes = Counter(labels[rows])
        weights = [
            max(0, min(room[label][split] for label in sizes))
            if split == TRAIN or all(room[label][split] >= size for label, size in sizes.items())
            else 0
            for split in SPLITS
        ]
        chance = np.random.default_rng([seed, zlib.crc32(min(ids[rows]).encode())])
        chosen = str(chance.choice(SPLITS, p=np.array(weights) / sum(weights))) if any(weights) else TRAIN
        assigned[rows] = chosen
        for label, size in sizes.items():
            room[label][chosen] -= size


def _groups(units: NDArray[np.int64], fresh: NDArray[np.bool_], least: int) -> list[Rows]:
    """Return the fresh rows of each unit that has at least ``least`` of them."""
    rows = np.flatnonzero(fresh)
    rows = rows[np.argsort(units[rows], kind="stable")]
    grouped = np.split(rows, np.flatnonzero(np.diff(units[rows])) + 1)
    return [group for group in grouped if len(group) >= least]


def _room(assigned: Names, rows: Rows, shares: Mapping[str, float]) -> dict[str, int]:
    """Return how many images of one class each split still lacks (negative: has too many)."""
    wanted = {split: round(len(rows) * share) for split, share in shares.items()}
    wanted[TRAIN] = len(rows) - sum(wanted.values())
    return {split: wanted[split] - int((assigned[rows] == split).sum()) for split in SPLITS}


def _deal(assigned: Names, rows: Rows, shares: Mapping[str, float]) -> None:
    """Give the rows of one class that have no split theirs, so that the class as a whole comes to its shares.

    It gets at least one in each split, and images that are added one by one come to the same shares as all at once.
    """
    fresh = rows[assigned[rows] == ""]
    wanted = _room(assigned, rows, shares)
    lacking = {split: not (assigned[rows] == split).any() for split in SPLITS}
    count = len(fresh)
    room = max(0, count - lacking[TRAIN])
    least_validation = min(room, int(lacking[VALIDATION] and shares[VALIDATION] > 0))
    least_test = min(room - least_validation, int(lacking[TEST] and shares[TEST] > 0))
    to_validate = max(least_validation, min(wanted[VALIDATION], room - least_test))
    to_test = max(least_test, min(wanted[TEST], room - to_validate))
    assigned[fresh[:to_validate]] = VALIDATION
    assigned[fresh[to_validate : to_validate + to_test]] = TEST
    assigned[fresh[to_validate + to_test :]] = TRAIN


def _fill_empty(
    table: pd.DataFrame,
    assigned: Names,
    rows: Rows,
    units: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    shares: Mapping[str, float],
) -> None:
    """Where a class has nothing in a split, move its smallest fresh group there that can be spared."""
    empty = [split for split in SPLITS if shares.get(split, 1.0) > 0 and not (assigned[rows] == split).any()]
    if not empty or not fresh[rows].any():
        return
    ids, labels = (table[name].to_numpy(dtype=object) for name in ("id", "label"))
    own = _movable(units, rows, fresh)
    for split in empty if own else ():
        held = _units_held(set(labels[np.concatenate(own)]), labels, units, assigned)
        spare = [
            (least < 2, len(group), there != TRAIN, min(ids[group]), number)
            for number, group in enumerate(own)
            for there in [assigned[group[0]]]
            for least in [min(held[label, there] for label in set(labels[group]))]
            if least > 1 or (SPLITS.index(there) > SPLITS.index(split) and len(set(labels[group])) == 1)
        ]
        if spare:
            assigned[own[min(spare)[-1]]] = split


def _movable(units: NDArray[np.int64], rows: Rows, fresh: NDArray[np.bool_]) -> list[Rows]:
    """Return the rows of each unit that has some of these rows and holds nothing but fresh ones."""
    here = np.isin(units, units[rows]) & ~np.isin(units, units[~fresh])
    return _groups(units, here, least=1)


def _units_held(
    classes: set[str], labels: Names, units: NDArray[np.int64], assigned: Names
) -> Mapping[tuple[str, str], int]:
    """Return how many units each of these classes has in each split."""
    rows = np.flatnonzero(np.isin(labels, list(classes)))
    held = set(zip(labels[rows], assigned[rows], units[rows].tolist(), strict=True))
    return Counter((str(label), str(there)) for label, there, _ in held)


def _carve(
    assigned: Names, classes: dict[str, Rows], units: NDArray[np.int64], split: str, settings: SplitSettings
) -> None:
    """Take ``split`` out of the training images of each class that has none of it, leaving some to train on."""
    share = settings.validation if split == VALIDATION else settings.test
    lacking = [rows for rows in classes.values() if share > 0 and not (assigned[rows] == split).any()]
    for rows in lacking:
        whole = min(len(rows), int((assigned[rows] != TEST).sum()) / (1 - settings.test))
        wanted = max(1, round(share * whole))
        elsewhere = set(units[(assigned != TRAIN) & (assigned != split) & (assigned != "")].tolist())
        chosen = _to_carve(units[rows[assigned[rows] == TRAIN]].tolist(), wanted, elsewhere)
        assigned[np.isin(units, chosen) & (assigned == TRAIN)] = split


def _to_carve(training: list[int], wanted: int, elsewhere: set[int]) -> list[int]:
    """Return units of about ``wanted`` training images, given the unit of each; those with none elsewhere first.

    Whole units are taken, one is left; where all are too large, the smallest is taken.
    """
    sizes = Counter(training)
    if wanted <= 0 or len(sizes) < 2:
        return []
    taken: list[int] = []
    for unit in sorted(sizes, key=lambda unit: unit in elsewhere):
        if sizes[unit] <= wanted and len(taken) < len(sizes) - 1:
            taken.append(unit)
            wanted -= sizes[unit]
    return taken or [min(sizes, key=lambda unit: (unit in elsewhere, sizes[unit]))]
