"""The list of a project's images, or texts, in numbered versions: which image, which class, which split.

A version is never changed. Every edit writes the next one, so undo is a step back to the version before, and a run can
name the very images that it was trained on.
"""

import io
import operator
import threading
import time
from collections.abc import Iterable
from dataclasses import MISSING, dataclass, fields, replace
from pathlib import Path

import cachetools
import numpy as np
import pandas as pd

from tl_core.about import Things
from tl_core.dataset import boxes, tags
from tl_core.dataset.splits import CONFLICT, GIVEN, SPLITS, TEST, TRAIN, VALIDATION
from tl_core.errors import DamagedError, NotFoundError
from tl_core.files import damage, locked, read_record, read_stored, write_bytes, write_record
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.workspace import Project

BETWEEN = " | "
#: What is drawn on an image so many seconds after something was drawn on it belongs together.
TOGETHER = 600.0
#: Bytes of versions that stay in memory: pages ask for the same ones again, those of one person or of many. Two stay,
#: however large they are.
MOST_KEPT = 256 * 2**20


@dataclass(frozen=True, kw_only=True)
class Row:
    """One image of the list.

    Attributes:
        id: SHA-256 of the stored file, or of the text on one line, 64 hex digits.
        label: class name; of several labels all (``tags.join``).
        split: ``"train"``, ``"validation"``, ``"test"``, or ``""``: not used.
        width, height: of the stored image, in pixels; 0 for a text.
        source: the name that it came with; several, joined by ``" | "``, if the same image came more than once.
        flags: ``""``, ``"conflict: cat | dog"`` (it came under two classes), or ``"given: test"`` (it came with its
            split).
        look: its hash and mean colours (``hashing.look``); of a text its words (``text.likeness``).
        taken: when and by which camera (``exif.taken``); ``""`` if unknown.
        apart: beginnings of the ids of images that a person marked as different from this one, separated by spaces.
        group: what it shares with the images of one day, session or patient, which stay in one split, or ``""``.
        text: the text itself; ``""`` for an image.
        boxes: around things in an image (``boxes.join``); ``""`` while nobody has looked at it.
    """

    id: str
    label: str
    split: str
    width: int
    height: int
    source: str
    flags: str
    look: str
    taken: str
    apart: str = ""
    group: str = ""
    text: str = ""
    boxes: str = ""


#: The columns of a manifest's table and their types.
COLUMNS = {field.name: "int32" if field.type is int else "str" for field in fields(Row)}


@dataclass(frozen=True)
class Manifest:
    """One version of the list of images.

    Attributes:
        version: its number, from 1.
        table: one row per image; the columns are the fields of ``Row``.
        kind: what the project holds; it says whether a label names one class, or several tags.
    """

    version: int
    table: pd.DataFrame
    kind: Things = "pictures"

    @property
    def classes(self) -> list[str]:
        """The names of the classes, or of the tags, sorted."""
        return sorted({name for label in self.table["label"].unique() for name in tags.names(self.kind, label)})

    @property
    def given(self) -> bool:
        """True if some images came with their split (folders ``train``, ``validation``, ``test``)."""
        return bool(self.table["flags"].str.startswith(GIVEN).any())

    @property
    def conflicts(self) -> pd.DataFrame:
        """The rows of images that came under two classes; they are in no split until they are moved to one class."""
        return self.table[self.table["flags"].str.startswith(CONFLICT)]

    @property
    def files(self) -> list[str]:
        """The ids of the images, which are stored in files; a text stands in the list itself."""
        return self.table.loc[self.table["text"] == "", "id"].tolist()

    def counts(self) -> pd.DataFrame:
        """Return images per class or tag (index) and ``train``, ``validation``, ``test``, ``unused``, ``total``."""
        columns, names = [*SPLITS, "unused"], self.classes
        labels, named = pd.factorize(self.table["label"])
        splits = pd.Index([*SPLITS, ""]).get_indexer(pd.Index(self.table["split"]))
        size = (len(named), len(columns))
        of_label = np.bincount(labels * size[1] + splits, minlength=size[0] * size[1]).reshape(size)
        counts, place = np.zeros((len(names), len(columns)), dtype=int), {name: at for at, name in enumerate(names)}
        for label, number in zip(named, of_label, strict=True):
            counts[[place[name] for name in tags.names(self.kind, label)]] += number
        table = pd.DataFrame(counts, index=pd.Index(names, dtype="str", name="label"), columns=columns)
        return table.assign(total=counts.sum(axis=1))

    def split(self, name: str) -> pd.DataFrame:
        """Return the rows of ``"train"``, ``"validation"`` or ``"test"``."""
        return self.table[self.table["split"] == name]


