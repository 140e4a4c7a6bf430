"""One recipe, killed at random moments and repeated in the app's workers: is the result always the same?

    python -m tests.bench.repeat [--kills 20] [--repeats 50] [--copies 2] [--seed 0] [--scratch DIR]

The recipe is the usual one with all that draws random numbers: order, dropout, augmentation, fine-tuning, and a
cross-validation at its end. The pictures are 24 made ones, so that a run takes seconds.

- **Kills.** Each run starts with nothing stored, in a process of its own; it gets a SIGKILL at a random moment of the
  time that an undisturbed run takes, and is resumed.
- **Repeats.** The runs go through the engine of the app, one after the other, every other one with nothing stored,
  while the interactive worker draws outlines.

A result is the history without times, the logits and features of training and validation, and the cross-validation. It
is equal if no bit differs. Target: all of them.
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
from pathlib import Path
from typing import Any

import numpy as np

from tests.core.hues import LINE, new_run, project_of_hues
from tl_core import jobs
from tl_core.engine import Engine
from tl_core.evaluation import crossval, predictions
from tl_core.recipe import Head
from tl_core.runs import METRICS, RunFolder
from tl_core.workspace import Workspace

RECIPE = {
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
OUTLINES = ("efficientnet-lite1", "mobilenet-v2")


def result(run: RunFolder) -> dict[str, np.ndarray]:
    """Return the numbers of a run that is done."""
    report, crossed = run.report(), crossval.load(run)
    assert report is not None, f"{run.folder} is {run.job.state}: {run.job.status().error}"
    numbers = {"history": np.array([[getattr(row, name) for name in METRICS] for row in report.history])}
    for split in ("train", "validation"):
        predicted = predictions.load(run, split)
        assert predicted is not None
        numbers |= {f"{split}_logits": predicted.logits, f"{split}_features": predicted.features}
    return numbers | ({"crossval": crossed.probabilities} if crossed else {})


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


def trained(folder: Path, context: Any, kill_after: float | None = None) -> tuple[float, bool]:
    """Run a job in a process of its own; return the seconds since its first event, and whether it was killed."""
    job = jobs.Job(folder)
    before = len(job.events())
    process = context.Process(target=jobs.execute, args=(folder,))
    process.start()
    while process.is_alive() and len(job.events()) == before:
        time.sleep(0.01)
    began = time.perf_counter()
    process.join(kill_after)
    killed = process.is_alive()
    if killed:
        process.kill()
        process.join()
    return time.perf_counter() - began, killed


def kills(base: Path, scratch: Path, count: int, chance: random.Random) -> dict[str, Any]:
    """Kill that many runs once each and resume them; compare them with one that was left alone."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["keras", "tl_core.training.train"])

    def copy(name: str) -> RunFolder:
        shutil.copytree(base, scratch / name)
        return RunFolder(next((scratch / name).glob("projects/*/runs/*")))

    alone = copy("alone")
    seconds, _ = trained(alone.folder, context)
    results, stages = [], Counter[str]()
    while len(results) < count:
        run = copy(f"killed-{time.time_ns()}")
        _, killed = trained(run.folder, context, chance.uniform(0, seconds))
        if killed:
            where = stage(run)
            stages[where] += 1
            run.job.claim()
            trained(run.folder, context)
            results.append(result(run))
            print("killed in", where, digest(results[-1]), file=sys.stderr, flush=True)
        shutil.rmtree(run.project.workspace.root)
    return {**compared(results, result(alone)), "seconds_alone": round(seconds, 1), "killed_in": dict(stages)}


def repeats(workspace: Workspace, count: int) -> dict[str, Any]:
    """Train one recipe that often in the app's workers; compare all with the first."""
    project, engine, ended = workspace.project("hues"), Engine(), threading.Event()

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
        run = new_run(project, **RECIPE)
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
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=50)
    parser.add_argument("--copies", type=int, default=2, help="augmented copies; 0 for live (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: %(default)s)")
    parser.add_argument("--scratch", type=Path, help="folder for the workspaces (default: the system's)")
    options = parser.parse_args()
    RECIPE["augmentation_variants"] = options.copies
    with tempfile.TemporaryDirectory(dir=options.scratch) as folder:
        scratch = Path(folder)
        workspace = Workspace.open(scratch / "base")
        new_run(project_of_hues(workspace, scratch / "pictures"), **RECIPE)
        summary: dict[str, Any] = {"benchmark": "repeat", "copies": options.copies}
        if options.kills:
            summary["kills"] = kills(scratch / "base", scratch, options.kills, random.Random(options.seed))
        if options.repeats:
            summary["repeats"] = repeats(workspace, options.repeats)
    counted = [each for each in summary.values() if isinstance(each, dict)]
    summary["target"] = {"all_equal": all(each["equal"] == each["results"] for each in counted)}
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
