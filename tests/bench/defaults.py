"""The default run against one whose head is centred: on all pictures that neither has learned from.

    python -m tests.bench.defaults FOLDER [--each 50] [--draws 3]

Of each class so many pictures are drawn and split into training and validation pictures; all others of the folder are
only predicted. Both runs of a draw have the same pictures and seed.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.bench.everything import drawn, trained, unseen
from tl_core import api, runs
from tl_core.dataset import manifest
from tl_core.metrics import intervals
from tl_core.networks import catalogue
from tl_core.recipe import Draft
from tl_core.workspace import Project, Workspace

DRAFTS = {"default": Draft(), "centred": Draft(head=replace(Draft().head, centred=True))}


def draw(project: Project, every: manifest.Manifest, each: int, seed: int) -> dict[str, float]:
    """Return the accuracy of each draft on unseen pictures, and the seconds of its epochs."""
    listed, row = drawn(project, every, each, seed, test=0), {}
    for name, draft in DRAFTS.items():
        recipe = replace(draft, seed=seed).recipe(listed.version, len(listed.classes), catalogue.get(None))
        run = trained(runs.create(project, recipe))
        row |= {name: unseen(run), f"{name} seconds": run.report().seconds["train"]}
    print(json.dumps({"seed": seed, **row}), file=sys.stderr, flush=True)
    return row


def main() -> None:
    """Measure draw by draw and print the means, and the gain with the interval of its mean."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=50, help="pictures of each class that are learned from")
    parser.add_argument("--draws", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        project = api.import_pictures(Workspace.open(scratch), options.folder.absolute())
        every = manifest.load(project)
        rows = [draw(project, every, options.each, seed) for seed in range(options.draws)]
    mean = {name: round(float(np.mean([row[name] for row in rows])), 4) for name in rows[0]}
    gained = [
        round(each, 4) for each in intervals.mean_interval(np.array([row["centred"] - row["default"] for row in rows]))
    ]
    print(json.dumps({"benchmark": "defaults", "mean": mean, "gain": gained, "draws": rows}))


if __name__ == "__main__":
    main()
