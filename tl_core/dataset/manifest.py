"""The list of a project's pictures in numbered versions: which picture, which class, which part.

A version is never changed. Every edit writes the next one, so undo is a step back to the version before, and a run can
name the very pictures that it was trained on.
"""

import functools
import io
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from tl_core.dataset import notes as dataset_notes
from tl_core.dataset.splits import CONFLICT, GIVEN, PARTS
from tl_core.errors import NotFoundError
from tl_core.workspace import Project, locked, read_json, write_bytes, write_json

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
        return dataset_notes.problems(self.counts())

    def notes(self) -> list[str]:
        """Return what a person should know about these pictures, as sentences. Names in them are plain text."""
        return dataset_notes.notes(self.table, self.counts())


def empty_table() -> pd.DataFrame:
    """Return a table of no pictures with the columns and types of every manifest."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in COLUMNS.items()})


def completed(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the columns of a manifest alone; those that lists of earlier versions lack are empty."""
    if list(table.columns) == list(COLUMNS) and all(table.dtypes[name] == kind for name, kind in COLUMNS.items()):
        return table
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
    path = _parquet(project, number)
    return Manifest(number, _read(path, path.stat().st_mtime_ns).copy(deep=False))


@functools.lru_cache(maxsize=8)
def _read(path: Path, written: int) -> pd.DataFrame:
    """Return a version from its file. A page asks for the same one several times; copies of it are made on write."""
    return completed(pd.read_parquet(path, engine="pyarrow"))


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


def conflict_flag(classes: Iterable[str]) -> str:
    """Return the flag of a picture that came under these classes; empty if they are all the same."""
    sides = sorted(set(classes))
    return CONFLICT + BETWEEN.join(sides) if len(sides) > 1 else ""


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
