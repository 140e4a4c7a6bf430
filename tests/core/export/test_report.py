"""The report of a run: what it says, and that nothing in it is more than text."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from tests.core import hues
from tests.core.export.conftest import export
from tl_core.dataset import manifest
from tl_core.errors import Stopped
from tl_core.evaluation import predictions, sealed_test
from tl_core.evaluation.predictions import Predictions
from tl_core.export import freeze_drawing, measured, page_words, report, report_words, stored
from tl_core.freezing import outline
from tl_core.progress import Progress
from tl_core.runs import RunFolder

HOSTILE = ["<img src=x onerror=alert(1)>", "\"'><script>alert(1)<∕script> قطة {{ 7 * 7 }}"]
#: The elements that a report consists of.
ELEMENTS = {
    *("html", "head", "meta", "title", "link", "style", "body", "header", "h1", "h2", "h3", "p", "main", "section"),
    *("svg", "rect", "path", "circle", "ul", "li", "i", "div", "img", "table", "thead", "tbody", "tr", "th", "td"),
    *("bdi", "span", "figure", "figcaption"),
}


class Page(HTMLParser):
    """What is in a page: its elements, its addresses, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements, self.addresses, self.words = set[str](), list[str](), list[str]()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        self.addresses += [value for name, value in attributes if name in ("src", "href", "srcset", "data", "action")]
        assert not [name for name, _ in attributes if name.startswith("on")]

    def handle_data(self, data):
        self.words.append(data.strip())

    @property
    def text(self) -> str:
        return " ".join(filter(None, self.words))


@pytest.fixture
def run(hues_with, tmp_path) -> RunFolder:
    return RunFolder(hues_with(tmp_path / "workspace", "head").runs / "head")


def answers_wrongly(run: RunFolder, split: str, rows: list[int]) -> None:
    """Let the stored predictions of some pictures be those of the other class."""
    predicted = predictions.load(run, split)
    logits = predicted.logits.copy()
    logits[rows] = logits[rows][:, ::-1]
    predictions.save(run, replace(predicted, logits=logits))


def test_a_report_is_a_document_with_the_figures_that_all_others_say(run):
    page_words.write_sentence(run, "Is it warm?")
    export_ = export(run, "report")
    assert (export_.file, export_.proof) == ("hues-head-report.html", None)
    assert "document" in export_.not_proved

    page = Page(stored.path(run, export_).read_text(encoding="utf-8"))
    for words in ("Hues", "Is it warm?", "cold", "warm", measured.of(run).right(), page_words.made(run)):
        assert words in page.text
    assert "2 classes, learned from 12 training pictures." in page.text
    assert "They are still sealed." in page.text
    assert "There is none among 6 validation pictures." in page.text
    assert page.elements <= ELEMENTS
    assert all(address.startswith("data:image/") for address in page.addresses)
    # 4 of each class; three right ones, each with its map; the icon
    assert len(page.addresses) == 8 + 6 + 1


@pytest.fixture(scope="module")
def strange(hues_with, tmp_path_factory) -> RunFolder:
    """A run whose names would do harm as HTML, whose test is opened, and which answers wrongly for two pictures."""
    run = RunFolder(hues_with(tmp_path_factory.mktemp("strange"), "head").runs / "head")
    sealed_test.evaluate(run.folder)
    hues.rename_classes(run, HOSTILE)
    run.project.rename("</title><script>alert(1)</script>")
    page_words.write_sentence(run, "</p><iframe src=http://x.example>")
    answers_wrongly(run, "test", [0, 1])
    return run


@pytest.fixture(scope="module")
def shown(strange) -> report.Report:
    return report.of(strange, Progress())


@pytest.mark.slow
def test_names_and_sentences_are_text_whatever_they_hold(strange, shown):
    page = Page(report.html(shown))
    assert page.elements <= ELEMENTS
    assert all(address.startswith("data:image/") for address in page.addresses)
    for words in (*HOSTILE, strange.project.name, page_words.sentence(strange)):
        assert words in page.words


def test_mistakes_are_shown_with_what_they_are_and_the_test_counts_once_opened(shown):
    assert (shown.asked, shown.n, shown.mistakes) == ("6 test pictures", 6, 2)
    assert {(each.truth, each.answer) for each in shown.wrong} <= {tuple(HOSTILE), tuple(HOSTILE[::-1])}
    assert len(shown.wrong) == 2
    assert all(each.picture and each.heat for each in (*shown.right, *shown.wrong))
    assert sum(cell.pictures for row in shown.matrix for cell in row) == 6
    page = Page(report.html(shown))
    assert "times of 6 test pictures" in page.text
    assert "All its mistakes" in page.text
    assert "sealed" not in page.text


def test_damaged_and_missing_pictures_leave_a_place(run):
    ids = predictions.pictures_of(run, "train")["id"].tolist()
    manifest.image_path(run.project, ids[0]).write_bytes(b"\x89PNG no more")
    for id_ in predictions.load(run, "validation").ids:
        manifest.image_path(run.project, id_).unlink()
    shown = report.of(run, Progress())
    assert sum(not address for each in shown.shown for address in each.pictures) == 1
    assert not any(each.picture or each.heat for each in shown.right)
    assert Page(report.html(shown)).text.count("The picture cannot be read.") == 1 + len(shown.right)


def test_without_what_training_wrote_at_its_end_the_rest_is_said(run):
    (run.folder / "report.json").unlink()
    assert "times of 6 validation pictures" in page_words.accuracy(run)
    assert "learned from the training pictures" in freeze_drawing.sentence(run, None)
    assert "Best epoch" not in dict(report_words.settings(run))


def test_the_drawing_and_the_sentence_say_what_training_changed(hues_with, tmp_path):
    run = RunFolder(hues_with(tmp_path, "tail").runs / "tail")
    blocks = outline.draw(run.project.workspace.root, run.recipe.backbone)
    drawn, frozen = freeze_drawing.draw(run, blocks), blocks.frozen_blocks(run.recipe.freeze)
    expected = frozen if run.report().best.phase == "fine-tune" else len(blocks.blocks)
    assert sum(not bar.trained for bar in drawn.bars) == expected
    assert len(drawn.bars) == len(blocks.blocks) + 1
    assert "learned from 12 pictures" in freeze_drawing.sentence(run, blocks)


def test_a_thousand_classes_are_summed_up():
    names = [f"class {number}" for number in range(1000)]
    truth = np.repeat(np.arange(1000), 2)
    logits = np.eye(1000, dtype=np.float32)[np.where(np.arange(2000) < 40, truth + 1, truth)]
    predicted = Predictions(
        split="test",
        classes=names,
        ids=[str(number) for number in range(2000)],
        truth=truth,
        logits=logits,
        features=np.ones((2000, 1), np.float32),
        temperature=1.0,
    )
    assert report_words.matrix(predicted) == []
    confused = report_words.confused(predicted)
    assert len(confused) == report_words.MOST_CONFUSED
    assert (confused[0].truth, confused[0].answer, confused[0].pictures) == ("class 0", "class 1", "2 of 2")


def test_stop_ends_a_report(run):
    class Pressed(Progress):
        def stopped(self) -> bool:
            return True

    with pytest.raises(Stopped, match="Nothing was saved"):
        report.of(run, Pressed())
