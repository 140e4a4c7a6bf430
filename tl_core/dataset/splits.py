"""Which pictures train, which validate, which are sealed away for the test.

Stratified (each class by itself), seeded, and independent of the order of the rows: the same pictures and the same
seed always give the same parts. Pictures that are alike (``alike``: copies of one picture, or of one moment) are dealt
as one, so that none is trained on that is nearly the same as one that is asked about later.
"""

import zlib
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import bursts, duplicates
from tl_core.errors import InputError

TRAIN, VALIDATION, TEST = "train", "validation", "test"
PARTS = (TRAIN, VALIDATION, TEST)
CONFLICT = "conflict: "
GIVEN = "given: "


def check_fractions(validation: float, test: float) -> None:
    """Raise InputError unless both fractions are 0 or more and leave at least a tenth for training."""
    if not (0 <= validation <= 0.9 and 0 <= test <= 0.9 and validation + test <= 0.9 + 1e-9):
        raise InputError(
            "Validation and test are parts of the whole between 0 and 0.9, together at most 0.9, so that pictures to "
            f"train on remain. Received: validation {validation:g}, test {test:g}."
        )


def split(table: pd.DataFrame, *, validation: float = 0.15, test: float = 0.15, seed: int = 0) -> pd.DataFrame:
    """Return the table with every picture given to a part anew, except unsettled conflicts, which take no part.

    Every class with two pictures or more gets one to train and one to validate, with three or more also one to test
    (where the fraction is above 0).

    Raises:
        InputError: fractions that leave nothing to train on.
    """
    return fill(table.assign(split=""), validation=validation, test=test, seed=seed)


def fill(
    table: pd.DataFrame,
    *,
    validation: float = 0.15,
    test: float = 0.15,
    seed: int = 0,
    carve_test: bool = False,
) -> pd.DataFrame:
    """Return the table with a part for each row that has none; rows that have one keep it.

    A picture that is alike to one that has a part gets the same. A class that is all alike is divided nevertheless, in
    the order of its pictures (``divided`` names it), for otherwise nothing could be trained and checked with it.

    A class that came with a part of its own (flag ``"given: test"``) gets no more of that part. One that has pictures
    to train on but none to validate gives some of those for that; the same is done for a missing test part only
    with ``carve_test``.

    Raises:
        InputError: fractions that leave nothing to train on.
    """
    check_fractions(validation, test)
    parts = table["split"].to_numpy(dtype=object).copy()
    free = _free(table)
    given_test = bool(((parts == TEST) & free).any())
    classes = _shuffled(table, free, seed)
    units = _units(table, classes)
    _inherit(parts, units, free)
    fresh = (parts == "") & free
    fractions = {label: _fractions(table, rows, validation, test) for label, rows in classes.items()}
    _deal_groups(table, parts, units, fresh, classes, fractions, seed)
    for label, rows in classes.items():
        _deal(parts, rows, *fractions[label])
        _mend(table, parts, rows, units, fresh, fractions[label])
    _carve(parts, classes, units, VALIDATION, validation)
    if carve_test and not given_test:
        _carve(parts, classes, units, TEST, test)
    return table.assign(split=pd.Series(parts, index=table.index, dtype="str"))


