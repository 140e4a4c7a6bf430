"""Pictures that are put into another split by hand."""

import pytest

from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest
from tl_core.errors import InputError, NotFoundError
from tl_core.workspace import Project


def test_a_part_chosen_by_hand_is_kept_like_one_that_the_picture_came_with(project: Project, listed):
    assert edits.set_split(project, ["id4"], "train").table.set_index("id").loc["id4", "flags"] == "given: train"
    again = edits.resplit(project, SplitSettings(validation=0.2, test=0.2))
    assert again.table.set_index("id").loc["id4", "split"] == "train"
    manifest.undo(project)
    assert manifest.undo(project).version == listed.version


def test_what_is_alike_goes_along_to_another_part(project: Project, listed):
    blue = "0" * 64 + "0000ff" * 16
    manifest.save(project, listed.table.assign(look=[blue, "", "", blue, "", ""]), "a copy")
    now = edits.set_split(project, ["id3"], "test").table.set_index("id")
    assert now.index[now["split"] == "test"].tolist() == ["id0", "id3", "id4", "id5"]


def test_a_part_that_is_none_is_refused(project: Project, listed):
    with pytest.raises(InputError, match="no split “holdout”"):
        edits.set_split(project, ["id4"], "holdout")
    with pytest.raises(NotFoundError, match="No longer in the list"):
        edits.set_split(project, ["id9"], "train")
    conflict = listed.table.assign(flags="conflict: cat | dog", split="")
    manifest.save(project, conflict, "conflict")
    with pytest.raises(InputError, match="cannot be used yet"):
        edits.set_split(project, ["id4"], "train")


def test_labels_get_another_name_join_another_or_go(project: Project, listed):
    project.update(kind="tags")
    manifest.save(project, listed.table.assign(label=["a; b", "b", "a", "", "c", "a; b; c"]), "several labels")
    before = manifest.load(project).table

    renamed = edits.rename_class(project, "b", "new").table
    assert renamed["label"].tolist() == ["a; new", "new", "a", "", "c", "a; c; new"]
    assert edits.rename_class(project, "new", "a").table["label"].tolist() == ["a", "a", "a", "", "c", "a; c"]
    without = edits.remove_class(project, "a").table
    assert without["label"].tolist() == ["", "", "", "", "c", "c"]
    assert without.drop(columns="label").equals(before.drop(columns="label"))
