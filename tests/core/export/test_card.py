"""The card of a model: metadata that any reader of YAML takes, and names that stay text."""

import json
from dataclasses import replace

import pytest
import yaml
from markdown_it import MarkdownIt

from tests.core import hues
from tests.core.export.conftest import export
from tl_core import wording
from tl_core.accuracy import Accuracy
from tl_core.evaluation import predictions, sealed_test
from tl_core.export import card, measured, page_words, stored
from tl_core.files import write_json, write_record
from tl_core.runs import RunFolder

HOSTILE = ["<img src=x onerror=alert(1)> ![p](http:∕∕x.example)", "قطة: 'null' \"#\" [a](javascript:b) **猫** `🐈`"]
#: Read by YAML as something else than a text where they have no quotes.
NO_TEXTS = ["null", "~", "yes", "1e3", "0o17", "12:30:00", "2026-11-27", "- a", "a: b", "a #b", "&a", "*a", "!!int 3"]


@pytest.fixture
def run(hues_with, tmp_path) -> RunFolder:
    return RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")


def parts(text: str) -> tuple[dict[str, object], str]:
    """Return the metadata and the rest of a card."""
    before, metadata, rest = text.split("---\n", 2)
    assert before == ""
    return yaml.load(metadata, Loader=yaml.CSafeLoader), rest


def test_a_card_holds_what_hubs_read_and_what_was_measured(run):
    made = export(run, "card")
    assert (made.file, made.proof, "document" in str(made.not_proved)) == ("README.md", None, True)

    metadata, text = parts(stored.path(run, made).read_text(encoding="utf-8"))
    assert (metadata["license"], metadata["library_name"]) == ("apache-2.0", "keras")
    assert metadata["pipeline_tag"] == "image-classification"
    assert metadata["metrics"] == ["accuracy"]
    assert not {"base_model", "datasets"} & set(metadata)
    (index,) = metadata["model-index"]
    (result,) = index["results"]
    assert (index["name"], result["dataset"]["split"]) == ("Hues", "validation")
    assert result["metrics"][0]["value"] == run.report().validation.accuracy
    assert measured.of(run).right() in text
    assert "The test pictures are sealed" in text
    assert "| cold | 6 | 3 | 3 |" in text


def test_the_test_counts_once_it_was_opened(run):
    evaluation = sealed_test.evaluate(run.folder)
    metadata, text = parts(card.text(run, {}))
    assert metadata["model-index"][0]["results"][0]["dataset"]["split"] == "test"
    assert f"Right {wording.plural(round(evaluation.correct), 'time', 'times')} of 6 test pictures" in text
    assert "of 6 validation pictures" in text
    assert "sealed" not in text


def test_what_is_not_known_is_left_out(run):
    (run.folder / "report.json").unlink()
    for split in ("validation", "train"):
        predictions.forget(run, split)
    recipe = (run.folder / "recipe.json").read_text().replace('"imagenet"', '"random"')
    (run.folder / "recipe.json").write_text(recipe)

    metadata, text = parts(card.text(run, {}))
    assert not {"license", "metrics", "model-index"} & set(metadata)
    assert "transfer-learning" not in metadata["tags"]
    assert measured.not_measured(run) in text


def test_without_a_report_the_stored_predictions_are_counted(run):
    said = measured.of(run)
    (run.folder / "report.json").unlink()
    assert measured.of(run).right() == said.right()


@pytest.mark.parametrize("name", [*NO_TEXTS, *HOSTILE, "a" * 80, "🐈" * 60])
def test_a_name_is_a_text_in_the_metadata(run, name):
    write_json(run.project.folder / "project.json", {"name": name, "manifest": 1})
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        (index,) = yaml.load(card.metadata(run), Loader=loader)["model-index"]
        assert (index["name"], index["results"][0]["dataset"]["name"]) == (name, name)


@pytest.mark.parametrize(("name", "shown"), [("a\u2028b\x85c\x00", "abc"), ("\u202eab", "ab"), ("\x07", "hues")])
def test_what_is_no_text_becomes_one_in_the_metadata(run, name, shown):
    about = json.dumps({"name": name, "manifest": 1})
    (run.project.folder / "project.json").write_text(about)
    (index,) = yaml.load(card.metadata(run), Loader=yaml.CSafeLoader)["model-index"]
    assert index["name"].replace(" ", "") == shown
    assert card.text(run, {}).encode(errors="replace")


def test_names_stay_text_in_the_markdown(run):
    hues.rename_classes(run, HOSTILE)
    run.project.rename("# <b>x</b> | www.x.example [link](http://x.example)")
    page_words.write_sentence(run, "1. <script>alert(1)</script> http://x.example ![x](y)")
    _, text = parts(card.text(run, {"ONNX": "Not proved: <b>x</b>"}))

    tokens = [part for token in MarkdownIt().enable("table").parse(text) for part in (token, *(token.children or ()))]
    assert not {"image", "link_open", "html_inline", "html_block", "ordered_list_open"} & {each.type for each in tokens}
    written = ["".join(part.content for part in each.children) for each in tokens if each.type == "inline"]
    expected = [run.project.name, page_words.sentence(run), *HOSTILE, "Not proved: <b>x</b>"]
    assert [each for each in expected if each not in written] == []


def test_a_readme_that_is_there_stays(run, tmp_path):
    made = export(run, "card")
    (tmp_path / "README.md").write_text("mine")
    path = stored.copy(run, made, tmp_path)
    assert path.name == "hues-head-README.md"
    assert (tmp_path / "README.md").read_text() == "mine"
    assert stored.copy(run, made, tmp_path) == path


def test_what_training_left_as_it_was_is_said_to_be_frozen(run):
    recipe = replace(run.recipe, freeze="none", fine_tune_epochs=2, weights="random")
    write_record(run.folder / "recipe.json", recipe)
    assert "from random weights; all of it is frozen" in card.text(run, {}), "the best epoch is one of the head"
    assert "with random weights, its head trained on 12 pictures" in page_words.made(run)


def test_one_time_is_no_times():
    figures = Accuracy(accuracy=0.5, n=2, interval=(0.1, 0.9), baseline=0.5)
    assert measured.Measured(split="test", figures=figures).right() == (
        "Right 1 time of 2 test pictures; guessing would be right 1 time."
    )
