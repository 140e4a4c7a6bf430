"""Which pictures train, which validate, which are sealed away for the test.

Stratified (each class by itself), seeded, and independent of the order of the rows: the same pictures and the same
seed always give the same parts.
"""

import zlib
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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

    A class that came with a part of its own (flag ``"given: test"``) gets no more of that part. One that has pictures
    to train on but none to validate gives some of those for that; the same is done for a missing test part only
    with ``carve_test``.

    Raises:
        InputError: fractions that leave nothing to train on.
    """
    check_fractions(validation, test)
    parts = table["split"].to_numpy(dtype=object).copy()
    fresh = (table["split"] == "").to_numpy(dtype=bool)
    flags, hashes = (table[name].to_numpy(dtype=object) for name in ("flags", "phash"))
    free = ~table["flags"].str.startswith(CONFLICT).to_numpy(dtype=bool)
    ids = table["id"].to_numpy(dtype=object)
    given_test = bool(((parts == TEST) & free).any())
    for label, members in table.groupby("label", sort=True).indices.items():
        rows = np.asarray(members)[free[members]]
        rows = rows[np.argsort(ids[rows])]
        np.random.default_rng([seed, zlib.crc32(str(label).encode())]).shuffle(rows)
        given = set(flags[rows])
        _deal(
            parts,
            rows,
            0.0 if GIVEN + VALIDATION in given else validation,
            0.0 if GIVEN + TEST in given else test,
        )
        if validation > 0:
            _carve(parts, rows, VALIDATION, validation)
        if test > 0 and carve_test and not given_test:
            _carve(parts, rows, TEST, test)
        _keep_alike_together(parts, rows, fresh[rows], hashes[rows])
    return table.assign(split=pd.Series(parts, index=table.index, dtype="str"))


def _deal(parts: NDArray[Any], rows: NDArray[np.intp], validation: float, test: float) -> None:
    """Give the rows of one class that have no part theirs, so that the class as a whole comes to the fractions.

    It gets at least one in each part, and pictures that are added one by one come to the same shares as all at once.
    """
    fresh = rows[parts[rows] == ""]
    wanted = {
        part: round(len(rows) * fraction) - int((parts[rows] == part).sum())
        for part, fraction in ((VALIDATION, validation), (TEST, test))
    }
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


def _carve(parts: NDArray[Any], rows: NDArray[np.intp], part: str, fraction: float) -> None:
    """Take ``part`` out of the training pictures of one class that has none of it, leaving at least one to train on."""
    training = rows[parts[rows] == TRAIN]
    if not (parts[rows] == part).any() and len(training) > 1:
        parts[training[: min(len(training) - 1, max(1, round(len(rows) * fraction)))]] = part


def _keep_alike_together(
    parts: NDArray[Any], rows: NDArray[np.intp], fresh: NDArray[np.bool_], hashes: NDArray[Any]
) -> None:
    """Move the fresh pictures of one class to the part of the first that looks the same (equal perceptual hash).

    So a picture that was saved twice does not train in one part and test in another. Where that would empty a part
    (a class of blank pictures, say), the parts stay as they were dealt.
    """
    first: dict[str, str] = {}
    for index in np.argsort(fresh, kind="stable"):  # those that had a part before come first
        first.setdefault(hashes[index], parts[rows[index]])
    alike = [first[same] if new else part for part, new, same in zip(parts[rows], fresh, hashes, strict=True)]
    if set(alike) == set(parts[rows]):
        parts[rows] = alike
