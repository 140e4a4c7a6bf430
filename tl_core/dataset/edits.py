"""Changes to a project's list of pictures, each of which writes its next version: class, part, removal, a new split."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, manifest, splits
from tl_core.dataset.manifest import BETWEEN, Manifest, conflict_flag
from tl_core.dataset.names import class_name, known_as
from tl_core.dataset.splits import CONFLICT, GIVEN, PARTS
from tl_core.errors import InputError, NotFoundError
from tl_core.workspace import Project, locked


def rename_class(project: Project, old: str, new: str) -> Manifest:
    """Rename a class; under the name of another class (in any case) the two become one.

    Raises:
        InputError: the new name is empty.
        NotFoundError: there is no class ``old``.
    """

    def change(table: pd.DataFrame) -> pd.DataFrame:
        classes = set(table["label"])
        if old not in classes:
            raise NotFoundError(f"There is no class “{old}”. Classes: {', '.join(sorted(classes))}.")
        name = known_as(class_name(new), sorted(classes - {old}))
        flags = table["flags"].map(lambda flag: _renamed_conflict(flag, old, name))
        settled = flags.ne(table["flags"]) & flags.eq("")
        table = table.assign(label=table["label"].replace(old, name), flags=flags)
        return splits.fill(table, **_fractions(project)) if settled.any() else table

    return edit(project, change, f"Renamed “{old}” to “{class_name(new)}”")


def remove(project: Project, ids: Iterable[str]) -> Manifest:
    """Take pictures out of the list; their files stay for undo and for earlier runs. Raises NotFoundError."""
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table[~chosen_rows(table, chosen)]

    return edit(project, change, f"Removed {wording.pictures(len(chosen))}")


def move(project: Project, ids: Iterable[str], label: str) -> Manifest:
    """Move pictures to a class, a new one if need be; that also settles which class a picture in conflict has.

    Raises:
        InputError: the name is empty.
        NotFoundError: a picture is not in the list.
    """
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = chosen_rows(table, chosen)
        name = known_as(class_name(label), table["label"].unique())
        conflict = rows & table["flags"].str.startswith(CONFLICT)
        table = table.assign(label=table["label"].mask(rows, name), flags=table["flags"].mask(conflict, ""))
        return splits.fill(table, **_fractions(project)) if conflict.any() else table

    return edit(project, change, f"Moved {wording.pictures(len(chosen))} to “{class_name(label)}”")


def put(project: Project, ids: Iterable[str], part: str) -> Manifest:
    """Put pictures into a part by hand: ``"train"``, ``"validation"`` or ``"test"``; what is alike goes along.

    Raises:
        InputError: there is no such part, or a picture is in conflict and has no class yet.
        NotFoundError: a picture is not in the list.
    """
    chosen = set(ids)
    if part not in PARTS:
        raise InputError(f"There is no part “{part}”. Parts: {', '.join(PARTS)}.")

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = chosen_rows(table, chosen)
        if (rows & table["flags"].str.startswith(CONFLICT)).any():
            raise InputError("A picture that came under two classes takes no part. Move it to one of them first.")
        groups = duplicates.groups(table)
        rows = (table["split"] != "") & np.isin(groups, groups[rows])
        given = rows & table["flags"].str.startswith(GIVEN)
        return table.assign(split=table["split"].mask(rows, part), flags=table["flags"].mask(given, GIVEN + part))

    return edit(project, change, f"Put {wording.pictures(len(chosen))}, and what is alike, into the {part} part")


def resplit(
    project: Project, validation: float = 0.15, test: float = 0.15, seed: int = 0, *, keep_given: bool = True
) -> Manifest:
    """Split all pictures anew. Parts that the pictures came with stay unless ``keep_given`` is False.

    Raises:
        InputError: fractions that leave nothing to train on.
    """
    splits.check_fractions(validation, test)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        given = table["flags"].str.extract(f"^{GIVEN}(.*)$", expand=False).fillna("") if keep_given else ""
        return splits.fill(table.assign(split=given), validation=validation, test=test, seed=seed, carve_test=True)

    with locked(project.folder):
        changed = edit(project, change, f"Split: {validation:.0%} validation, {test:.0%} test, seed {seed}")
        project.update(split={"validation": validation, "test": test, "seed": seed})
    return changed


def _renamed_conflict(flag: str, old: str, new: str) -> str:
    """Return a conflict's flag after a class got another name; empty once both sides are one class."""
    if not flag.startswith(CONFLICT):
        return flag
    sides = [new if side == old else side for side in flag.removeprefix(CONFLICT).split(BETWEEN)]
    return conflict_flag(sides)


def edit(project: Project, change: Callable[[pd.DataFrame], pd.DataFrame], note: str) -> Manifest:
    """Write what ``change`` makes of the current table as the next version, and return it."""
    with locked(project.folder):
        return manifest.save(project, change(manifest.load(project).table), note)


def _fractions(project: Project) -> dict[str, Any]:
    return {"validation": 0.15, "test": 0.15, "seed": 0, **project.about().get("split", {})}


def chosen_rows(table: pd.DataFrame, ids: set[str]) -> "pd.Series[bool]":
    """Return for each row whether it is one of these pictures. Raises NotFoundError unless all are there."""
    rows = table["id"].isin(ids)
    if not ids or int(rows.sum()) != len(ids):
        missing = sorted(ids - set(table["id"]))
        what = (
            f"{len(missing)} of the chosen pictures are not in the list any more"
            if missing
            else "No picture was chosen"
        )
        raise NotFoundError(f"{what}. Choose again.")
    return rows