def leaks(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of ``alike.pairs`` of which the two pictures lie in different parts.

    Returns:
        The columns of ``alike.pairs`` and ``first_part``, ``second_part``.
    """
    found = duplicates.pairs(table)
    part = pd.Series(table["split"].to_numpy(), index=table["id"].to_numpy())
    found = found.assign(first_part=part.reindex(found["first"]).to_numpy(dtype=object))
    found = found.assign(second_part=part.reindex(found["second"]).to_numpy(dtype=object))
    apart = (found["first_part"] != found["second_part"]) & (found["first_part"] != "") & (found["second_part"] != "")
    return found[apart].reset_index(drop=True)


def divided(table: pd.DataFrame) -> list[str]:
    """Return the classes of which all pictures are alike and lie in several parts all the same."""
    free = _free(table)
    groups = pd.DataFrame({"label": table["label"], "split": table["split"], "group": duplicates.groups(table)})[free]
    seen = groups.groupby("label", sort=True).nunique()
    return [str(label) for label in seen.index[(seen["group"] == 1) & (seen["split"] > 1)]]


def _free(table: pd.DataFrame) -> NDArray[np.bool_]:
    return ~table["flags"].str.startswith(CONFLICT).to_numpy(dtype=bool)


def _shuffled(table: pd.DataFrame, free: NDArray[np.bool_], seed: int) -> dict[str, NDArray[np.intp]]:
    """Return the rows of each class that take a part, shuffled by the seed and their ids alone."""
    ids = table["id"].to_numpy(dtype=object)
    classes = {}
    for label, members in table.groupby("label", sort=True).indices.items():
        rows = np.asarray(members)[free[members]]
        rows = rows[np.argsort(ids[rows])]
        np.random.default_rng([seed, zlib.crc32(str(label).encode())]).shuffle(rows)
        classes[str(label)] = rows
    return classes


def _units(table: pd.DataFrame, classes: dict[str, NDArray[np.intp]]) -> NDArray[np.int64]:
    """Return the number of what is dealt as one for each row: its group, or itself where a class is a single group.

    The rows of such a class are put into the order in which they were taken, so that the parts that are cut from it
    have few neighbours in one another.
    """
    units = duplicates.groups(table)
    last = int(units.max(initial=0)) + 1
    for label, rows in classes.items():
        if len(rows) > 1 and len(set(units[rows])) == 1:
            keys = bursts.in_order(*(duplicates.column(table, name)[rows] for name in ("taken", "source", "id")))
            classes[label] = rows = rows[keys]
            units[rows] = last + np.arange(len(rows))
            last += len(rows)
    return units


def _inherit(parts: NDArray[Any], units: NDArray[np.int64], free: NDArray[np.bool_]) -> None:
    """Give rows without a part that of their group; the most sealed where it lies in several already."""
    for part in (TEST, VALIDATION, TRAIN):
        parts[free & (parts == "") & np.isin(units, units[free & (parts == part)])] = part


def _fractions(table: pd.DataFrame, rows: NDArray[np.intp], validation: float, test: float) -> tuple[float, float]:
    given = set(table["flags"].to_numpy(dtype=object)[rows])
    return 0.0 if GIVEN + VALIDATION in given else validation, 0.0 if GIVEN + TEST in given else test


def _deal_groups(
    table: pd.DataFrame,
    parts: NDArray[Any],
    units: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    classes: dict[str, NDArray[np.intp]],
    fractions: dict[str, tuple[float, float]],
    seed: int,
) -> None:
    """Deal what is more than one picture, the largest first: by chance, as likely to a part as it has room there."""
    labels, ids = (table[name].to_numpy(dtype=object) for name in ("label", "id"))
    room = {label: _room(parts, rows, *fractions[label]) for label, rows in classes.items()}
    for rows in sorted(_groups(units, fresh, least=2), key=lambda rows: (-len(rows), min(ids[rows]))):
        sizes = Counter(labels[rows])
        weights = [
            max(0, min(room[label][part] for label in sizes))
            if part == TRAIN or all(room[label][part] >= size for label, size in sizes.items())
            else 0
            for part in PARTS
        ]
        chance = np.random.default_rng([seed, zlib.crc32(min(ids[rows]).encode())])
        part = str(chance.choice(PARTS, p=np.array(weights) / sum(weights))) if any(weights) else TRAIN
        parts[rows] = part
        for label, size in sizes.items():
            room[label][part] -= size


def _groups(units: NDArray[np.int64], fresh: NDArray[np.bool_], least: int) -> list[NDArray[np.intp]]:
    """Return the fresh rows of each unit that has at least so many."""
    rows = np.flatnonzero(fresh)
    rows = rows[np.argsort(units[rows], kind="stable")]
    parted = np.split(rows, np.flatnonzero(np.diff(units[rows])) + 1)
    return [group for group in parted if len(group) >= least]


def _room(parts: NDArray[Any], rows: NDArray[np.intp], validation: float, test: float) -> dict[str, int]:
    """Return how many pictures of one class each part wants beyond those that it has."""
    wanted = {VALIDATION: round(len(rows) * validation), TEST: round(len(rows) * test)}
    wanted[TRAIN] = len(rows) - sum(wanted.values())
    return {part: wanted[part] - int((parts[rows] == part).sum()) for part in PARTS}


def _deal(parts: NDArray[Any], rows: NDArray[np.intp], validation: float, test: float) -> None:
    """Give the rows of one class that have no part theirs, so that the class as a whole comes to the fractions.

    It gets at least one in each part, and pictures that are added one by one come to the same shares as all at once.
    """
    fresh = rows[parts[rows] == ""]
    wanted = _room(parts, rows, validation, test)
    lacking = {part: not (parts[rows] == part).any() for part in PARTS}
    count = len(fresh)
    room = max(0, count - lacking[TRAIN])
    least_validation = min(room, int(lacking[VALIDATION] and validation > 0))
    least_test = min(room - least_validation, int(lacking[TEST] and test > 0))
    to_validate = max(least_validation, min(wanted[VALIDATION], room - least_test))
    to_test = max(least_test, min(wanted[TEST], room - to_validate))
    parts[fresh[:to_validate]] = VALIDATION
    parts[fresh[to_validate : to_validate + to_test]] = TEST
    parts[fresh[to_validate + to_test :]] = TRAIN


def _mend(
    table: pd.DataFrame,
    parts: NDArray[Any],
    rows: NDArray[np.intp],
    units: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    fractions: tuple[float, float],
) -> None:
    """Where a class came to nothing in a part, move its smallest fresh group there that can be spared."""
    lacking = [part for part, share in zip(PARTS, (1.0, *fractions), strict=True) if share > 0]
    lacking = [part for part in lacking if not (parts[rows] == part).any()]
    if not lacking or not fresh[rows].any():
        return
    ids = table["id"].to_numpy(dtype=object)
    own = _own(units, rows[fresh[rows]])
    for part in lacking:
        held = {other: len(set(units[rows[parts[rows] == other]])) for other in PARTS}
        spare = [
            (held[there] < 2, len(group), there != TRAIN, min(ids[group]), number)
            for number, group in enumerate(own)
            if held[there := parts[group[0]]] > 1 or PARTS.index(there) > PARTS.index(part)
        ]
        if spare:
            parts[own[min(spare)[-1]]] = part


def _own(units: NDArray[np.int64], rows: NDArray[np.intp]) -> list[NDArray[np.intp]]:
    """Return the rows of each unit that lies wholly among these."""
    here = np.zeros(len(units), dtype=bool)
    here[rows] = True
    here &= ~np.isin(units, units[~here])
    return _groups(units, here, least=1)


def _carve(
    parts: NDArray[Any], classes: dict[str, NDArray[np.intp]], units: NDArray[np.int64], part: str, fraction: float
) -> None:
    """Take ``part`` out of the training pictures of each class that has none of it, leaving some to train on."""
    lacking = [rows for rows in classes.values() if fraction > 0 and not (parts[rows] == part).any()]
    for rows in lacking:
        wanted = max(1, round(len(rows) * fraction)) - int((parts[rows] == part).sum())
        elsewhere = set(units[(parts != TRAIN) & (parts != part) & (parts != "")].tolist())
        chosen = _to_carve(units[rows[parts[rows] == TRAIN]].tolist(), wanted, elsewhere)
        parts[np.isin(units, chosen) & (parts == TRAIN)] = part


def _to_carve(training: list[int], wanted: int, elsewhere: set[int]) -> list[int]:
    """Return units of about ``wanted`` training pictures, given the unit of each; those with none elsewhere first.

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
