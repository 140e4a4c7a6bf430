"""Boxes that a person draws: saved as versions, with one way back for a picture, and splits for what was looked at."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.core.boxes.test_importer import folder_of
from tl_core.boxes import importer
from tl_core.dataset import box_notes, boxes, drawing, edits, manifest
from tl_core.dataset.boxes import Box
from tl_core.errors import InputError, NotFoundError
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace

CAT = Box("cat", 0.1, 0.2, 0.5, 0.6)


@pytest.fixture
def plain(tmp_path: Path) -> Project:
    """Pictures on which nobody has drawn anything."""
    for at in range(10):
        (tmp_path / "in").mkdir(exist_ok=True)
        Image.linear_gradient("L").rotate(36 * at).save(tmp_path / "in" / f"{at}.png")
    project = Workspace.open(tmp_path / "work").create_project("Cats")
    importer.import_boxes(project, Source("folder", str(tmp_path / "in")), drawn_later=True)
    return project


def ids(project: Project) -> list[str]:
    return manifest.load(project).table["id"].tolist()


def test_pictures_that_nobody_has_looked_at_are_not_used(plain: Project):
    current = manifest.load(plain)
    assert set(current.table["split"]) == {""}
    assert set(current.table["boxes"]) == {""}
    assert "nobody has looked" in " ".join(box_notes.notes_of(current))
    assert box_notes.problems(current)
    assert ": ." not in " ".join(box_notes.notes_of(current))

    for at, id_ in enumerate(ids(plain)):
        drawing.draw(plain, id_, [CAT] if at % 5 else [])

    current = manifest.load(plain)
    assert current.counts()["total"].to_dict() == {"cat": 8}
    assert {split: len(current.split(split)) > 0 for split in ("train", "validation")} == dict.fromkeys(
        ("train", "validation"), True
    )
    assert "" not in set(current.table["split"])
    assert "2 pictures on which there is nothing" in " ".join(box_notes.notes_of(current))
    assert not box_notes.problems(current)
    assert not edits.resplit(plain, edits.split_settings(plain)).table["split"].eq("").any()


def test_frames_of_one_sitting_stay_in_one_split(plain: Project, tmp_path: Path):
    """They come one at a time, are drawn on later, and look nothing like each other."""
    for id_ in ids(plain):
        drawing.draw(plain, id_, [CAT])
    random, places, count = np.random.default_rng(0), [], 6
    for at in range(count):
        folder = tmp_path / f"frame {at}"
        folder.mkdir()
        Image.fromarray(random.integers(0, 255, (48, 64, 3), np.uint8)).save(folder / "frame.png")
        known = set(ids(plain))
        importer.import_boxes(plain, Source("folder", str(folder)), drawn_later=True, group="live 2026-01-31 10")
        (fresh,) = set(ids(plain)) - known
        drawing.draw(plain, fresh, [CAT])
        places.append(manifest.load(plain).table.set_index("id").loc[fresh, "split"])
    assert set(places) in ({"train"}, {"validation"}, {"test"})
    shared = manifest.load(plain).table["group"].value_counts()
    assert shared.to_dict() == {"": 10, "live 2026-01-31 10": count}
    edits.resplit(plain, edits.split_settings(plain))
    assert manifest.load(plain).table.groupby("group")["split"].nunique()["live 2026-01-31 10"] == 1


def test_nothing_drawn_is_not_nothing_there(plain: Project):
    first = ids(plain)[0]
    drawing.draw(plain, first, [], looked=True)
    assert manifest.load(plain).table["boxes"].iloc[0] == boxes.NOTHING
    drawing.draw(plain, first, [], looked=False)
    row = manifest.load(plain).table.iloc[0]
    assert (row["boxes"], row["split"]) == ("", "")


def test_a_picture_that_loses_its_boxes_keeps_its_split(plain: Project):
    for id_ in ids(plain):
        drawing.draw(plain, id_, [CAT])
    before = manifest.load(plain).table.set_index("id")["split"]
    for id_ in ids(plain):
        drawing.draw(plain, id_, [], looked=False)
        assert manifest.load(plain).table.set_index("id").loc[id_, "split"] == ""
    for id_ in reversed(ids(plain)):
        drawing.draw(plain, id_, [CAT])
    after = manifest.load(plain).table.set_index("id")
    assert after["split"].to_dict() == before.to_dict()
    assert set(after["flags"]) == {""}


def test_one_undo_takes_back_what_was_drawn_on_a_picture(plain: Project):
    first, second, *_more = ids(plain)
    drawing.draw(plain, first, [CAT])
    for step in range(3):
        drawing.draw(plain, second, [CAT] * (step > 0) + [Box("dog", 0.1 * step, 0, 0.9, 0.9)])
    assert drawing.draw(plain, second, [CAT, Box("dog", 0.2, 0, 0.9, 0.9)]).version == 5, "nothing was changed"

    before = manifest.undo(plain).table.set_index("id")

    assert boxes.split(before.loc[first, "boxes"]) == [CAT]
    assert before.loc[second, "boxes"] == ""
    assert boxes.split(manifest.redo(plain).table.set_index("id").loc[second, "boxes"])[1].label == "dog"
    manifest.undo(plain)
    assert set(manifest.undo(plain).table["boxes"]) == {""}


def test_a_class_is_spelled_as_it_is_already(plain: Project):
    first, second, *_more = ids(plain)
    drawing.draw(plain, first, [CAT])
    drawing.draw(plain, second, [Box(" Cat  ", 0, 0, 1, 1), Box("red  cat", 0, 0, 1, 1), Box("red  cat", 0, 0, 1, 1)])
    found = boxes.split(manifest.load(plain).table["boxes"].iloc[1])
    assert [box.label for box in found] == ["Cat", "red cat"]


@pytest.mark.parametrize(
    "drawn",
    [[Box("cat", 0, 0, 1.2, 1)], [Box("cat", 0.5, 0, 0.5, 1)], [Box("  ", 0, 0, 1, 1)], [CAT] * (drawing.MOST + 1)],
    ids=["outside", "empty", "nameless", "too many"],
)
def test_what_is_no_box_changes_nothing(plain: Project, drawn: list[Box]):
    with pytest.raises(InputError):
        drawing.draw(plain, ids(plain)[0], drawn)
    assert manifest.load(plain).version == 1


def test_a_picture_that_is_gone_is_said(plain: Project):
    with pytest.raises(NotFoundError, match="No longer"):
        drawing.draw(plain, "0" * 64, [CAT])


def test_boxes_that_come_later_fill_what_nobody_has_looked_at(tmp_path: Path):
    folder = folder_of(tmp_path / "squares")
    table = (folder / "boxes.csv").rename(tmp_path / "boxes.csv")
    project = Workspace.open(tmp_path / "work").create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder)), drawn_later=True)
    drawing.draw(project, ids(project)[0], [CAT])
    table.rename(folder / "boxes.csv")

    importer.import_boxes(project, Source("folder", str(folder)))

    current = manifest.load(project)
    assert len(current.table) == 12
    assert sum(box_notes.box_counts(current).values()) == 11
    assert "" not in set(current.table["boxes"])
    assert boxes.split(current.table["boxes"].iloc[0]) == [CAT], "what a person drew stays"


def test_a_class_gets_another_name_joins_another_or_goes(plain: Project):
    first, second, third = ids(plain)[:3]
    dog = Box("dog", 0, 0, 0.9, 0.9)
    for id_, drawn in ((first, [CAT, dog]), (second, [dog]), (third, [CAT])):
        drawing.draw(plain, id_, drawn)
    splits = manifest.load(plain).table["split"]

    renamed = edits.rename_class(plain, "dog", " big; dog ").table.set_index("id")
    assert boxes.split(renamed.loc[second, "boxes"])[0].label == renamed.loc[second, "label"] == "big\uff1b dog"
    assert renamed.loc[first, "label"] == "big\uff1b dog; cat"

    joined = edits.rename_class(plain, "big\uff1b dog", "cat")
    assert joined.classes == ["cat"]
    assert [each.label for each in boxes.split(joined.table.set_index("id").loc[first, "boxes"])] == ["cat", "cat"]
    manifest.undo(plain)

    without = edits.remove_class(plain, "cat").table
    assert without["split"].equals(splits), "no picture changes its split"
    rows = without.set_index("id")
    assert len(rows) == 10
    assert rows.loc[third, "boxes"] == boxes.NOTHING, "what was looked at has been looked at"
    assert rows.loc[third, "label"] == ""
    assert rows.loc[ids(plain)[5], "boxes"] == "", "what was not, has not"
    for wrong in (lambda: edits.rename_class(plain, "cow", "cat"), lambda: edits.remove_class(plain, "cow")):
        with pytest.raises(NotFoundError, match=r"no class “cow”\. Classes: big"):
            wrong()
    with pytest.raises(InputError):
        edits.rename_class(plain, "big\uff1b dog", " ")
