"""What is unmistakably a set of boxes is seen as one; what has classes, too, is left to a person."""

from pathlib import Path

import pytest

from tests.conftest import write_pictures
from tests.core.boxes.test_importer import folder_of
from tl_core.boxes import importer, reading
from tl_core.boxes.recognition import is_of_boxes
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.tasks import table
from tl_core.travel import box_sets
from tl_core.workspace import Workspace


@pytest.mark.parametrize("form", reading.FORMS)
def test_every_form_is_recognized(tmp_path: Path, form: str):
    project = Workspace.open(tmp_path / "work").create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares"))))
    target = tmp_path / "squares.zip"
    box_sets.write(project, form, target, Progress())

    assert table.of_path(target).id == "boxes"
    assert table.of_path(target, labelled=True).id == "pictures"


def test_pictures_with_classes_are_none(tmp_path: Path, pictures: Path):
    assert not is_of_boxes(Source("folder", str(pictures)))
    assert table.of_path(pictures).id == "pictures"


def test_a_folder_for_each_class_speaks_against_boxes(tmp_path: Path):
    folder = write_pictures(tmp_path / "fruit", {"apple": 3, "plum": 3})
    for picture in [each for each in folder.rglob("*.*") if each.is_file()]:
        picture.with_suffix(".txt").write_text("0 0.5 0.5 0.2 0.2\n")
    (folder / "data.yaml").write_text("names: [apple, plum]\n")
    assert importer.read(Source("folder", str(folder))).form == "yolo"
    assert table.of_path(folder).id == "pictures"


def test_a_few_annotated_pictures_do_not_make_a_set(tmp_path: Path):
    folder = folder_of(tmp_path / "squares")
    rows = (folder / "boxes.csv").read_text().splitlines()
    (folder / "boxes.csv").write_text("\n".join(rows[:4]))
    assert not is_of_boxes(Source("folder", str(folder)))
