"""Changes to a project's list of images, each of which writes its next version: class, split, removal."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.about import SplitSettings, Things
from tl_core.dataset import duplicates, labelling, manifest, tags
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.names import class_name, matching_class
from tl_core.dataset.splits import CONFLICT, GIVEN, SPLITS, TEST, TRAIN, VALIDATION
from tl_core.errors import InputError, NotFoundError
from tl_core.files import locked
from tl_core.language import N_, _
from tl_core.workspace import Project


def rename_class(project: Project, old: str, new: str) -> Manifest:
    """Rename a class, or a label of several; under the name of another one the two become one.

    Raises:
        InputError: the new name is empty.
        NotFoundError: there is no class ``old``.
    """
    kind = project.about().kind
    wanted = tags.tag_name(new) if kind in tags.SEVERAL else class_name(new)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        name = matching_class(wanted, sorted(_others(kind, table, old)))
        renamed = labelling.of(kind).rename(table, old, name)
        return _filled(project, renamed) if renamed["flags"].ne(table["flags"]).any() else renamed

    return edit(project, change, _("Renamed “{old}” to “{new}”").format(old=old, new=wanted))


def _others(kind: Things, table: pd.DataFrame, name: str) -> set[str]:
    """Return the classes beside one. Raises NotFoundError if there is no such class."""
    classes = {each for label in table["label"].unique() for each in tags.names(kind, label)}
    if name not in classes:
        raise NotFoundError(
            _("There is no class “{old}”. Classes: {classes}.").format(old=name, classes=", ".join(sorted(classes)))
        )
    return classes - {name}


def remove(project: Project, ids: Iterable[str]) -> Manifest:
    """Remove images from the list; their files stay for undo and for earlier runs. Raises NotFoundError."""
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        return table[~chosen_rows(table, chosen)]

    return edit(project, change, _("Removed {pictures}").format(pictures=wording.pictures(len(chosen))))


def remove_class(project: Project, label: str) -> Manifest:
    """Remove a class; undo brings it back. Raises NotFoundError if there is none.

    Its images leave the list with it. Those with several labels stay without this one, those with boxes without its
    boxes.
    """
    kind = project.about().kind

    def change(table: pd.DataFrame) -> pd.DataFrame:
        _others(kind, table, label)
        return labelling.of(kind).rename(table, label, None)

    return edit(project, change, _("Removed “{label}”").format(label=label))


def move(project: Project, ids: Iterable[str], label: str) -> Manifest:
    """Move images to a class, a new one if need be; that also resolves a conflict.

    Raises:
        InputError: the name is empty.
        NotFoundError: an image is not in the list.
    """
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = chosen_rows(table, chosen)
        name = matching_class(class_name(label), table["label"].unique())
        conflict = rows & table["flags"].str.startswith(CONFLICT)
        table = table.assign(label=table["label"].mask(rows, name), flags=table["flags"].mask(conflict, ""))
        return _filled(project, table) if conflict.any() else table

    return edit(
        project,
        change,
        _("Moved {pictures} to “{label}”").format(pictures=wording.pictures(len(chosen)), label=class_name(label)),
    )


def tag(project: Project, ids: Iterable[str], *, add: str = "", remove: str = "") -> Manifest:
    """Give images one more label, or take one from them, in a project of several labels; those that suit stay.

    Args:
        project: whose images.
        ids: of the images.
        add: a label, a new one if need be; "" for none.
        remove: a label; "" for none.

    Raises:
        InputError: the name is empty.
        NotFoundError: an image is not in the list.
    """
    chosen = set(ids)

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = chosen_rows(table, chosen)
        known = {each for label in table["label"].unique() for each in tags.split(label)}
        more = {matching_class(tags.tag_name(add), known)} if add else set()
        changed = [
            tags.join((set(tags.split(label)) | more) - {remove}) if row else label
            for label, row in zip(table["label"], rows, strict=True)
        ]
        return table.assign(label=pd.Series(changed, index=table.index, dtype="str"))

    said = _("Gave {pictures} the label “{label}”") if add else _("Took the label “{label}” from {pictures}")
    return edit(project, change, said.format(pictures=wording.pictures(len(chosen)), label=add or remove))


def set_split(project: Project, ids: Iterable[str], split: str) -> Manifest:
    """Put images into ``"train"``, ``"validation"`` or ``"test"`` by hand; images that are alike go along.

    Raises:
        InputError: there is no such split, or an image is in conflict and has no class yet.
        NotFoundError: an image is not in the list.
    """
    chosen = set(ids)
    if split not in SPLITS:
        raise InputError(
            _("There is no split “{split}”. Splits: {splits}.").format(split=split, splits=", ".join(SPLITS))
        )

    def change(table: pd.DataFrame) -> pd.DataFrame:
        rows = chosen_rows(table, chosen)
        if (rows & table["flags"].str.startswith(CONFLICT)).any():
            raise InputError(_("A picture that came under two classes cannot be used yet. Move it to one class first."))
        groups = duplicates.units(table)
        rows = (table["split"] != "") & np.isin(groups, groups[rows])
        given = rows & table["flags"].str.startswith(GIVEN)
        return table.assign(split=table["split"].mask(rows, split), flags=table["flags"].mask(given, GIVEN + split))

    return edit(project, change, _(_USED[split]).format(pictures=wording.pictures(len(chosen))))


_USED = {
    TRAIN: N_("Used {pictures} and their copies for training"),
    VALIDATION: N_("Used {pictures} and their copies for validation"),
    TEST: N_("Used {pictures} and their copies for test"),
}


def resplit(project: Project, settings: SplitSettings, *, preserve_given: bool = True) -> Manifest:
    """Split all images again. Splits that the images came with stay unless ``preserve_given`` is False."""

    def change(table: pd.DataFrame) -> pd.DataFrame:
        given = table["flags"].str.extract(f"^{GIVEN}(.*)$", expand=False).fillna("") if preserve_given else ""
        return labelling.of(project.about().kind).fill(table.assign(split=given), settings, carve_test=True)

    what = _("Split: {validation} validation, {test} test, seed {seed}").format(
        validation=wording.percent(settings.validation), test=wording.percent(settings.test), seed=settings.seed
    )
    with locked(project.folder):
        changed = edit(project, change, what)
        project.update(split=settings)
    return changed


def split_settings(project: Project) -> SplitSettings:
    """Return how the project's images were split last."""
    return project.about().split


def _filled(project: Project, table: pd.DataFrame) -> pd.DataFrame:
    return labelling.of(project.about().kind).fill(table, split_settings(project))


def edit(project: Project, change: Callable[[pd.DataFrame], pd.DataFrame], note: str) -> Manifest:
    """Write what ``change`` makes of the current table as the next version, and return it."""
    with locked(project.folder):
        return manifest.save(project, change(manifest.load(project).table), note)


def chosen_rows(table: pd.DataFrame, ids: set[str]) -> "pd.Series[bool]":
    """Return for each row whether it is one of these images. Raises NotFoundError unless all are there."""
    missing = ids - set(table["id"])
    if missing or not ids:
        what = (
            _("No longer in the list: {pictures}. Select again.") if ids else _("No picture is selected. Select again.")
        )
        raise NotFoundError(what.format(pictures=wording.pictures(len(missing))))
    return table["id"].isin(ids)
