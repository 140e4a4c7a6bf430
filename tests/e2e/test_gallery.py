"""The pictures of a project in a real browser: marked in rows and all at once, shown large, searched, reloaded."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import LONG, Server
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace


@pytest.fixture
def project(server: Server, pictures: Path) -> Project:
    made = Workspace(server.workspace).create_project("Gallery")
    importer.import_source(made, Source("folder", str(pictures)))
    return made


def test_pictures_are_marked_shown_large_and_searched(page: Page, server: Server, project: Project):
    page.goto(f"{server.url}/images?project={project.slug}")
    faces, marked = page.locator(".face"), page.locator('.face[aria-pressed="true"]')
    faces.first.click(timeout=LONG)
    faces.nth(4).click(modifiers=["Shift"])
    expect(page.get_by_text("5 marked")).to_be_visible()
    expect(page.locator(".st-key-marked")).to_be_in_viewport()
    page.get_by_role("button", name="Mark all 24 shown").click()
    expect(page.get_by_text("24 marked")).to_be_visible()
    page.get_by_role("button", name="Unmark all").click()
    expect(marked).to_have_count(0)

    page.locator(".zoom").first.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.get_by_text("2 of 24")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()

    faces.first.focus()
    for key, at in (("ArrowRight", 1), ("End", 23), ("Home", 0), ("ArrowDown", None), ("ArrowUp", 0)):
        page.keyboard.press(key)
        expect(page.locator(".face:focus") if at is None else faces.nth(at)).to_be_focused()
    for _ in range(2):  # the glass, and out
        page.keyboard.press("Tab")
    expect(page.locator(".grid :focus")).to_have_count(0)

    faces.first.click()
    expect(page.get_by_text("1 marked")).to_be_visible()
    search = page.get_by_label("Search")
    search.fill("plum")
    search.press("Enter")
    expect(faces).to_have_count(12)
    expect(search).to_be_focused()
    expect(page.locator(".st-key-marked")).to_have_count(0)
    page.reload()
    expect(faces).to_have_count(12, timeout=LONG)
    expect(search).to_have_value("plum")
