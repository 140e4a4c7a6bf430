"""The default run, or default fine-tuning, against what it was before: on all pictures that neither has learned from.

    python -m tests.bench.defaults FOLDER [--each 50] [--draws 3] [--line block_10_add] [--augmentation gentle]

Of each class so many pictures are drawn and split into training and validation pictures; all others of the folder are
only predicted. The runs of a draw have the same pictures and seed. With a line they fine-tune the blocks after it.
"""

import argparse
import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from tests.bench.everything import drawn, trained, unseen
from tl_core import api, runs
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.metrics import intervals
from tl_core.networks import catalogue
from tl_core.recipe import Head
from tl_core.workspace import Project, Workspace

#: What a draft was by default before its defaults were measured.
BEFORE = {
    "head": Head(activation="sigmoid", centred=True),
    "epochs": 20,
    "solver": "adam",
    "learning_rate": 2e-2,
    "schedule": "constant",
    "weight_decay": 0.0,
    "block_decay": 1.0,
    "label_smoothing": 0.0,
    "augmentation_size": "network",
    "fine_tune_epochs": 5,
    "fine_tune_learning_rate": 1e-5,
}
NAMES = ("before", "default")


def draw(project: Project, every: manifest.Manifest, each: int, seed: int, **chosen: str) -> dict[str, pd.Series]:
    """Return which unseen pictures each draft gets right, by the id of the picture."""
    listed, right = drawn(project, every, each, seed, test=0), {}
    before = replace(Draft(**BEFORE), seed=seed, **chosen)  # nothing comes with its line
    for name, draft in zip(NAMES, (before, Draft(seed=seed).changed(**chosen)), strict=True):
        recipe = draft.recipe(listed.version, len(listed.classes), catalogue.get(None))
        run = trained(runs.create(project, recipe))
        right[name] = unseen(run)
        seconds = run.report().seconds
        said = {"seed": seed, name: round(float(right[name].mean()), 4), "train": seconds["train"]}
        print(json.dumps({**said, "features": seconds["features"]}), file=sys.stderr, flush=True)
    return right


def compared(draws: list[dict[str, pd.Series]]) -> dict[str, object]:
    """Return mean accuracies, the gain with the 95% interval of its mean, and McNemar's p with pictures as groups."""
    both = {name: pd.concat([right[name] for right in draws]) for name in NAMES}
    gains = np.array([float(right["default"].mean() - right["before"].mean()) for right in draws])
    ids = pd.factorize(both["before"].index)[0]
    p = intervals.mcnemar(both["before"].to_numpy(), both["default"].to_numpy(), ids)
    return {
        "mean": {name: round(float(right.mean()), 4) for name, right in both.items()},
        "gain": [round(each, 4) for each in intervals.mean_interval(gains)],
        "p": round(p, 4),
        "pictures": int(ids.max()) + 1,
        "draws": len(draws),
    }


def main() -> None:
    """Measure draw by draw and print what is gained."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--each", type=int, default=50, help="pictures of each class that are learned from")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--line", help="the last frozen block, if blocks are fine-tuned")
    parser.add_argument("--augmentation", choices=("off", "gentle", "full"), help="of both")
    options = parser.parse_args()
    given = {"freeze": options.line, "augmentation": options.augmentation}
    chosen = {name: value for name, value in given.items() if value}
    with tempfile.TemporaryDirectory() as scratch:
        project = api.import_pictures(Workspace.open(scratch), options.folder.absolute())
        every = manifest.load(project)
        draws = [draw(project, every, options.each, seed, **chosen) for seed in range(options.draws)]
    print(json.dumps({"benchmark": "defaults", **chosen, **compared(draws)}))


if __name__ == "__main__":
    main()