@dataclass(frozen=True, kw_only=True)
class Version:
    """How a version came about, as it stands beside it on disk.

    Attributes:
        parent: number of the version that was edited; None for the first one.
        note: what was done, in a few words.
        created: when, in seconds since the epoch.
        pictures: how many images the version has.
        version: its number.
        kind: what the project holds, should ``project.json`` be damaged; None in files of earlier versions.
        drawn: id of the image on which a person drew the boxes by which this version differs, or ``""``.
    """

    parent: int | None
    note: str
    created: float
    pictures: int
    version: int = 0
    kind: Things | None = None
    drawn: str = ""


def empty_table() -> pd.DataFrame:
    """Return a table of no images."""
    return table_of([])


def table_of(rows: Iterable[Row]) -> pd.DataFrame:
    """Return rows as the table of a manifest."""
    values = operator.attrgetter(*COLUMNS)
    return pd.DataFrame([values(row) for row in rows], columns=list(COLUMNS)).astype(COLUMNS)


def rows_of(table: pd.DataFrame) -> list[Row]:
    """Return the table of a manifest as rows."""
    values = (table[name].tolist() for name in COLUMNS)
    return [Row(**dict(zip(COLUMNS, row, strict=True))) for row in zip(*values, strict=True)]


def is_stored(project: Project) -> bool:
    """Return True if the project has images, that is, a manifest."""
    return project.about().manifest is not None


def load(project: Project, version: int | None = None) -> Manifest:
    """Return a version of the manifest, the current one unless a number is given.

    Raises:
        NotFoundError: the project has no images yet, or there is no such version.
    """
    number = version if version is not None else project.about().manifest
    if number is None:
        raise NotFoundError(
            _("The project “{project}” has no pictures yet. Import some first.").format(project=project.name)
        )
    path = _parquet(project, number)
    if not (path.exists() or _sidecar(project, number).exists()):
        raise NotFoundError(
            _("The project “{project}” has no version {number} of its list of pictures.").format(
                project=project.name, number=number
            )
        )
    try:
        return Manifest(number, _read(path, path.stat().st_mtime_ns).copy(deep=False), project.about().kind)
    except (OSError, ValueError, KeyError) as exc:  # pyarrow's errors are of these kinds
        why = damage(path, N_("{file} cannot be read") if path.exists() else N_("{file} is missing"))
        raise DamagedManifestError(f"{why} {_way_back(project, number)}") from exc


def of_run(run: RunFolder) -> Manifest:
    """Return the list of images that a run is trained on, each with the split that it has in this run.

    A run on everything trains on the validation images, too, and where that was chosen on the test images.

    Raises:
        NotFoundError: there is no such version any more.
    """
    recipe = run.recipe
    listed = load(run.project, recipe.manifest)
    if recipe.everything is None:
        return listed
    splits = listed.table["split"]
    learned = splits.isin([VALIDATION, TEST] if recipe.everything.test else [VALIDATION])
    return replace(listed, table=listed.table.assign(split=splits.mask(learned, TRAIN)))


class DamagedManifestError(DamagedError):
    """A version of the list of images cannot be read; ``go_back`` returns to one that can."""


