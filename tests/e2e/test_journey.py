"""The whole way in a real browser, from upload to the file of the model; Stop; coming back after a server's end."""

import os
import re
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.conftest import write_pictures
from tests.e2e.conftest import LONG, Server, serving
from tl_core import runs
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Head, Recipe
from tl_core.workspace import Workspace


def go_on(page: Page, label: str) -> None:
    """Follow the link to the next step."""
    page.locator(".st-key-next-step").get_by_role("link", name=re.compile(label)).click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_from_a_folder_to_a_right_prediction(page: Page, server: Server, tmp_path: Path):
    asked: set[str] = set()
    page.on("request", lambda request: asked.add(request.url.split("/")[2]))
    folder = write_pictures(tmp_path / "fruit", {"apple": 20, "plum": 20})
    project = Workspace(server.workspace).create_project("Journey")
    page.goto(f"{server.url}/images?project={project.slug}")
    page.locator("input.folder").set_input_files(folder)
    page.get_by_role("button", name="Import", exact=True).click(timeout=LONG)
    expect(page.get_by_text("Import report")).to_be_visible(timeout=LONG)

    go_on(page, "Network")
    expect(page.get_by_text("Accuracy on everyday things").first).to_be_visible()
    go_on(page, "Freeze")
    expect(page.get_by_text("only your new head trains")).to_be_visible(timeout=LONG)
    go_on(page, "Train")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_role("heading", name=re.compile("Trained"))).to_be_visible(timeout=LONG)
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    accuracy = page.get_by_test_id("stMetric").filter(has_text="Validation accuracy").get_by_test_id("stMetricValue")
    assert accuracy.inner_text() == "100%"

    page.reload()
    expect(page.get_by_role("heading", name=re.compile("Trained"))).to_be_visible()
    go_on(page, "Results")
    expect(page.get_by_text("so this accuracy is slightly optimistic")).to_be_visible(timeout=LONG)
    page.get_by_role("radio", name="Test", exact=True).click()
    page.get_by_role("button", name="Open the test pictures").click()
    expect(page.get_by_text("Opened once for this run")).to_be_visible(timeout=LONG)
    go_on(page, "Try it")
    page.locator("input.files").set_input_files(unseen(tmp_path))
    expect(page.get_by_role("heading", name=re.compile("plum"))).to_be_visible(timeout=LONG)
    page.reload()
    expect(page.get_by_role("heading", name=re.compile("plum"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Before your training", exact=True)).to_be_visible()
    go_on(page, "Take away")
    page.locator(".st-key-make-onnx").get_by_role("button").click()
    with page.expect_download(timeout=LONG) as waiting:
        page.locator(".st-key-download-onnx").get_by_role("button").click(timeout=LONG)
    with zipfile.ZipFile(waiting.value.path()) as bundle:
        assert {"model.onnx", "labels.txt", "example.py"} <= set(bundle.namelist())
    assert asked - {""} == {server.url.removeprefix("http://")}, "the browser asks nobody but this machine"


def unseen(folder: Path) -> Path:
    """Write a bluish picture that is none of the training pictures."""
    noise = np.random.default_rng(99).integers(-40, 40, (48, 48, 3))
    path = folder / "unseen.jpg"
    Image.fromarray(np.clip(np.array([40, 60, 230]) + noise, 0, 255).astype("uint8")).save(path)
    return path


def long_run(workspace: Workspace, folder: Path) -> runs.RunFolder:
    """Return a run that takes longer than any test, not yet started."""
    project = workspace.create_project("Long")
    source = Source("folder", str(write_pictures(folder, {"red": 12, "blue": 12})))
    importer.import_source(project, source)
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "patience": 1000, "learning_rate": 1e-6}
    return runs.create(project, Recipe(manifest=1, epochs=1000, head=Head(activation="sigmoid"), **options))


def epochs(run: runs.RunFolder) -> int:
    return sum(event.event == "epoch" for event in run.job.events())


def wait(condition, seconds: float = LONG / 1000) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


@pytest.mark.slow
def test_stop_a_closed_tab_and_a_second_browser(page: Page, server: Server, tmp_path: Path):
    run = long_run(Workspace(server.workspace), tmp_path / "long")
    run.job.stop()
    address = f"{server.url}/train?project={run.project.slug}&run={run.id}"
    page.goto(address)
    page.get_by_role("button", name="Resume").click()
    wait(lambda: epochs(run) >= 2)
    page.close()
    kept = epochs(run)
    wait(lambda: epochs(run) > kept)

    second = page.context.browser.new_context().new_page()
    second.goto(address)
    expect(second.get_by_text(re.compile("The head learns: epoch"))).to_be_visible()
    pressed = time.monotonic()
    second.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
    wait(lambda: not run.job.active, 20)
    assert time.monotonic() - pressed < 20
    expect(second.get_by_role("heading", name=re.compile("Stopped"))).to_be_visible()
    assert run.ready
    second.close()


@pytest.mark.slow
def test_a_run_outlives_its_server(page: Page, tmp_path: Path):
    run = long_run(Workspace.open(tmp_path / "workspace"), tmp_path / "long")
    run.job.stop()
    with serving(tmp_path / "workspace", tmp_path / "first.log") as first:
        page.goto(f"{first.url}/train?project={run.project.slug}&run={run.id}")
        page.get_by_role("button", name="Resume").click()
        wait(lambda: epochs(run) >= 2)
        os.kill(first.process.pid, 9)
        first.process.wait()
    kept = epochs(run)
    with serving(tmp_path / "workspace", tmp_path / "second.log") as second:
        page.goto(second.url)
        expect(page.get_by_text("A training run was interrupted.")).to_be_visible()
        page.get_by_role("button", name="Resume").click()
        expect(page.get_by_text(re.compile("The head learns: epoch"))).to_be_visible(timeout=LONG)
        wait(lambda: epochs(run) > kept)
        assert [event.epoch for event in run.job.events() if event.event == "epoch"][kept] in (kept, kept + 1)
        page.get_by_test_id("stMain").get_by_role("button", name="Stop").click()
        wait(lambda: not run.job.active)
