"""Boxes drawn in a real browser: by mouse, finger and keyboard, saved at once; a model suggests them."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.core.boxes.test_importer import folder_of
from tests.e2e.conftest import LONG, Server
from tl_core import jobs, runs
from tl_core.boxes import importer
from tl_core.dataset import boxes, manifest
from tl_core.dataset.boxes import Box
from tl_core.ingest.sources import Source
from tl_core.networks.catalogue import get
from tl_core.tasks import table
from tl_core.workspace import Project, Workspace


@pytest.fixture
def plain(server: Server, tmp_path: Path) -> Project:
    """Pictures on which nobody has drawn anything."""
    folder = folder_of(tmp_path / "squares", 3, side=200)
    (folder / "boxes.csv").unlink()
    made = Workspace(server.workspace).create_project("Drawn")
    importer.import_boxes(made, Source("folder", str(folder)), drawn_later=True)
    return made


def drawn(project: Project, at: int = 0) -> list[Box]:
    return boxes.split(manifest.load(project).table["boxes"].iloc[at])


def opened(page: Page, server: Server, project: Project) -> Locator:
    """Open the editor on the first picture, and return where one draws."""
    page.goto(f"{server.url}/images?project={project.slug}")
    page.get_by_role("button", name="Draw boxes").click(timeout=LONG)
    return page.locator(".stage")


def place(stage: Locator, across: float, along: float) -> tuple[float, float]:
    """Return where a point of the picture is on the screen, given as shares of its sides."""
    shown = stage.locator("svg").bounding_box()
    assert shown
    return shown["x"] + across * shown["width"], shown["y"] + along * shown["height"]


def test_what_comes_late_from_an_earlier_visit_to_a_picture_does_not_undo_an_edit(
    page: Page, server: Server, plain: Project
):
    opened(page, server, plain)
    second, count = manifest.load(plain).table["id"].iloc[1], page.locator(".count")
    expect(count).to_have_text(re.compile("^Nobody has looked"))
    page.evaluate(
        """([id, waits]) => {
            const own = window.fetch;
            window.fetch = async (url, how) => {
                const late = how?.method === "GET" && String(url).endsWith(id) ? waits.shift() ?? 0 : 0;
                const answer = await own(url, how);
                await new Promise((done) => setTimeout(done, late));
                return answer;
            };
        }""",
        [second, [600, 2500]],
    )
    for button in ("Next picture", "Previous picture", "Next picture"):
        page.get_by_role("button", name=button).click()
    expect(count).to_have_text(re.compile("^Nobody has looked"))
    page.keyboard.press("n")
    page.wait_for_timeout(3000)
    expect(count).to_have_text(re.compile("^Nothing is here"))
    expect(page.locator(".saved")).to_have_text("Saved")
    assert manifest.load(plain).table["boxes"].iloc[1] == boxes.NOTHING


def test_boxes_are_drawn_by_mouse_and_keys_and_saved_at_once(page: Page, server: Server, plain: Project):
    stage = opened(page, server, plain)
    saved, listed = page.locator(".saved"), page.locator(".pick")
    count, unseen, nothing = page.locator(".count"), re.compile("^Nobody has looked"), re.compile("^Nothing is here")
    expect(count).to_have_text(unseen)  # the picture is there
    expect(page.get_by_label("New class")).to_be_focused()
    page.keyboard.type("red square")
    page.keyboard.press("Enter")

    page.mouse.move(*place(stage, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*place(stage, 0.4, 0.5), steps=3)
    page.mouse.up()

    expect(listed).to_have_text("1. red square, 40 × 60 at 40, 40")
    expect(saved).to_have_text("Saved")
    (box,) = drawn(plain)
    assert box.label == "red square"
    assert box.edges == pytest.approx((0.2, 0.2, 0.4, 0.5), abs=0.01)

    page.keyboard.down("Shift")
    page.mouse.move(*place(stage, 0.25, 0.3))
    page.mouse.down()
    page.mouse.move(*place(stage, 0.35, 0.45), steps=3)
    page.mouse.up()
    page.keyboard.up("Shift")
    expect(listed).to_have_text(["1. red square, 40 × 60 at 40, 40", "2. red square, 20 × 30 at 50, 60"])
    for key in ("Delete", "e", "Control+ArrowRight", "Shift+ArrowDown", "b"):
        page.keyboard.press(key)
    expect(listed).to_have_text(["1. red square, 40 × 61 at 50, 40", "2. red square, 40 × 40 at 80, 80"])
    page.get_by_role("button", name="Delete the box").click()
    expect(listed).to_have_text(["1. red square, 40 × 61 at 50, 40"])
    page.get_by_role("button", name="Next picture").click()
    page.keyboard.press("PageUp")
    expect(page.locator(".where")).to_contain_text("1 of 3")
    page.keyboard.press("PageDown")
    expect(page.locator(".where")).to_contain_text("2 of 3")
    expect(count).to_have_text(unseen)
    page.keyboard.press("n")
    expect(count).to_have_text(nothing)
    page.keyboard.press("z")
    expect(count).to_have_text(unseen)
    page.keyboard.press("y")
    expect(count).to_have_text(nothing)
    expect(saved).to_have_text("Saved")
    assert drawn(plain)[0].edges == pytest.approx((0.25, 0.2, 0.45, 0.505), abs=0.01)
    assert manifest.load(plain).table["boxes"].tolist()[1:] == [boxes.NOTHING, ""]

    page.reload()
    page.get_by_role("button", name="Done").click(timeout=LONG)
    expect(page.locator(".face").first).to_contain_text("1 red square")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".face").nth(1)).to_contain_text("no boxes yet")


@pytest.mark.slow
def test_boxes_are_drawn_by_finger_and_suggested(browser: Browser, server: Server, tmp_path: Path):
    project = Workspace(server.workspace).create_project("Suggested")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 16))))
    draft = table.of(project).draft("efficientnet-lite0", manifest.load(project)).changed(epochs=1, image_size=128)
    run = runs.create(project, draft.recipe(manifest.load(project).version, 2, get("efficientnet-lite0")))
    jobs.execute(run.folder)
    window = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = window.new_page()
    page.goto(f"{server.url}/images?project={project.slug}&draw=first")
    stage, listed = page.locator(".stage"), page.locator(".pick")
    expect(listed).to_have_count(1, timeout=LONG)
    touch = window.new_cdp_session(page)

    def finger(*places: tuple[float, float]) -> None:
        steps = zip(["touchStart", *["touchMove"] * (len(places) - 1)], places, strict=True)
        for kind, (x, y) in steps:
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    finger(place(stage, 0.1, 0.85), place(stage, 0.2, 0.9), place(stage, 0.4, 0.97))
    expect(listed).to_have_count(2)
    expect(page.locator(".saved")).to_have_text("Saved")
    assert len(drawn(project)) == 2

    page.get_by_role("button", name="Suggest boxes").click()
    expect(page.locator(".said")).not_to_contain_text("looks at the picture", timeout=LONG)
    expect(page.locator(".said")).not_to_have_class("said failed")
    expect(stage).to_be_focused()  # so Enter accepts, and asks for nothing again
    window.close()
