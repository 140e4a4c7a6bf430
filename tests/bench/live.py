"""Live answers a second on Try it, from the camera to the bars in a real browser, and where the time goes.

    python -m tests.bench.live [--seconds 10] [--keep FOLDER]

Two films of bundled photographs are two classes of EfficientNet-Lite0 with everything frozen; the browser films one of
them. ``--keep`` leaves the workspace there, and takes it from there the next time.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import LONG, expect, filming, serving
from tests.films import film
from tl_core import jobs, runs
from tl_core.dataset import image, manifest
from tl_core.evaluation import predict, unknowns
from tl_core.ingest import bundled, importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

TARGET = 5.0
#: How often the model is trained again.
TIMES = 3
FILMED = ("astronaut", "motorcycle")
WATCH = """element => {
    window.heard = [];
    const note = () => window.heard.push([performance.now(), element.dataset.answer]);
    new MutationObserver(note).observe(element, {attributes: true, attributeFilter: ["data-answers"]});
}"""


def made(place: Workspace, films: dict[str, Path]) -> RunFolder:
    """Return the run of this workspace, trained on every fourth frame of each film; made if there is none."""
    for project in place.projects():
        return runs.of_project(project)[0]
    project = place.create_project("Live")
    for label, filmed in films.items():
        frames = filmed.read_bytes().split(b"\xff\xd8\xff\xe0")[1::4]
        with tempfile.TemporaryDirectory() as folder:
            for number, frame in enumerate(frames):
                Path(folder, f"{number}.jpg").write_bytes(b"\xff\xd8\xff\xe0" + frame)
            importer.import_source(project, Source("folder", folder), label=label, group=f"take {label}")
    options = {"backbone": "efficientnet-lite0", "image_size": 224, "seed": 0, "solver": "lbfgs"}
    run = runs.create(project, Recipe(manifest=manifest.load(project).version, **options))
    jobs.execute(run.folder)
    return run


def parts(run: RunFolder) -> dict[str, float]:
    """Return the milliseconds of each part of an answer, in this process."""
    data = manifest.image_path(run.project, manifest.load(run.project).table["id"].iloc[0]).read_bytes()
    model = predict.load(run)
    pixels = predict._pixels([data], model)
    features, probabilities = model.infer(pixels)
    return {
        "decode": _median(lambda: image.decode(data, {})),
        "resize": _median(lambda: predict._pixels([data], model)),
        "network": _median(lambda: model.infer(pixels)),
        "refusal": _median(lambda: unknowns.judge(run, features, probabilities)),
        "all": _median(lambda: predict.predict(run.folder, [data], False)),
    }


def _median(work: Callable[[], object], times: int = 20) -> float:
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return round(1000 * statistics.median(seconds), 1)


def watched(run: RunFolder, filmed: Path, label: str, seconds: float) -> dict[str, float]:
    """Return answers a second in the browser, and the share of those that are right."""
    place = run.project.workspace
    with (
        serving(place.root, place.root / "server.log") as server,
        sync_playwright() as playwright,
        filming(playwright, filmed) as page,
    ):
        page.goto(_live(run, server.url))
        expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
        page.locator(".live").evaluate(WATCH)
        time.sleep(seconds)
        heard = page.evaluate("window.heard")
        again = [trained_again(page, run, server.url) for _ in range(TIMES)]
    trained, live = map(statistics.median, zip(*again, strict=True))
    gaps = np.diff([at for at, _ in heard])
    return {
        "answers_a_second": round((len(heard) - 1) / ((heard[-1][0] - heard[0][0]) / 1000), 2),
        "median_ms_between": round(float(np.median(gaps)), 1),
        "right": round(sum(answer == label for _, answer in heard) / len(heard), 4),
        "answers": len(heard),
        "trained_again_s": round(trained, 2),
        "live_again_s": round(live, 2),
    }


def trained_again(page: Page, run: RunFolder, url: str) -> tuple[float, float]:
    """Return the seconds from “Train again” until it is said to be trained, and until the new model answers live."""
    _add_a_frame(run)
    page.goto(_live(run, url))
    expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)
    before = page.locator(".live").get_attribute("data-by")
    page.get_by_role("button", name="Train again").click()
    began = time.perf_counter()
    expect(page.get_by_text("Trained again").first).to_be_visible(timeout=LONG)
    trained = time.perf_counter() - began
    expect(page.locator(".live")).not_to_have_attribute("data-by", before, timeout=LONG)
    return trained, time.perf_counter() - began


def _add_a_frame(run: RunFolder) -> None:
    """Add a frame, another each time, to the class that is filmed: noise tells it from those that are there."""
    noise = np.random.default_rng(time.time_ns()).integers(0, 256, (240, 240, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        Image.fromarray(noise).save(Path(folder, "frame.png"))
        importer.import_source(run.project, Source("folder", folder), label=FILMED[0], group="take")


def _live(run: RunFolder, url: str) -> str:
    return f"{url}/try_it?project={run.project.slug}&run={run.id}&try-way=Camera"


def main() -> None:
    """Print how many answers a second there are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--keep", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        photographs = dict(bundled.photographs())
        films = {
            name: film(Path(scratch, f"{name}.mjpeg"), Path(photographs[name]), at) for at, name in enumerate(FILMED)
        }
        run = made(Workspace.open(options.keep or Path(scratch, "workspace")), films)
        shown = watched(run, films[FILMED[0]], FILMED[0], options.seconds)
        timed = parts(run)
    met = shown["answers_a_second"] >= TARGET
    load = os.getloadavg()[0]
    print(json.dumps({"benchmark": "live", **shown, "ms": timed, "load": load, "target": TARGET, "met": met}))


if __name__ == "__main__":
    main()
