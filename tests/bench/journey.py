"""The command line with no option on a folder of photographs: seconds by part, and what the models are worth.

    python -m tests.bench.journey FOLDER [--seeds 0 1 2 3 4]

Target: at least 97% of held-out pictures right, on average. The test split is opened once for each seed.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TARGET = 0.97


def command(workspace: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """Run one command of the command line; return what it printed and the seconds it took."""
    began = time.perf_counter()
    full = [sys.executable, "-m", "tl_core", *arguments, "--workspace", str(workspace), "--json"]
    done = subprocess.run(
        full, cwd=ROOT, stdout=subprocess.PIPE, check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    )
    return json.loads(done.stdout), round(time.perf_counter() - began, 1)


def journey(folder: Path, seed: int) -> dict[str, Any]:
    """Train and evaluate in a workspace of their own; the seed is the only option, and none for seed 0."""
    with tempfile.TemporaryDirectory() as scratch:
        options = ["--seed", str(seed)] if seed else []
        trained, training = command(Path(scratch), "train", str(folder), *options)
        tested, testing = command(Path(scratch), "evaluate", trained["run"])
    parts = {name: round(seconds, 1) for name, seconds in trained["seconds"].items()}
    return {
        "seed": seed,
        "counts": trained["counts"],
        "epochs": len(trained["history"]),
        "seconds": {"train_command": training, **parts, "evaluate_command": testing},
        "validation": trained["validation"],
        "test": {name: tested[name] for name in ("accuracy", "n", "interval", "confusion")},
    }


def main() -> None:
    """Go the way once for each seed and print all of it and the mean test accuracy."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    runs = [journey(options.folder.absolute(), seed) for seed in options.seeds]
    accuracies = [run["test"]["accuracy"] for run in runs]
    mean = statistics.mean(accuracies)
    summary = {
        "benchmark": "journey",
        "test_accuracies": [round(accuracy, 4) for accuracy in accuracies],
        "mean_test_accuracy": round(mean, 4),
        "mean_validation_accuracy": round(statistics.mean(run["validation"]["accuracy"] for run in runs), 4),
        "median_seconds": statistics.median(run["seconds"]["train_command"] for run in runs),
        "target": {"mean_test_accuracy": TARGET, "met": mean >= TARGET},
    }
    print(json.dumps({**summary, "runs": runs}))


if __name__ == "__main__":
    main()