def _way_back(project: Project, number: int) -> str:
    before = readable(project, number)
    return (
        _("Or go back to version {before} of the pictures, on their page.").format(before=before)
        if before
        else _("Or import the pictures again.")
    )


def versions(project: Project) -> list[int]:
    """Return the numbers of all versions on the disk, in order."""
    return sorted(int(path.stem) for path in project.manifests.glob("[0-9]*.parquet"))


def readable(project: Project, before: int) -> int | None:
    """Return the newest version below a number that can be read, None if there is none."""
    for number in reversed([each for each in versions(project) if each < before]):
        try:
            _read(_parquet(project, number), _parquet(project, number).stat().st_mtime_ns)
        except (OSError, ValueError, KeyError):
            continue
        return number
    return None


def go_back(project: Project) -> Manifest:
    """Make the newest version that can be read the current one, where the current one cannot, and return it.

    Raises:
        NotFoundError: no version can be read.
    """
    with locked(project.folder):
        current = project.about().manifest
        try:
            return load(project, current)
        except DamagedManifestError:
            before = readable(project, current or 0)
        if before is None:
            raise NotFoundError(_("No earlier version of the pictures can be read. Import them again."))
        project.update(manifest=before, redo=())
    return load(project, before)


def forget(project: Project, number: int) -> None:
    """Remove a version that nothing needs any more."""
    _sidecar(project, number).unlink(missing_ok=True)
    _parquet(project, number).unlink(missing_ok=True)


