"""A folder with boxes becomes a project, and its boxes are where they were drawn."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tl_core.boxes import importer, reading
from tl_core.cli.parser import main
from tl_core.dataset import box_notes, boxes, manifest
from tl_core.errors import InputError
from tl_core.ingest.sources import Source
from tl_core.workspace import Workspace


def folder_of(path: Path, count: int = 12, side: int = 64) -> Path:
    """Make pictures of noise with a bright square in each but the last, and a table of their boxes."""
    path.mkdir(parents=True, exist_ok=True)
    rows, random = ["file,xmin,ymin,xmax,ymax,label"], np.random.default_rng(0)
    for at in range(count):
        pixels = random.integers(0, 90, (side, side, 3)).astype(np.uint8)
        left, top = (int(each) for each in random.integers(2, side // 2, 2))
        label = "red" if at % 2 else "blue"
        if at < count - 1:
            pixels[top : top + 20, left : left + 20] = (255, 0, 0) if at % 2 else (0, 0, 255)
            rows.append(f"{at}.png,{left},{top},{left + 20},{top + 20},{label}")
        else:
            rows.append(f"{at}.png,,,,,")
        Image.fromarray(pixels).save(path / f"{at}.png")
    (path / "boxes.csv").write_text("\n".join(rows), encoding="utf-8")
    return path


def test_a_folder_with_boxes_becomes_a_project(tmp_path: Path):
    folder = folder_of(tmp_path / "squares")
    Image.new("RGB", (32, 32)).save(folder / "not named.png")
    workspace = Workspace.open(tmp_path / "work")
    project = workspace.create_project("Squares")
    report = importer.import_boxes(project, Source("folder", str(folder))).report
    current = manifest.load(project)

    assert (report.imported, len(report.left_out)) == (12, 1)
    assert report.left_out[0].reason == importer.NOT_ANNOTATED
    assert "1 picture without a box" in " ".join(report.notes)
    assert current.classes == ["blue", "red"]
    assert box_notes.box_counts(current) == {"blue": 6, "red": 5}
    for row in manifest.rows_of(current.table):
        pixels = np.asarray(Image.open(manifest.image_path(project, row.id)))
        for box in boxes.split(row.boxes):
            x1, y1, x2, y2 = (round(edge * 64) for edge in box.edges)
            assert (pixels[y1:y2, x1:x2].max(axis=2) == 255).all()
    assert set(current.table["split"]) == {"train", "validation", "test"}


def test_a_project_holds_either_boxes_or_labels(tmp_path: Path):
    workspace = Workspace.open(tmp_path / "work")
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares"))))
    again = importer.import_boxes(project, Source("folder", str(tmp_path / "squares")))

    assert (again.report.imported, again.report.already) == (0, 12)
    from tl_core.dataset import kinds

    with pytest.raises(InputError, match="holds pictures with boxes"):
        kinds.claim(project, "pictures")


def test_boxes_without_their_pictures_are_refused(tmp_path: Path):
    folder = folder_of(tmp_path / "squares")
    for each in folder.glob("*.png"):
        each.unlink()

    with pytest.raises(InputError, match="none of the pictures"):
        importer.read(Source("folder", str(folder)))


def test_the_command_says_how_boxes_are_read(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    folder, work = folder_of(tmp_path / "squares"), str(tmp_path / "work")

    assert main(["import", str(folder), "--kind", "boxes", "--dry-run", "--json", "--workspace", work]) == 0
    value = json.loads(capfd.readouterr().out)
    assert (value["form"], value["classes"], value["pictures"]) == ("csv", {"blue": 6, "red": 5}, 12)
    assert main(["import", str(folder), "--kind", "boxes", "--workspace", work]) == 0
    assert "Project squares" in capfd.readouterr().out


@pytest.mark.parametrize("form", reading.FORMS)
def test_what_is_taken_away_comes_back_with_its_boxes_and_splits(
    tmp_path: Path, form: str, capfd: pytest.CaptureFixture[str]
):
    workspace = Workspace.open(tmp_path / "work")
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares"))))
    target = tmp_path / "squares.zip"

    assert main(["dataset", "squares", "--as", form, "--to", str(target), "--workspace", str(workspace.root)]) == 0
    assert "12 pictures" in capfd.readouterr().out
    again = workspace.create_project("Again")
    importer.import_boxes(again, Source("zip", str(target)))
    tables = [manifest.load(each).table.set_index("id") for each in (project, again)]
    before, after = (table[["split", "boxes"]].sort_index() for table in tables)
    assert before["split"].equals(after["split"])
    assert [[box.label for box in boxes.split(text)] for text in before["boxes"]] == [
        [box.label for box in boxes.split(text)] for text in after["boxes"]
    ]
    assert np.allclose(_edges(before["boxes"]), _edges(after["boxes"]), atol=1e-3)


def _edges(column: pd.Series) -> list[tuple[float, ...]]:
    return [box.edges for text in column for box in boxes.split(text)]


def test_a_form_of_other_pictures_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]):
    workspace = Workspace.open(tmp_path / "work")
    importer.import_boxes(workspace.create_project("Squares"), Source("folder", str(folder_of(tmp_path / "squares"))))
    command = ["dataset", "squares", "--as", "folders", "--to", str(tmp_path / "x.zip")]

    assert main([*command, "--workspace", str(workspace.root)]) == 2
    assert "comes as: coco, createml, voc, yolo, csv" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("annotations", "split"),
    [
        ("birds/valid/_annotations.coco.json", "validation"),
        ("birds/test/_annotations.coco.json", "test"),
        ("birds/pred/_annotations.coco.json", ""),
    ],
)
def test_a_folder_gives_its_pictures_their_split(tmp_path: Path, annotations: str, split: str):
    place = tmp_path / annotations
    folder_of(place.parent)
    (place.parent / "boxes.csv").unlink()
    box = {"image_id": 1, "category_id": 1, "bbox": [2, 2, 20, 20]}
    lists = {"images": {"id": 1, "file_name": "0.png"}, "annotations": box, "categories": {"id": 1, "name": "cat"}}
    value = {name: [each] for name, each in lists.items()}
    place.write_text(json.dumps(value), encoding="utf-8")

    assert [task.place.split for task in importer.read(Source("folder", str(tmp_path))).tasks] == [split]


def test_a_picture_whose_boxes_are_all_wrong_waits_for_somebody(tmp_path: Path):
    folder = folder_of(tmp_path / "squares", 4)
    rows = (folder / "boxes.csv").read_text().splitlines()
    (folder / "boxes.csv").write_text("\n".join([*rows[:1], "0.png,900,900,950,950,red", *rows[2:]]))
    project = Workspace.open(tmp_path / "work").create_project("Squares")
    report = importer.import_boxes(project, Source("folder", str(folder))).report

    assert manifest.load(project).table["boxes"].iloc[0] == "", "it is not one where nothing is"
    assert "none of whose boxes can be used" in " ".join(report.notes)
