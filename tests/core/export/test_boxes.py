"""What is said of boxes that are taken away: which of two files' boxes are the same, and how good they are."""

from pathlib import Path

import numpy as np
import pytest

from tests import boxed
from tests.core.boxes.test_importer import folder_of
from tl_core.boxes import importer
from tl_core.errors import InputError
from tl_core.export import box_bundle, box_proof, card, formats, measured
from tl_core.ingest.sources import Source
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

APP = np.array([[0.1, 0.1, 0.5, 0.5, 0, 0.9], [0.5, 0.5, 0.9, 0.9, 1, 0.6], [0.2, 0.2, 0.3, 0.3, 0, 0.401]])


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    project = Workspace.open(tmp_path / "work").create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 24))))
    return boxed.finished(project)


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ((0, 0, 0.0001), True),  # hardly moved
        ((0, 0, 0.05), False),  # moved
        ((0, 4, 1), False),  # another class
        ((1, 5, -0.3), False),  # not sure enough any more
        ((2, 5, -0.003), True),  # just below the confidence, and just above it
    ],
)
def test_which_boxes_are_the_same(change: tuple[int, int, float], same: bool):
    row, column, amount = change
    file = APP.copy()
    file[row, column] += amount

    assert (box_proof._together(APP, file, 0.4) is not None) is same
    assert (box_proof._together(file, APP, 0.4) is not None) is same
    assert box_proof._together(APP, APP[:1], 0.4) is None
    assert box_proof._together(APP[:0], APP[:0], 0.4) == []


def test_card_and_example_speak_of_boxes(run: RunFolder):
    said = card.text(run, {})
    found = measured.of(run)

    assert found is not None
    assert "pipeline_tag: object-detection" in said
    assert "mAP@50" in said
    assert "accuracy" not in said.lower()
    for each in formats.of(run.project):
        if each.example:
            compile(box_bundle.program(run, each), "example.py", "exec")
    page = box_bundle.contents(run, formats.get("tfjs"), "")
    assert page.keys() == {"labels.txt", "example.html", "runtime/suppression.js", "README.md"}
    assert "{{" not in page["example.html"]
    assert "example.py" not in page["README.md"]


def test_a_format_that_would_find_boxes_everywhere_is_refused_with_the_reason(run: RunFolder):
    with pytest.raises(InputError, match=r"full of boxes around nothing.*litert-w8"):
        formats.require(run.project, "litert-int8")
    with pytest.raises(InputError, match="cannot be made"):
        formats.require(run.project, "notebook")
