"""One recipe, ended at random moments or repeated in the app's workers: is the result always the same?

    python -m tests.bench.repeat [--of copies] [--ends 20] [--repeats 50] [--seed 0] [--scratch DIR]

What is trained has all that draws random numbers: order, dropout, augmentation, fine-tuning, and a cross-validation at
its end. The examples are 24 made pictures (48 with several labels, 24 with boxes), or the texts of the sample, so that
a run takes seconds. ``--of`` chooses what is trained, see ``SUBJECTS``.

- **Ends.** Each run starts with nothing stored, in a process of its own. At a random moment of the time that an
  undisturbed run takes it gets a SIGKILL, is stopped, or pauses for others, in turn; then it goes on.
- **Repeats.** The runs go through the engine of the app, one after the other, every other one with nothing stored,
  while the interactive worker draws outlines.

A result is the history without times, and all numbers that are stored with the run: logits, features, boxes found, and
the cross-validation. It is equal if no bit differs. Target: all of them.
"""

import argparse
import hashlib
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests import tagged
from tests.conftest import share_weights
from tests.core.boxes.test_importer import folder_of
from tests.core.hues import LINE, project_of_hues, recipe
from tl_core import api, jobs, runs
from tl_core.boxes import importer
from tl_core.dataset import manifest
from tl_core.engine import Engine
from tl_core.ingest.sources import Source
from tl_core.networks import tables
from tl_core.recipe import Head, Recipe
from tl_core.runs import METRICS, RunFolder
from tl_core.tasks import table as tasks
from tl_core.text.sample import SHOP
from tl_core.workspace import Project, Workspace

HEAD = {
    "head": Head(centred=True),
    "epochs": 4,
    "freeze": LINE,
    "fine_tune_epochs": 3,
    "fine_tune_learning_rate": 1e-4,
    "label_smoothing": 0.1,
    "schedule": "cosine",
    "weight_decay": 0.05,
    "block_decay": 0.8,
    "augmentation": "full",
}


@dataclass(frozen=True)
class Subject:
    """What is trained.

    Attributes:
        project: makes it in a workspace; may use a folder of its own.
        recipe: of a run.
    """

    project: Callable[[Workspace, Path], Project]
    recipe: Callable[[Project], Recipe]


def usual(project: Project, **changes: Any) -> Recipe:
    """Return the recipe that is trained if nothing is chosen but ``changes``."""
    data = manifest.load(project)
    draft = tasks.of(project).draft(None, data).changed(**changes)
    network = tables.get(draft.backbone or tasks.of(project).network)
    return draft.recipe(data.version, len(data.classes), network)


def boxed(workspace: Workspace, folder: Path) -> Project:
    """Return a project of squares with boxes around them."""
    project = share_weights(workspace).create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(folder, 24))))
    return project


OUTLINES = ("efficientnet-lite1", "mobilenet-v2")
BLOCKS: dict[str, Any] = {"freeze": LINE, "image_size": 64, "epochs": 3, "fine_tune_epochs": 2}
BOXES: dict[str, Any] = {**BLOCKS, "freeze": "block_07_add", "batch_size": 4, "augmentation_variants": 2}
SUBJECTS = {
    "usual": Subject(project_of_hues, partial(usual, image_size=64)),
    "copies": Subject(project_of_hues, partial(recipe, **HEAD, augmentation_variants=2)),
    "live": Subject(project_of_hues, partial(recipe, **HEAD, augmentation_variants=0)),
    "tags": Subject(
        lambda workspace, folder: api.import_folder(share_weights(workspace), tagged.lay(folder, 48))[0],
        partial(usual, **BLOCKS, augmentation="full", augmentation_variants=2),
    ),
    "boxes": Subject(boxed, partial(usual, **BOXES)),
    "texts": Subject(
        lambda workspace, folder: api.import_texts(share_weights(workspace), SHOP)[0],
        partial(usual, freeze="block_11_out", epochs=3, fine_tune_epochs=2, solver="adam"),
    ),
}
#: Ways in which a run ends before its time, each with what asks for it; None for a SIGKILL.
ENDS: dict[str, Callable[[jobs.Job], None] | None] = {
    "killed": None,
    "stopped": jobs.Job.stop,
    "paused": jobs.Job.end_turn,
}


def new_run(project: Project, subject: Subject) -> RunFolder:
    """Write a run that waits to be trained."""
    return runs.create(project, subject.recipe(project))


def result(run: RunFolder) -> dict[str, np.ndarray]:
    """Return the numbers of a run that is done."""
    report = run.report()
    assert report is not None, f"{run.folder} is {run.job.state}: {run.job.status().error}"
    history = [[getattr(row, name) for name in METRICS] for row in report.history]
    numbers = {"history": np.nan_to_num(np.array(history, float), nan=-1)}  # there may be no mAP, for one
    for path in run.folder.glob("*.npz"):
        with np.load(path) as stored:
            numbers |= {
                f"{path.stem}/{name}": stored[name] for name in stored.files if stored[name].dtype.kind in "iuf"
            }
    return {name: values for name, values in numbers.items() if not name.endswith("seconds")}


