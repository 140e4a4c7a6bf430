"""The report of a run in a browser: it asks nobody for anything, and prints on two or three pages."""

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.conftest import Once
from tests.core import hues
from tests.e2e.test_accessibility import serious
from tl_core.export import report
from tl_core.export.report import Report, ShownClass
from tl_core.export.report_words import Cell, Confusion, DataRow
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

LONG = [f"{number} Grande-Église-Sainte-Trinité-de-la-Forêt-Enchantée-d’en-Haut"[:60] for number in range(1000)]


@pytest.fixture(scope="module")
def small(once: Once) -> Report:
    """The report of a run over two classes that makes no mistake."""
    folder = once("hues-head", partial(hues.fill, kind="head"))
    return report.of(RunFolder(Workspace.open(folder).project("hues").runs / "head"), Progress())


def crowded(small: Report, classes: int) -> Report:
    """Return a report with many classes that have long names, with as much of everything as there may be."""
    names, address = LONG[:classes], small.shown[0].pictures[0]
    each = replace(small.right[0], truth=names[0], answer=names[1], title="", where="nowhere", refused=True)
    count = min(classes, report.MOST_CLASSES)
    rows = [DataRow(label=name, train=12_345, validation=1234, test=1234, right="123 of 1,234") for name in names[:15]]
    return replace(
        small,
        title="Which of the thousand churches of our country stands on this picture of mine?"[:80],
        sentence="Says which church it is. " * 12,
        classes=names,
        shown=[ShownClass(name=name, count="12,345 pictures", pictures=[address]) for name in names[:count]],
        matrix=[[Cell(pictures=123, share=0.5) for _ in names] for _ in names] if classes <= 10 else [],
        confused=[Confusion(truth=name, answer=names[-1], pictures="12 of 1,234") for name in names[:6]],
        right=[replace(each, truth=names[1], title="Right and most certain")] * 3,
        wrong=[each] * 6,
        mistakes=1234,
        limits=["Pictures of other cameras, places and times may be harder, and here stands a long sentence."] * 11,
        data=[*rows, DataRow(label="", train=12_345_678, validation=123_456, test=123_456)],
        settings=[*small.settings, ("Fine-tuning", "at most 5 epochs, rate 0.00001"), ("Licence", "CC-BY-4.0")],
    )


def opened(page: Page, shown: Report, folder: Path) -> list[str]:
    """Open a report as a file; return whom it has asked for something."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    (folder / "report.html").write_text(report.html(shown), encoding="utf-8")
    page.goto((folder / "report.html").as_uri())
    return [each for each in asked if not each.startswith(("file:", "data:"))]


def printed(page: Page, paper: str) -> int:
    """Return how many pages a report has on paper."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format=paper)))


@pytest.mark.parametrize(
    "classes", [pytest.param(2, marks=pytest.mark.slow), 10, pytest.param(1000, marks=pytest.mark.slow)]
)
def test_a_report_asks_nobody_and_prints_on_two_or_three_pages(page: Page, small: Report, tmp_path: Path, classes: int):
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    asked = opened(page, small if classes == 2 else crowded(small, classes), tmp_path)
    assert {paper: printed(page, paper) in (2, 3) for paper in ("A4", "Letter")} == {"A4": True, "Letter": True}
    for width, theme in ((1440, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert serious(page) == []
    assert (asked, said) == ([], [])
