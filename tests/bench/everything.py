"""Retrain on everything: how many more pictures that nobody has seen a model gets right once it learned from all.

    python -m tests.bench.everything FOLDER [--each 50] [--draws 5]

Of each class so many pictures are drawn, split and trained on as usual; all others of the folder are only predicted.
The run then learns once more from validation pictures, and once from test pictures, too.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from tl_core import api, jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import manifest, splits
from tl_core.draft import Draft
from tl_core.evaluation import everything
from tl_core.evaluation.inference import Reader
from tl_core.features.sources import Pictures
from tl_core.metrics import intervals
from tl_core.networks import catalogue, saved
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

KINDS = ("before", "with validation", "with test")


def drawn(
    project: Project, every: manifest.Manifest, each: int, seed: int, test: float = SplitSettings.test
) -> manifest.Manifest:
    """Return a version of the list in which so many pictures of each class are split and all others are unused."""
    chosen = every.table.groupby("label").sample(each, random_state=seed).assign(split="")
    split = splits.fill(chosen, SplitSettings(seed=seed, test=test)).set_index("id")["split"]
    table = every.table.assign(split=split.reindex(every.table["id"]).fillna("").to_numpy())
    return manifest.save(project, table, f"draw {seed}")


def unseen(run: RunFolder) -> pd.Series:
    """Return which of the pictures that are in no split a run gets right, by their id."""
    listed = manifest.load(run.project, run.recipe.manifest)
    rows = listed.table[listed.table["split"] == ""]
    paths = [manifest.image_path(run.project, id_) for id_ in rows["id"]]
    reader = Reader(run, saved.of_run(run))
    batches = reader.read(list(rows["id"]), Pictures(paths, run.recipe.image_size), Progress())
    predicted = np.concatenate([logits.argmax(1) for _, logits in batches])
    truth = np.array([run.classes.index(label) for label in rows["label"]])
    return pd.Series(predicted == truth, index=list(rows["id"]))


def trained(run: RunFolder) -> RunFolder:
    jobs.execute(run.folder)
    return run


def draw(project: Project, every: manifest.Manifest, each: int, seed: int) -> dict[str, float]:
    """Return the accuracy on unseen pictures, and the seconds, of a run and of what repeats it on everything."""
    listed, began = drawn(project, every, each, seed), time.perf_counter()
    recipe = Draft(seed=seed).recipe(listed.version, len(listed.classes), catalogue.get(None))
    before = trained(runs.create(project, recipe))
    accuracy = {KINDS[0]: float(unseen(before).mean())}
    for kind, test in zip(KINDS[1:], (False, True), strict=True):
        accuracy[kind] = float(unseen(trained(everything.create(before, test=test))).mean())
    print(json.dumps({"seed": seed, **accuracy, "seconds": time.perf_counter() - began}), file=sys.stderr, flush=True)
    return accuracy


def main() -> None:
    """Measure draw by draw and print the means, and the gains with the interval of their mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=50, help="pictures of each class that are learned from")
    parser.add_argument("--draws", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = api.import_pictures(Workspace.open(scratch), options.folder.absolute())
        every = manifest.load(project)
        rows = [draw(project, every, options.each, seed) for seed in range(options.draws)]
    mean = {kind: round(float(np.mean([row[kind] for row in rows])), 4) for kind in KINDS}
    gains = {kind: np.array([row[kind] - row[KINDS[0]] for row in rows]) for kind in KINDS[1:]}
    gained = {kind: [round(each, 4) for each in intervals.mean_interval(gain)] for kind, gain in gains.items()}
    print(json.dumps({"benchmark": "everything", "mean": mean, "gain": gained, "draws": rows}))


if __name__ == "__main__":
    main()