def digest(numbers: dict[str, np.ndarray]) -> str:
    """Return a name of a result that two results share if no bit differs."""
    return hashlib.sha256(b"".join(numbers[name].tobytes() for name in sorted(numbers))).hexdigest()[:12]


def compared(results: list[dict[str, np.ndarray]], first: dict[str, np.ndarray]) -> dict[str, Any]:
    """Return how many results equal the first to the bit, how many different ones there are, and how far apart."""
    apart = [
        max(float(np.abs(each[name] - first[name]).max()) if name in each else np.inf for name in first)
        for each in results
    ]
    return {
        "results": len(results),
        "equal": sum(digest(each) == digest(first) for each in results),
        "different_ones": len({digest(each) for each in [*results, first]}),
        "largest_difference": max(apart),
    }


def stage(run: RunFolder) -> str:
    """Return how far a run was when it was killed: its phase and the number of its finished epochs."""
    events = run.job.events()
    phase = [event.phase for event in events if event.event == "phase"]
    return f"{phase[-1] if phase else 'start'} after {len(run.history().rows)} epochs"


def trained(folder: Path, context: Any, end: str = "killed", after: float | None = None) -> tuple[float, bool]:
    """Run a job in a process of its own; return the seconds since its first event, and whether it was ended."""
    job = jobs.Job(folder)
    before = len(job.events())
    process = context.Process(target=jobs.execute, args=(folder,))
    process.start()
    while process.is_alive() and len(job.events()) == before:
        time.sleep(0.01)
    began = time.perf_counter()
    process.join(after)
    ended = process.is_alive()
    if ended and (ask := ENDS[end]):
        ask(job)
    elif ended:
        process.kill()
    process.join()
    return time.perf_counter() - began, ended and job.state != "done"


def ends(base: Path, scratch: Path, ways: list[str], count: int, chance: random.Random) -> dict[str, Any]:
    """End that many runs once each, in these ways in turn, and let them go on; compare all with one left alone."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras", "tl_core.training.train"])

    def copy(name: str) -> RunFolder:
        shutil.copytree(base, scratch / name, symlinks=True)
        return RunFolder(next((scratch / name).glob("projects/*/runs/*")))

    trained(copy("first").folder, context)  # converts the network for all
    alone = copy("alone")
    seconds, _ = trained(alone.folder, context)
    results, stages = [], Counter[str]()
    while len(results) < count:
        run, end = copy(f"ended-{time.time_ns()}"), ways[len(results) % len(ways)]
        _, ended = trained(run.folder, context, end, chance.uniform(0, seconds))
        if ended:
            where = f"{end} in {stage(run)}"
            stages[where] += 1
            run.job.claim()
            trained(run.folder, context)
            results.append(result(run))
            print(where, digest(results[-1]), file=sys.stderr, flush=True)
        shutil.rmtree(run.project.workspace.root)
    return {**compared(results, result(alone)), "seconds_alone": round(seconds, 1), "ended": dict(stages)}


def repeats(project: Project, subject: Subject, count: int) -> dict[str, Any]:
    """Train one recipe that often in the app's workers; compare all with the first."""
    workspace, engine, ended = project.workspace, Engine(), threading.Event()

    def draw() -> None:
        while not ended.wait(5):
            for network in OUTLINES:
                engine.ask("outline", str(workspace.root), network)

    neighbour = threading.Thread(target=draw)
    neighbour.start()
    results = []
    for number in range(count):
        if number % 2 == 0:
            shutil.rmtree(workspace.cache, ignore_errors=True)
        run = new_run(project, subject)
        engine.submit(run.job)
        while run.job.active:
            time.sleep(0.1)
        results.append(result(run))
        print("repeat", number, digest(results[-1]), file=sys.stderr, flush=True)
    ended.set()
    neighbour.join()
    engine.close()
    return compared(results, results[0])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--of", choices=SUBJECTS, default="copies", help="what is trained (default: %(default)s)")
    parser.add_argument("--ends", type=int, default=20)
    parser.add_argument("--only", choices=ENDS, help="end runs in this way alone")
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: %(default)s)")
    parser.add_argument("--scratch", type=Path, help="folder for the workspaces (default: the system's)")
    options = parser.parse_args()
    subject, ways = SUBJECTS[options.of], [options.only] if options.only else list(ENDS)
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = Path(folder)
        project = subject.project(Workspace.open(scratch / "base"), scratch / "examples")
        new_run(project, subject)
        summary: dict[str, Any] = {"benchmark": "repeat", "of": options.of}
        if options.ends:
            summary["ends"] = ends(scratch / "base", scratch, ways, options.ends, random.Random(options.seed))
        if options.repeats:
            summary["repeats"] = repeats(project, subject, options.repeats)
    counted = [each for each in summary.values() if isinstance(each, dict)]
    summary["target"] = {"all_equal": all(each["equal"] == each["results"] for each in counted)}
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
