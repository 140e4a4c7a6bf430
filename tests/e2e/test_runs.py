"""The table of runs in a real browser: stars and names are edited in it, and what was edited is stored."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LONG, Server, drawn
from tl_core.runs import RunFolder
from tl_core.workspace import Project

#: In pixels: where the cells of a row are in the table, and how high a row is.
STAR, NAME, ROW = 140, 230, 36


@pytest.mark.slow
def test_runs_are_starred_and_renamed_in_the_table(page: Page, server: Server, run: RunFolder, tmp_path: Path):
    project = copied(run.project)
    runs = [RunFolder(project.runs / name) for name in ("second", run.id)]
    page.goto(f"{server.url}/runs?project={project.slug}")
    page.get_by_text("What changed").wait_for(timeout=LONG)
    drawn(page)
    box = settled(page)

    def at(x: int, row: int) -> tuple[float, float]:
        return box["x"] + x, box["y"] + ROW * (row + 1.5)

    page.mouse.click(*at(STAR, 0))
    until(lambda: any(each.label.star for each in runs))
    (starred,) = [each for each in runs if each.label.star]
    page.mouse.dblclick(*at(NAME, 0))
    page.wait_for_timeout(500)  # the table opens its own field
    page.keyboard.press("Control+A")
    page.keyboard.type(" **best** ")
    page.keyboard.press("Enter")
    until(lambda: starred.label.name == "**best**")
    assert starred.label.star
    expect(page.get_by_test_id("stMultiSelect").get_by_text("**best**")).to_be_visible()


def settled(page: Page) -> dict[str, float]:
    """Return where the table is, once it has found its place."""
    table = page.locator("[data-testid=stDataFrame] canvas").first
    before, box = None, table.bounding_box()
    while box is None or box != before:
        page.wait_for_timeout(1000)
        before, box = box, table.bounding_box()
    return box


def copied(project: Project) -> Project:
    """Return a copy of a project whose only run is there twice."""
    made = project.workspace.create_project("Notebook")
    shutil.copytree(project.folder, made.folder, dirs_exist_ok=True)
    (run,) = made.runs.iterdir()
    shutil.copytree(run, made.runs / "second")
    made.rename("Notebook")
    return made


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is stored."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it was not stored"
        time.sleep(0.1)
