"""Results of a run over 1,000 test pictures, in a browser: opening them, going to its mistakes, putting labels right.

    python -m tests.bench.results [--pictures 2400] [--rounds 5]

Targets: Results open within 1.5 s once the predictions are stored; correcting a label is answered within 0.3 s.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from tests.bench.servers import APP, DRAWN, PORT, browsing, serving
from tests.conftest import write_pictures
from tl_core import jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest
from tl_core.evaluation import sealed_test
from tl_core.files import read_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.wording import pictures
from tl_core.workspace import Workspace

LABELS = ("apple", "plum", "lime", "lemon")


def train(workspace: Path, pictures: int, wrong: int) -> RunFolder:
    """Return a real run whose test split, opened, holds some pictures under the name of another class."""
    project = Workspace.open(workspace).create_project("Fruit")
    with tempfile.TemporaryDirectory() as folder:
        write_pictures(Path(folder, "fruit"), dict.fromkeys(LABELS, pictures // len(LABELS)))
        source = Source("folder", str(Path(folder, "fruit")))
        importer.import_source(project, source, settings=SplitSettings(validation=0.1, test=1000 / pictures))
    test = manifest.load(project).split("test")
    for number, label in enumerate(LABELS):
        ids = test.loc[test["label"] == label, "id"].tolist()
        edits.move(project, random.Random(0).sample(ids, wrong), LABELS[number - 1])
    recipe = Recipe(
        manifest=manifest.load(project).version, backbone="efficientnet-lite0", image_size=64, seed=0, epochs=3
    )
    run = runs.create(project, recipe)
    jobs.execute(run.folder)
    sealed_test.evaluate(run.folder)
    return run


def seconds(page: Page, act: Callable[[], None], shown: str) -> float:
    """Return the seconds from an act until a text is on the page."""
    began = time.perf_counter()
    act()
    page.get_by_text(shown).first.wait_for()
    return time.perf_counter() - began


def open_results(page: Page) -> float:
    """Return the seconds from pressing Results on the Train page until the figures are drawn."""
    page.get_by_role("link", name="Train", exact=True).first.click()
    page.locator("h1", has_text="Train").wait_for()
    page.wait_for_function(DRAWN)
    page.wait_for_timeout(1000)
    began = time.perf_counter()
    page.get_by_role("link", name="Results", exact=True).first.click()
    page.get_by_text("Test accuracy").first.wait_for()
    page.wait_for_function(DRAWN)
    return time.perf_counter() - began


def relabel(page: Page, rounds: int) -> list[float]:
    """Return the seconds from "Change to …" until the page counts one more change, picture by picture."""
    page.get_by_text("Confident mistakes").click()
    page.locator("button.face").first.click()
    times = []
    for number in range(1, rounds + 1):
        button = page.get_by_role("button", name="Change to ")
        button.wait_for()
        page.wait_for_timeout(1500)
        times.append(seconds(page, button.click, f"{pictures(number)} relabelled"))
    return times


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=2400, help="of which 1,000 test (default: %(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="of each (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    with serving(APP, options.port) as server, browsing() as page:
        run = train(server.workspace, options.pictures, wrong=10)
        page.goto(f"{server.url}/train?project={run.project.slug}&run={run.id}")
        page.locator("h1", has_text="Train").wait_for()
        page.wait_for_timeout(15_000)  # until the workers are warm and idle
        opened = [open_results(page) for _ in range(options.rounds)]
        errors = seconds(page, page.get_by_text("Mistakes", exact=True).click, "Press a number of the matrix")
        labels = relabel(page, options.rounds)
        n = read_json(run.folder / "test.json")["n"]
    print(json.dumps(summary(n, opened, errors, labels)))


def summary(n: int, opened: list[float], errors: float, labels: list[float]) -> dict[str, Any]:
    """Return medians and single times in seconds."""
    return {
        "benchmark": "results",
        "test_pictures": n,
        "open": {"median": round(statistics.median(opened), 2), "all": [round(each, 2) for each in opened]},
        "mistakes": round(errors, 2),
        "relabel": {"median": round(statistics.median(labels), 2), "all": [round(each, 2) for each in labels]},
        "target": {"open": 1.5, "relabel": 0.3},
    }


if __name__ == "__main__":
    main()