def _size(table: pd.DataFrame) -> int:
    return min(int(table.memory_usage(deep=True).sum()), MOST_KEPT // 2)


@cachetools.cached(cachetools.LRUCache(MOST_KEPT, getsizeof=_size), lock=threading.Lock())
def _read(path: Path, written: int) -> pd.DataFrame:
    """Return a version from its file. A page asks for the same one several times; copies of it are made on write."""
    stored = pd.read_parquet(path, engine="pyarrow")
    table = stored[list(COLUMNS)] if set(COLUMNS) <= set(stored) else _complete(stored)
    if not (_has_types(table) and _has_values(table)):
        raise ValueError("a column holds something else")
    return table


def _has_values(table: pd.DataFrame) -> bool:
    """Return whether each row has an id of its own, that names no other folder, a split, and boxes or none."""
    ids, drawn = table["id"], table["boxes"][table["boxes"] != ""]
    return bool(
        ids.is_unique
        and not ids.str.contains(r"[/\\]").any()
        and set(table["split"].unique()) <= {"", *SPLITS}
        and all(boxes.is_one(text) for text in drawn)
    )


def _has_types(table: pd.DataFrame) -> bool:
    """Return whether each column has its type, and a value in every row."""
    texts = [name for name, kind in COLUMNS.items() if kind == "str"]
    whole = all(table[name].dtype == "str" and not table[name].hasnans for name in texts)
    return whole and all(table[name].dtype.kind == "i" for name in COLUMNS.keys() - texts)


def _complete(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with the columns that a row need not have."""
    later = {each.name: each.default for each in fields(Row) if each.default is not MISSING}
    missing = {name: value for name, value in later.items() if name not in table}
    return table.assign(**missing)[list(COLUMNS)].astype(COLUMNS)


def save(project: Project, table: pd.DataFrame, note: str, *, drawn: str = "") -> Manifest:
    """Write the next version, make it the current one, and return it.

    Whoever draws boxes saves often. So where the current version came about by drawing on the same image just before,
    the way back leads past it: one undo takes back all that was drawn on an image.

    Args:
        project: the project.
        table: rows with at least the columns of ``Manifest.table`` that have no default; others are dropped.
        note: what was done, for the history, in a few words.
        drawn: id of the image on which boxes were drawn, if nothing else was done.

    Raises:
        StorageError: the disk is full; the current version is still the one before.
    """
    table = _complete(table).reset_index(drop=True)
    with locked(project.folder):
        about, number = project.about(), 1 + max(versions(project), default=0)
        made = Version(
            parent=_before_drawing(project, about.manifest, drawn),
            drawn=drawn,
            note=note,
            created=time.time(),
            pictures=len(table),
            version=number,
            kind=about.kind,
        )
        try:
            write_bytes(_parquet(project, number), to_parquet(table))
            write_record(_sidecar(project, number), made)
            project.update(manifest=number, redo=())
        except BaseException:
            _parquet(project, number).unlink(missing_ok=True)
            _sidecar(project, number).unlink(missing_ok=True)
            raise
    return Manifest(number, table, about.kind)


def _before_drawing(project: Project, current: int | None, drawn: str) -> int | None:
    """Return the version that a new one follows: the current one, or that before all that was drawn on an image."""
    if current is None or not drawn:
        return current
    about = read_stored(_sidecar(project, current), Version)
    together = about is not None and about.drawn == drawn and time.time() - about.created < TOGETHER
    return about.parent if about is not None and together else current


def to_parquet(table: pd.DataFrame) -> bytes:
    """Return the table of a manifest as the content of a Parquet file."""
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", compression="zstd", index=False)
    return buffer.getvalue()


def can_undo(project: Project) -> bool:
    """Return True if there is a version before the current one."""
    return _parent(project) is not None


def added(project: Project, current: Manifest) -> pd.DataFrame:
    """Return the rows of the current version that were not in the one before it: all, where there was none."""
    parent = _parent(project)
    if parent is None:
        return current.table
    return current.table[~current.table["id"].isin(load(project, parent).table["id"])]


def can_redo(project: Project) -> bool:
    """Return True if something was undone that can be redone."""
    return bool(project.about().redo)


def undo(project: Project) -> Manifest:
    """Go back to the version before the current one and return it. Raises NotFoundError if there is none."""
    with locked(project.folder):
        parent = _parent(project)
        if parent is None:
            raise NotFoundError(_("There is nothing to undo: this is the first version of the pictures."))
        about = project.about()
        project.update(manifest=parent, redo=(*about.redo, about.manifest))
    return load(project, parent)


def redo(project: Project) -> Manifest:
    """Return to the version that was undone last and return it. Raises NotFoundError if there is none."""
    with locked(project.folder):
        undone = project.about().redo
        if not undone:
            raise NotFoundError(_("There is nothing to redo: nothing was undone since the last change."))
        project.update(manifest=undone[-1], redo=undone[:-1])
    return load(project, undone[-1])


def conflict_flag(classes: Iterable[str]) -> str:
    """Return the flag of an image that came under these classes; empty if they are all the same."""
    sides = sorted(set(classes))
    return CONFLICT + BETWEEN.join(sides) if len(sides) > 1 else ""


def image_path(project: Project, id: str) -> Path:  # noqa: A002 - the word of the manifest
    """Return where an image is stored. Raises NotFoundError if it is not there."""
    for suffix in (".jpg", ".png"):
        path = project.images / id[:2] / f"{id}{suffix}"
        if path.exists():
            return path
    raise NotFoundError(
        _("The picture {id}… is missing from {images}. Import it again.").format(id=id[:12], images=project.images)
    )


def _parent(project: Project) -> int | None:
    """Return the version that the current one was made from, if it is still there; by its number if nobody knows."""
    current = project.about().manifest
    if current is None:
        return None
    try:
        parent = read_record(_sidecar(project, current), Version).parent
    except (NotFoundError, DamagedError):
        parent = readable(project, current)
    return parent if parent is not None and _parquet(project, parent).exists() else None


def _parquet(project: Project, version: int) -> Path:
    return project.manifests / f"{version:04d}.parquet"


def _sidecar(project: Project, version: int) -> Path:
    return project.manifests / f"{version:04d}.json"
