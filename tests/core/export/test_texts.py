"""What is made of a run on texts: it answers as the run does, by a program of its own."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import Once
from tests.core.export.conftest import export, unpacked
from tests.shop import trained
from tl_core import language
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import predictions
from tl_core.export import formats, page_words, report, text_bundle
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.tasks import table


@pytest.fixture(scope="module")
def shop(once: Once, tmp_path_factory) -> RunFolder:
    return trained(once, tmp_path_factory.mktemp("texts"))


def test_every_bundle_of_texts_has_a_program():
    assert {each for each in table.get("texts").formats or () if formats.get(each).bundled} == set(text_bundle.RUNNING)


@pytest.mark.slow
@pytest.mark.parametrize("name", list(text_bundle.RUNNING))
def test_a_bundle_of_texts_answers_as_the_app_does_without_the_app(shop, tmp_path, name):
    made = export(shop, name)
    assert made.not_proved is None
    assert made.proof.agree == made.proof.n > 0
    assert made.proof.max_difference < (0.01 if name == "litert-f16" else 1e-4)

    folder = unpacked(shop, made, tmp_path)
    assert {each.name for each in folder.iterdir()} == {formats.get(name).file, "README.md", *text_bundle.FILES}
    assert json.loads((folder / "classes.json").read_text(encoding="utf-8")) == shop.classes
    readme, card = ((folder / each).read_text(encoding="utf-8") for each in ("README.md", "card.md"))
    assert "BAAI, bge-small-en-v1.5, https://huggingface.co/BAAI/bge-small-en-v1.5." in readme
    assert "https://huggingface.co/BAAI/bge-small-en-v1.5)" in card
    assert (f"int32 `(1, {shop.recipe.image_size})`" in readme) == name.startswith("litert")
    assert "MIT" in readme
    assert "picture" not in readme
    assert "pipeline_tag: text-classification" in card
    assert "picture" not in card

    asked = manifest.of_run(shop).split("validation").set_index("id")["text"]
    reference = predictions.load(shop, "validation")
    text = " ".join(asked[reference.ids[0]].split())
    command = [sys.executable, "predict.py", text]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    said = dict(reversed(line.split(" ", 1)) for line in done.stdout.splitlines() if line[:2] in ("0.", "1."))
    given = [float(said[each]) for each in shop.classes]
    np.testing.assert_allclose(given, reference.probabilities[0], atol=1e-3)


@pytest.mark.slow
def test_what_texts_cannot_be_made_into_names_what_they_can(shop):
    with pytest.raises(
        InputError, match=r"Choose one of: keras, litert, litert-f16, onnx, web, report, card, notebook, script\."
    ):
        export(shop, "saved-model")


@pytest.mark.slow
def test_the_report_shows_texts_and_the_words_that_speak_for_an_answer(shop):
    with language.written_in("en@texts"):
        shown = report.of(shop, Progress())
    assert all(each.texts and not each.pictures for each in shown.shown)
    assert all(each.text and not each.picture for each in (*shown.right, *shown.wrong))
    assert any(each.words for each in shown.right)
    assert dict(shown.settings)["Word pieces"] == f"at most {shop.recipe.image_size}"
    assert "MIT" in page_words.made(shop)
    text = report.html(shown)
    assert shown.right[0].text.split()[0] in text
    assert "Grad-CAM)" not in text


@pytest.mark.slow
def test_the_script_trains_as_the_run_did(shop, tmp_path):
    folder = unpacked(shop, export(shop, "script"), tmp_path)
    assert {"train.py", "texts.csv", "backbone.keras", "wordpiece.py", "vocab.txt"} <= {
        each.name for each in folder.iterdir()
    }
    assert not (folder / "data").exists()
    assert "picture" not in (folder / "train.py").read_text(encoding="utf-8")
    assert "pillow" not in (folder / "requirements.txt").read_text(encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "train.py"], cwd=folder, capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "This is within the 95% interval of the run" in done.stdout
