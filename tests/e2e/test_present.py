"""A presentation in a real browser: the answer and its chart and nothing else, through a reload, until Escape."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server, drawn
from tests.e2e.test_accessibility import faults_in_both_themes
from tl_core.runs import RunFolder

#: More than what is asked for on a projector, and a phone.
SIZES = ({"width": 1920, "height": 1080}, {"width": 390, "height": 844})


def test_train_is_presented_until_escape(page: Page, server: Server, run: RunFolder):
    page.goto(f"{server.url}/train?project={run.project.slug}&run={run.id}")
    steps = page.get_by_role("link", name="Network")
    expect(steps.first).to_be_visible()
    page.get_by_role("button", name="Present").click()

    answer = page.get_by_role("heading", level=1)
    expect(answer).to_contain_text("%")
    expect(steps).to_have_count(0)
    page.reload()
    expect(answer).to_contain_text("%")
    for size in SIZES:
        page.set_viewport_size(size)
        drawn(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        assert float(answer.evaluate("element => getComputedStyle(element).fontSize").removesuffix("px")) >= 36
    assert not faults_in_both_themes(page)

    page.keyboard.press("Escape")
    expect(steps.first).to_be_visible()
    assert "present" not in page.url


@pytest.mark.parametrize(("place", "shown"), [("experiments", "No race has been run yet"), ("try_it", "Pause")])
@pytest.mark.slow
def test_the_others_are_presented_by_their_address(page: Page, server: Server, run: RunFolder, place: str, shown: str):
    page.goto(f"{server.url}/{place}?project={run.project.slug}&run={run.id}&present=1")
    leave = page.get_by_role("button", name="Leave")
    expect(leave).to_be_visible()
    expect(page.get_by_text(shown).first).to_be_visible()
    expect(page.get_by_role("link", name="Network")).to_have_count(0)
    assert not faults_in_both_themes(page)

    leave.click()
    expect(page.get_by_role("link", name="Network").first).to_be_visible()
