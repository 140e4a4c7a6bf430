"""The list of a project's pictures in numbered versions: which picture, which class, which part.

A version is never changed. Every edit writes the next one, so undo is a step back to the version before, and a run can
name the very pictures that it was trained on.
"""

import io
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tl_core import remarks, splits
from tl_core.errors import InputError, NotFoundError
from tl_core.locks import locked
from tl_core.names import class_name, known_as
from tl_core.splits import CONFLICT, GIVEN, PARTS
from tl_core.workspace import Project, read_json, write_bytes, write_json

COLUMNS = {
    "id": "str",
    "label": "str",
    "split": "str",
    "width": "int32",
    "height": "int32",
    "source": "str",
    "phash": "str",
    "flags": "str",
    "look": "str",
    "taken": "str",
    "apart": "str",
}
BETWEEN = " | "


@dataclass(frozen=True)
class Manifest:
    """One version of the list of pictures.

    Attributes:
        version: its number, from 1.
        table: one row per picture: ``id`` (SHA-256 of the kept file), ``label`` (class name), ``split``
            (``"train"``, ``"validation"``, ``"test"``, or ``""``: takes no part), ``width`` and ``height`` (pixels,
            as kept), ``source`` (the name it came with; several, joined by " | ", where the same picture came more
            than once), ``phash`` (16 hex digits), ``flags`` (``""``, ``"conflict: cat | dog"``, or
            ``"given: test"``: the part came with it), ``look`` (``looks.look``) and ``taken`` (``capture.taken``),
            both ``""`` in lists of earlier versions, and ``apart`` (beginnings of the ids of pictures that a person
            called different from this one, with spaces between).
    """

    version: int
    table: pd.DataFrame

    @property
    def classes(self) -> list[str]:
        """The class names, sorted."""
        return sorted(self.table["label"].unique().tolist())

    @property
    def given(self) -> bool:
        """True if some pictures came with their part (folders ``train``, ``validation``, ``test``)."""
        return bool(self.table["flags"].str.startswith(GIVEN).any())

    @property
    def conflicts(self) -> pd.DataFrame:
        """The pictures that came under two classes and take no part until they are moved to one."""
        return self.table[self.table["flags"].str.startswith(CONFLICT)]

    def counts(self) -> pd.DataFrame:
        """Return pictures per class (index) and ``train``, ``validation``, ``test``, ``unused``, ``total``."""
        parts = self.table["split"].replace("", "unused")
        counts = pd.crosstab(self.table["label"], parts).reindex(columns=[*PARTS, "unused"], fill_value=0)
        return counts.rename_axis(columns=None).assign(total=counts.sum(axis="columns")).astype(int)

    def part(self, name: str) -> pd.DataFrame:
        """Return the rows of ``"train"``, ``"validation"`` or ``"test"``."""
        return self.table[self.table["split"] == name]

    def problems(self) -> list[str]:
        """Return why training cannot start, as sentences; empty if it can. Names in them are plain text."""
        return remarks.problems(self.counts())

    def notes(self) -> list[str]:
        """Return what a person should know about these pictures, as sentences. Names in them are plain text."""
        return remarks.notes(self.table, self.counts())


def empty_table() -> pd.DataFrame:
    """Return a table of no pictures with the columns and types of every manifest."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def completed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the columns of a manifest alone; those that lists of earlier versions lack are empty."""
    return table.reindex(columns=list(COLUMNS), fill_value="").astype(COLUMNS)


def has(project: Project) -> bool:
    """Return True if the project has pictures, that is, a manifest."""
    return "manifest" in project.about()


def load(project: Project, version: int | None = None) -> Manifest:
    """Return a version of the manifest, the current one unless a number is given.

    Raises:
        NotFoundError: the project has no pictures yet, or there is no such version.
    """
    number = version if version is not None else project.about().get("manifest")
    if number is None:
        raise NotFoundError(f"The project “{project.name}” has no pictures yet. Bring some in first.")
    if not _sidecar(project, number).exists():
        raise NotFoundError(f"The project “{project.name}” has no version {number} of its list of pictures.")
    return Manifest(number, completed(pd.read_parquet(_parquet(project, number), engine="pyarrow")))


def save(project: Project, table: pd.DataFrame, note: str) -> Manifest:
    """Write the next version, make it the current one, and return it.

    Args:
        project: the project.
        table: rows with the columns of ``Manifest.table``; others are dropped.
        note: what was done, for the history, in a few words.

    Raises:
        StorageError: the disk is full; the current version is still the one before.
    """
    table = completed(table).reset_index(drop=True)
    with locked(project.folder):
        about = project.about()
        number = 1 + max((int(path.stem) for path in project.manifests.glob("[0-9]*.parquet")), default=0)
        buffer = io.BytesIO()
        table.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
        sidecar = {
            "parent": about.get("manifest"),
            "note": note,
            "created": time.time(),
            "pictures": len(table),
        }
        try:
            write_bytes(_parquet(project, number), buffer.getvalue())
            write_json(_sidecar(project, number), sidecar)
            project.update(manifest=number, redo=[])
        except BaseException:
            _parquet(project, number).unlink(missing_ok=True)
            _sidecar(project, number).unlink(missing_ok=True)
            raise
    return Manifest(number, table)


