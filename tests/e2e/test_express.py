"""The express way in a real browser: so few presses lead from Home to the first answer."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, Playwright, expect

from tests.e2e.conftest import LONG, Server, drawn, filming
from tests.films import film
from tl_core.ingest import bundled
from tl_core.workspace import Workspace


class Hand:
    """Presses, and counts."""

    def __init__(self) -> None:
        self.presses = 0

    def press(self, what: Locator) -> None:
        what.click(timeout=LONG)
        self.presses += 1


@pytest.mark.slow
def test_a_sample_takes_three_presses_and_one_for_an_answer(page: Page, server: Server):
    hand = Hand()
    page.goto(f"{server.url}/")
    hand.press(page.get_by_role("button", name="Brick, grass, gravel", exact=True))
    hand.press(page.get_by_role("button", name="Train now"))
    hand.press(page.get_by_role("link", name="Try it on pictures that it has not seen"))
    expect(page.get_by_text("The model has not learned from any of them.")).to_be_visible(timeout=LONG)
    hand.press(page.locator(".face").first)

    expect(page.get_by_role("heading", name="Your model says")).to_be_visible(timeout=LONG)
    assert hand.presses <= 4


@pytest.mark.slow
def test_a_folder_of_ones_own_takes_six_presses_at_most(page: Page, server: Server, pictures: Path):
    hand = Hand()
    page.goto(f"{server.url}/")
    expect(page.locator(".zone")).to_have_attribute("aria-busy", "false")
    with page.expect_file_chooser() as chooser:
        hand.press(page.get_by_role("button", name="Choose a folder"))
    chooser.value.set_files(pictures)
    hand.press(page.get_by_role("button", name="Import", exact=True))
    hand.press(page.get_by_role("button", name="Train now"))
    hand.press(page.get_by_role("link", name="Try it on pictures that it has not seen"))
    hand.press(page.locator(".face").first)

    expect(page.get_by_role("heading", name="Your model says")).to_be_visible(timeout=LONG)
    assert hand.presses <= 6


@pytest.mark.slow
def test_the_camera_takes_five_presses_and_the_recording(server: Server, playwright: Playwright, tmp_path: Path):
    hand, photographs = Hand(), dict(bundled.photographs())
    Workspace(server.workspace).create_project("Earlier")
    first, second = (
        film(tmp_path / f"{name}.mjpeg", Path(photographs[name]), at)
        for at, name in enumerate(("astronaut", "motorcycle"))
    )
    with filming(playwright, first) as page:
        page.goto(f"{server.url}/")
        hand.press(page.get_by_role("button", name="Camera", exact=True))
        recorded(page, "Class 1")
        address = page.url
    with filming(playwright, second) as page:
        page.goto(address)
        drawn(page)
        hand.press(page.get_by_role("button", name="Camera", exact=True).last)
        recorded(page, "Class 2")
        hand.press(page.get_by_role("button", name="Train now"))
        hand.press(page.get_by_role("link", name="Try it live with the camera"))
        expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
        assert page.locator(".live").get_attribute("data-answer") == "Class 2"
    assert hand.presses <= 5


def recorded(page: Page, label: str) -> None:
    """Hold the button of a class for four seconds; its camera is open."""
    hold = page.get_by_role("button", name=f"Hold to record pictures of {label}")
    expect(hold).to_be_enabled(timeout=LONG)
    hold.hover()
    page.mouse.down()
    time.sleep(4)
    page.mouse.up()
    expect(page.get_by_text("pictures added.")).to_be_visible(timeout=LONG)
