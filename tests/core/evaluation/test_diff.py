"""What has changed between two versions of a manifest."""

from tests.boxed import squares
from tests.core.evaluation.predicted import compare, made, table
from tl_core.dataset import boxes, edits, manifest
from tl_core.evaluation import diff
from tl_core.workspace import Project


def test_changes_are_counted_by_picture(project: Project, listed):
    assert len(diff.between(listed.table, listed.table)) == 0
    edits.move(project, ["id0"], "dog")
    edits.set_split(project, ["id0", "id4"], "validation")
    now = edits.remove(project, ["id5"])
    changes = diff.between(listed.table, now.table)
    assert changes.relabelled == {"id0": ("cat", "dog")}
    assert changes.moved == {"id0": ("train", "validation"), "id4": ("test", "validation")}
    assert changes.removed == ["id5"]
    assert len(changes) == 3
    assert (
        changes.sentence()
        == "1 picture relabelled, 2 pictures moved between training, validation and test, 1 picture removed."
    )
    assert diff.between(now.table, listed.table).added == ["id5"]


def test_a_class_that_is_renamed_leaves_its_pictures_as_they_were(project: Project, listed):
    edits.rename_class(project, "cat", "tom")
    now = edits.move(project, ["id1"], "tom")
    changes = diff.between(listed.table, now.table)
    assert changes.renamed == {"cat": "tom"}
    assert changes.relabelled == {"id1": ("dog", "tom")}
    assert changes.sentence() == "1 picture relabelled, “cat” renamed to “tom”."
    assert set(diff.by_old_names(now.table, changes)["label"]) == {"cat", "dog"}
    one = edits.move(project, [f"id{number}" for number in range(6)], "pet")
    assert diff.between(listed.table, one.table).renamed == {}, "two classes that became one are no new name"
    manifest.undo(project)
    joined = edits.rename_class(project, "tom", "dog")
    assert diff.between(listed.table, joined.table).renamed == {}
    assert len(diff.between(listed.table, joined.table).relabelled) == 3
    p = [[0.9, 0.1]] * 2
    old, new = made(p, [0, 0], classes=["cat", "dog"]), made(p, [0, 0], classes=["tom", "dog"])
    both = compare(old, new, table({"id0": "tom", "id1": "tom"}), renamed=changes.renamed)
    assert both.both == ["id0", "id1"]


def test_first_boxes_bring_a_picture_into_a_split_and_others_are_redrawn(tmp_path):
    now = manifest.load(squares(tmp_path)).table
    undrawn, moved = now.copy(), now.copy()
    undrawn.loc[0, ["boxes", "label", "split"]] = ""
    changes = diff.between(undrawn, now)
    assert (changes.redrawn, changes.moved, changes.relabelled) == ([now.loc[0, "id"]], {}, {})
    assert changes.sentence() == "Boxes changed on 1 picture."
    moved.loc[0, ["boxes", "split"]] = [boxes.NOTHING, "test" if now.loc[0, "split"] != "test" else "train"]
    assert list(diff.between(now, moved).moved) == [now.loc[0, "id"]]