def history(project: Project) -> list[dict[str, Any]]:
    """Return all versions: ``version``, ``parent``, ``note``, ``created`` (s), ``pictures``, ``current``."""
    current = project.about().get("manifest")
    found = [(int(path.stem), read_json(path)) for path in sorted(project.manifests.glob("[0-9]*.json"))]
    return [{"version": number, **about, "current": number == current} for number, about in found]


def can_undo(project: Project) -> bool:
    """Return True if there is a version before the current one."""
    return _parent(project) is not None


def can_redo(project: Project) -> bool:
    """Return True if something was undone that can be done again."""
    return bool(project.about().get("redo"))


def undo(project: Project) -> Manifest:
    """Go back to the version before the current one and return it. Raises NotFoundError if there is none."""
    with locked(project.folder):
        parent = _parent(project)
        if parent is None:
            raise NotFoundError("There is nothing to undo: this is the first version of the pictures.")
        about = project.about()
        project.update(manifest=parent, redo=[*about.get("redo", []), about["manifest"]])
    return load(project, parent)


def redo(project: Project) -> Manifest:
    """Go forward again to the version that was undone last and return it. Raises NotFoundError if there is none."""
    with locked(project.folder):
        undone = list(project.about().get("redo", []))
        if not undone:
            raise NotFoundError("There is nothing to do again: nothing was undone since the last change.")
        project.update(manifest=undone[-1], redo=undone[:-1])
    return load(project, undone[-1])


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
        flags = table["flags"].map(lambda flag: renamed_conflict(flag, old, name))
        settled = flags.ne(table["flags"]) & flags.eq("")
        table = table.assign(label=table["label"].replace(old, name), flags=flags)
        return splits.fill(table, **_fractions(project)) if settled.any() else table

    return edit(project, change, f"Renamed “{old}” to “{class_name(new)}”")


def remove(project: Project, ids: Iterable[str]) -> Manifest:
    """Take pictures out of the list; their files stay for undo and for earlier runs. Raises NotFoundError."""
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table[~chosen_rows(table, chosen)]

    return edit(project, change, f"Removed {remarks.pictures(len(chosen))}")


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

    return edit(project, change, f"Moved {remarks.pictures(len(chosen))} to “{class_name(label)}”")


def put(project: Project, ids: Iterable[str], part: str) -> Manifest:
    """Put pictures into a part by hand: ``"train"``, ``"validation"`` or ``"test"``.

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
        given = rows & table["flags"].str.startswith(GIVEN)
        return table.assign(split=table["split"].mask(rows, part), flags=table["flags"].mask(given, GIVEN + part))

    return edit(project, change, f"Put {remarks.pictures(len(chosen))} into the {part} part")


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


def renamed_conflict(flag: str, old: str, new: str) -> str:
    """Return a conflict's flag after a class got another name; empty once both sides are one class."""
    if not flag.startswith(CONFLICT):
        return flag
    sides = [new if side == old else side for side in flag.removeprefix(CONFLICT).split(BETWEEN)]
    return conflict_flag(sides)


def conflict_flag(classes: Iterable[str]) -> str:
    """Return the flag of a picture that came under these classes; empty if they are all the same."""
    sides = sorted(set(classes))
    return CONFLICT + BETWEEN.join(sides) if len(sides) > 1 else ""


def edit(project: Project, change: Callable[[pd.DataFrame], pd.DataFrame], note: str) -> Manifest:
    """Write what ``change`` makes of the current table as the next version, and return it."""
    with locked(project.folder):
        return save(project, change(load(project).table), note)


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


def image_path(project: Project, id: str) -> Path:  # noqa: A002 - the word of the manifest
    """Return where a picture is kept. Raises NotFoundError if it is not there."""
    for suffix in (".jpg", ".png"):
        path = project.images / id[:2] / f"{id}{suffix}"
        if path.exists():
            return path
    raise NotFoundError(f"The picture {id[:12]}… is not in {project.images}. Was it deleted by hand? Import it again.")


def _parent(project: Project) -> int | None:
    current = project.about().get("manifest")
    return None if current is None else read_json(_sidecar(project, current))["parent"]


def _parquet(project: Project, version: int) -> Path:
    return project.manifests / f"{version:04d}.parquet"


def _sidecar(project: Project, version: int) -> Path:
    return project.manifests / f"{version:04d}.json"
