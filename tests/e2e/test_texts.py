"""Texts in a real browser: a table is read, corrected and imported into a new project; a text is moved, and back."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.core.text.messages import ROWS, table
from tests.e2e.conftest import LONG, Server, drawn
from tests.e2e.test_accessibility import faults_in_both_themes
from tl_core import api
from tl_core.dataset import manifest
from tl_core.text.sample import SHOP
from tl_core.workspace import Project, Workspace


def choose(page: Page, label: str, option: str) -> None:
    """Choose an option of a select box."""
    page.get_by_role("combobox", name=label).click()
    page.get_by_role("option", name=option, exact=True).click()
    drawn(page)


def mark_first(page: Page) -> None:
    """Mark the first row of the table of texts, which is drawn on a canvas."""
    shown = page.get_by_test_id("stDataFrame").last
    shown.scroll_into_view_if_needed()
    box = shown.bounding_box()
    assert box
    page.mouse.click(box["x"] + 15, box["y"] + 55)
    expect(page.get_by_text("1 marked")).to_be_visible()


def first(project: Project) -> str:
    return str(manifest.load(project).table.iloc[0]["label"])


@pytest.mark.slow
def test_a_table_becomes_a_project_and_a_text_is_moved_and_undone(page: Page, server: Server, tmp_path: Path):
    rows = [(text, label, f"{label} {number % 2}") for number, (text, label) in enumerate(ROWS)]
    place = tmp_path / "shop.csv"
    place.write_text(table(rows, separator=";", head=("message", "topic", "kind")), encoding="utf-16")
    page.goto(server.url)
    drawn(page)
    page.locator(".st-key-new-texts").get_by_role("button").click()
    expect(page.get_by_role("heading", name="Texts", level=1)).to_be_visible()
    drawn(page)
    expect(page.locator(".zone")).to_have_attribute("aria-busy", "false")
    page.locator("input.files").set_input_files(place)
    expect(page.get_by_text("Check before the import")).to_be_visible(timeout=LONG)
    expect(page.get_by_text("3 classes:")).to_be_visible(timeout=LONG)
    drawn(page)
    assert not faults_in_both_themes(page)

    choose(page, "Column of the labels", "kind")
    expect(page.get_by_text("6 classes:")).to_be_visible(timeout=LONG)
    page.reload()
    expect(page.get_by_text("6 classes:")).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Import report")).to_be_visible(timeout=LONG)
    drawn(page)
    project = Workspace(server.workspace).projects()[0]
    assert first(project) == rows[0][2]

    mark_first(page)
    expect(page.locator(".st-key-whole-text")).to_contain_text(rows[0][0])
    choose(page, "Move to class", "praise 1")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".st-key-marked")).to_have_count(0)
    drawn(page)
    assert first(project) == "praise 1"
    page.locator(".st-key-edits").get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-edits").get_by_role("button", name="Redo")).to_be_enabled()
    assert first(project) == rows[0][2]
    drawn(page)
    assert not faults_in_both_themes(page)


@pytest.mark.slow
def test_thousands_of_texts_are_read_stopped_and_gone_on_with(page: Page, server: Server, tmp_path: Path):
    project = api.import_texts(Workspace(server.workspace), SHOP)[0]
    run = api.train(project)
    lines = [f"{text} It is order {number}." for number, (text, __) in enumerate(ROWS * (3000 // len(ROWS)))]
    place = tmp_path / "many.txt"
    place.write_text("\n".join(lines), encoding="utf-8")
    page.goto(f"{server.url}/try_it?project={project.slug}&run={run.id}&try-texts-from=File")
    drawn(page)
    page.locator("input.files").set_input_files(place)

    expect(page.get_by_text(" left").first).to_be_visible(timeout=LONG)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped after")).to_be_visible(timeout=LONG)
    drawn(page)
    began = time.monotonic()
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("heading", name=f"{len(lines):,} texts")).to_be_visible(timeout=2 * LONG)
    print(len(lines), "texts, the rest of them in", time.monotonic() - began, "s")
    expect(page.get_by_text("Table of all answers")).to_be_visible()
    drawn(page)
    assert not faults_in_both_themes(page)
