"""What is made of a run on pictures with several labels: it gives the tags that the run gives, without the app."""

import csv
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from tests import tagged
from tests.conftest import share_weights
from tests.core.export.conftest import export, unpacked
from tl_core import api, jobs, runs
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import tags
from tl_core.export import card, formats, measured, page_words, proof, reference, report, tag_bundle
from tl_core.export.prover import RUNTIMES
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.workspace import Workspace

#: 8 bits are too coarse for pictures of noise: on them the proof warns, as it should.
EIGHT_BITS = "litert-int8"
#: Run by Python: of these one in every run of the tests.
PROVED = [
    pytest.param(each, marks=[] if each == "onnx" else pytest.mark.slow)
    for each in table.get("tags").formats or ()
    if formats.get(each).runtime in RUNTIMES and each != EIGHT_BITS
]


@pytest.fixture(scope="module")
def lamps(tmp_path_factory) -> RunFolder:
    root = tmp_path_factory.mktemp("lamps")
    workspace = share_weights(Workspace.open(root / "workspace"))
    project = api.import_folder(workspace, tagged.lay(root / "lamps", 40))[0]
    draft = table.of(project).draft(None, manifest.load(project))
    return api.train(project, replace(draft, image_size=64))


@pytest.mark.parametrize("name", PROVED)
def test_a_bundle_gives_the_tags_that_the_app_gives(lamps, tmp_path, name):
    made = export(lamps, name)
    assert made.not_proved is None
    assert (made.proof.agree, made.proof.several) == (made.proof.n, True)
    assert made.proof.max_difference < (0.02 if name == "litert-f16" else 1e-4)
    assert made.proof.sentence().startswith(f"The same labels for {made.proof.n} of {made.proof.n} validation pictures")

    folder = unpacked(lamps, made, tmp_path)
    assert {each.name for each in folder.iterdir()} == {
        *("README.md", "card.md", "predict.py", "tags.json"),
        formats.get(name).file,
    }
    thresholds = tags.thresholds_of(lamps)
    assert {each["tag"]: each["threshold"] for each in json.loads((folder / "tags.json").read_bytes())} == thresholds.of
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert "A picture may get no label." in readme
    assert made.proof.sentence() in readme
    said = {given(folder, dark=dark, red=red) for dark in (False, True) for red in (False, True)}
    assert said == {"no label", "dark", "red", "dark, red"}


def given(folder, *, dark: bool, red: bool) -> str:
    """Return the last line that the program of an unpacked bundle prints of a picture."""
    picture = folder / "new.png"
    picture.write_bytes(tagged.picture(1000, red=red, dark=dark))
    command = [sys.executable, "-I", str(folder / "predict.py"), str(picture)]
    done = subprocess.run(command, cwd=folder.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def test_the_card_says_what_was_measured_tag_by_tag(lamps):
    text, found = card.text(lamps, {}), tags.results_of(lamps)
    (measured_once,) = measured.every(lamps)
    assert "multi-label-image-classification" in text
    assert f"value: {found.mean_average_precision}" in text
    assert f"Exactly the right labels for {round(found.correct)} of {found.n} validation pictures" in text
    assert measured_once.reliability() in text
    for each in found.tags:
        (row,) = [line for line in text.splitlines() if line.startswith(f"| {each.label} | 0.")]
        assert f"of {each.support} (" in row
    assert "in the order of tags.json" in text
    assert "Temperature" not in text
    assert "one of its classes" not in text
    assert page_words.refusal(lamps) in text


@pytest.mark.slow
def test_what_eight_bits_change_is_counted_and_said(lamps):
    made = export(lamps, EIGHT_BITS)
    assert made.not_proved is None
    assert made.proof.several
    assert len(made.proof.changed) == made.proof.n - made.proof.agree


def test_the_page_of_a_bundle_for_browsers_goes_by_the_thresholds(lamps):
    texts = tag_bundle.contents(lamps, formats.get("tfjs"), "")
    assert texts.keys() == {"tags.json", "example.html", "README.md"}
    assert 'fetch("tags.json")' in texts["example.html"]
    assert "example.html" in texts["README.md"]
    assert "predict.py" not in texts["README.md"]


def test_the_program_of_a_run_lists_the_labels_of_each_picture(lamps, tmp_path):
    folder = unpacked(lamps, export(lamps, "script"), tmp_path)
    rows = list(csv.reader((folder / "labels.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["file", "split", "dark", "red"]
    assert all((folder / "data" / row[0]).is_file() for row in rows[1:])
    assert json.loads((folder / "labels.json").read_bytes()) == json.loads(tag_bundle.listed(lamps))
    compile((folder / "train.py").read_text(encoding="utf-8"), "train.py", "exec")


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"solver": "adam", "augmentation": "gentle", "augmentation_variants": 2, "epochs": 30},
        {"freeze": "block_14_add", "fine_tune_epochs": 2, "class_weights": False},
    ],
    ids=["usual", "step by step", "fine-tuned"],
)
def test_the_program_of_a_run_repeats_it(lamps, tmp_path, changes):
    recipe = replace(lamps.recipe, **changes)
    run = runs.create(lamps.project, recipe)
    jobs.execute(run.folder)
    folder = unpacked(run, export(run, "script"), tmp_path)
    done = subprocess.run([sys.executable, "-I", "train.py"], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "This is within the 95% interval of the run" in done.stdout


def test_what_tags_cannot_be_made_into_names_what_they_can(lamps):
    with pytest.raises(InputError, match="Choose one of: keras, "):
        export(lamps, "coreml")


def test_a_file_that_gives_other_tags_is_told_from_the_app(lamps):
    app = reference.of(lamps)
    other = app.probabilities.copy()
    other[0] = 1 - other[0]
    found = proof.compare(app, other, np.ones(len(app)), 1)
    assert (found.agree, found.changed) == (len(app) - 1, (app.ids[0],))
    assert found.others("ONNX") == f"ONNX gives other labels to 1 picture of {len(app)}."
    assert set(found.changed_to[0].split("; ")) ^ set(app.answer(0).split("; ")) - {""}


def test_the_report_counts_tag_by_tag(lamps):
    shown, found = report.of(lamps, Progress()), tags.results_of(lamps)
    assert [row[0] for row in shown.each[1:]] == ["dark", "red"]
    assert (shown.answers, shown.matrix, shown.n) == ("2 labels", [], found.n)
    assert shown.mistakes == found.n - round(found.correct)
    assert {each.answer for each in shown.right} <= {"dark", "red", "dark, red", "no label"}
    assert all(each.truth == each.answer for each in shown.right)
    assert [len(each.pictures) for each in shown.shown] == [4, 4]
    text = report.html(shown)
    assert "Right and wrong, by label" in text
    assert "Where it looks" not in text
    assert measured.of(lamps).right() in text
