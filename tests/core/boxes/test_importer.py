"""A folder with boxes becomes a project, and its boxes are where they were drawn."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tl_core.boxes import importer
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
