"""The camera with boxes: a frame is saved and drawn on, the model learns it by one press, and the new one answers."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.core.boxes.test_importer import folder_of
from tests.e2e.conftest import LONG, Server, filming
from tests.e2e.test_boxes import place
from tests.films import film
from tl_core import jobs, runs
from tl_core.boxes import importer
from tl_core.dataset import manifest
from tl_core.ingest import bundled
from tl_core.ingest.sources import Source
from tl_core.networks.catalogue import get
from tl_core.tasks import table
from tl_core.workspace import Workspace


@pytest.mark.slow
def test_a_frame_is_drawn_on_and_learned_and_the_address_names_the_new_run(
    server: Server, playwright: Playwright, tmp_path: Path
):
    project = Workspace(server.workspace).create_project("Filmed boxes")
    importer.import_boxes(project, Source("folder", str(folder_of(tmp_path / "squares", 16))))
    data = manifest.load(project)
    draft = table.of(project).draft("efficientnet-lite0", data).changed(epochs=1, image_size=128)
    run = runs.create(project, draft.recipe(data.version, 2, get("efficientnet-lite0")))
    jobs.execute(run.folder)
    filmed = film(tmp_path / "film.mjpeg", Path(dict(bundled.photographs())["astronaut"]), 1)

    with filming(playwright, filmed) as page:
        page.goto(f"{server.url}/try_it?project={project.slug}&run={run.id}&try-way-boxes=Camera")
        expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
        _save_and_draw(page)
        page.goto(f"{server.url}/try_it?project={project.slug}&run={run.id}&try-way-boxes=Camera")
        expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
        before = page.locator(".live").get_attribute("data-by")
        page.get_by_role("button", name="Train again").click()
        expect(page.locator(".live")).not_to_have_attribute("data-by", before or "", timeout=3 * LONG)
        newest = runs.of_project(project)[0]
        assert newest.id != run.id
        expect(page).to_have_url(re.compile(f"run={newest.id}"))
        page.wait_for_timeout(4000)
        assert f"run={newest.id}" in page.url
        expect(page.get_by_role("button", name="Train again")).to_have_count(0)
        page.reload()
        expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
        assert f"run={newest.id}" in page.url


def _save_and_draw(page: Page) -> None:
    page.get_by_role("button", name="Look closer, or save this frame").click()
    page.get_by_role("button", name="Save this frame and draw").click(timeout=LONG)
    stage = page.locator(".stage")
    expect(stage.locator("svg")).to_be_visible(timeout=LONG)
    page.mouse.move(*place(stage, 0.2, 0.2))
    page.mouse.down()
    page.mouse.move(*place(stage, 0.5, 0.6), steps=3)
    page.mouse.up()
    expect(page.locator(".pick")).to_have_count(1)
    expect(page.locator(".saved")).to_have_text("Saved")
