"""The freeze line in a real browser: dragged, moved by keys, by presets and by the slider, and kept."""

import re
import time

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.conftest import write_pictures
from tests.e2e.conftest import LONG, Server
from tl_core.files import read_json
from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace

FOCUS = """() => {
  let found = document.activeElement;
  while (found?.shadowRoot) found = found.shadowRoot.activeElement;
  return found?.getAttribute("aria-label");
}"""


@pytest.fixture(scope="module")
def project(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project with pictures, for all tests of this file."""
    folder = write_pictures(tmp_path_factory.mktemp("pictures") / "fruit", {"apple": 6, "plum": 6})
    made = Workspace(server.workspace).create_project("Fruit")
    importer.import_source(made, Source("folder", str(folder)))
    return made


@pytest.fixture
def handle(page: Page, server: Server, project: Project) -> Locator:
    """The freeze line on the page, with everything but the head frozen."""
    (project.folder / "draft.json").unlink(missing_ok=True)
    page.goto(f"{server.url}/freeze?project={project.slug}")
    found = page.get_by_role("slider", name="Freeze line")
    expect(found).to_be_visible(timeout=LONG)
    return found


def outlined(project: Project) -> Outline:
    return outline.load(project.workspace, "efficientnet-lite0")


def metric(page: Page, label: str) -> Locator:
    return page.get_by_test_id("stMetric").filter(has_text=label).get_by_test_id("stMetricValue")


def agree(page: Page, project: Project, line: int) -> None:
    """Check that drawing, slider and draft say the same."""
    count = len(outlined(project).blocks)
    expect(page.get_by_role("slider", name="Freeze line")).to_have_attribute("aria-valuenow", str(line))
    expect(page.get_by_test_id("stSlider").first).to_contain_text(re.compile(rf"(?<!\d){line} of {count}"))
    saved, end = outlined(project).lines[line], time.monotonic() + 10
    while read_json(project.folder / "draft.json")["freeze"] != saved:
        assert time.monotonic() < end, f"the draft does not say {saved}"
        time.sleep(0.1)


def drag(page: Page, to: float) -> None:
    """Drag the line to a share of the width of the drawing."""
    plot = page.locator(".plot").bounding_box()
    at = page.locator(".line .grip").bounding_box()
    middle = at["y"] + at["height"] / 2
    page.mouse.move(at["x"] + at["width"] / 2, middle)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * (to + 0.1), middle, steps=5)
    page.mouse.move(plot["x"] + plot["width"] * to, middle, steps=5)
    page.mouse.up()


def test_the_line_is_dragged_and_survives_a_refresh(page: Page, handle: Locator, project: Project):
    before = metric(page, "Trainable").inner_text()
    drag(page, 0.5)
    half = round(len(outlined(project).blocks) / 2)
    expect(metric(page, "Trainable")).not_to_have_text(before)
    agree(page, project, half)
    expect(handle).to_have_attribute("aria-valuetext", re.compile(re.escape(outlined(project).blocks[half - 1].label)))
    page.reload()
    expect(handle).to_be_visible()
    agree(page, project, half)


def test_keys_move_the_line_keep_the_focus_and_change_the_numbers(page: Page, handle: Locator, project: Project):
    count = len(outlined(project).blocks)
    handle.focus()
    for keys, line in ((["Home"], 0), (["ArrowRight", "ArrowUp"], 2), (["ArrowLeft"], 1), (["End"], count)):
        before = metric(page, "Frozen").inner_text()
        for key in keys:
            page.keyboard.press(key)
        expect(metric(page, "Frozen")).not_to_have_text(before)
        agree(page, project, line)
        assert page.evaluate(FOCUS) == "Freeze line"
    page.keyboard.press("PageDown")
    expect(handle).to_have_attribute("aria-valuenow", str(count - round(count / 5)))


@pytest.mark.slow
def test_presets_slider_and_drawing_agree(page: Page, handle: Locator, project: Project):
    count = len(outlined(project).blocks)
    third = outlined(project).top_third
    for name, line in (("Top third", third), ("Everything", 0), ("Only my head", count)):
        page.get_by_role("radio", name=name).click()
        agree(page, project, line)
    page.get_by_test_id("stSlider").first.get_by_role("slider").press("ArrowLeft")
    agree(page, project, count - 1)


@pytest.mark.slow
def test_a_finger_drags_the_line_on_a_small_screen(browser: Browser, server: Server, project: Project, handle: Locator):
    phone = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = phone.new_page()
    page.goto(f"{server.url}/freeze?project={project.slug}")
    line = page.get_by_role("slider", name="Freeze line")
    expect(line).to_be_visible(timeout=LONG)
    page.locator(".plot").scroll_into_view_if_needed()
    plot = page.locator(".plot").bounding_box()
    y = plot["y"] + plot["height"] / 2
    session = phone.new_cdp_session(page)

    def touch(kind: str, share: float | None) -> None:
        points = [] if share is None else [{"x": plot["x"] + plot["width"] * share, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.99)
    for share in (0.9, 0.7, 0.5, 1 / 3):
        touch("touchMove", share)
    touch("touchEnd", None)

    agree(page, project, round(len(outlined(project).blocks) / 3))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    phone.close()
