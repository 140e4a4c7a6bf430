"""A training with boxes by the command line: seconds by part, the largest process, and what the boxes are worth.

    python -m tests.bench.boxes FOLDER [--freeze LINE] [--test-fraction X]

FOLDER holds pictures with their boxes in any of the forms that are read. With a line the blocks after it are fine-tuned
once the head has learned. The test split is opened. Target: less than 2.5 GB.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.bench.journey import ROOT, command
from tests.bench.memory import Watch

TARGET_MB = 2500


def trained(workspace: Path, *arguments: str) -> tuple[dict[str, Any], float, Watch]:
    """Train; return what was printed, the seconds that it took, and the memory of its processes."""
    began = time.perf_counter()
    full = [sys.executable, "-m", "tl_core", "train", *arguments, "--workspace", str(workspace), "--json"]
    quiet = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"}
    process = subprocess.Popen(full, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=quiet)
    with Watch(process.pid) as watch:
        said, _ = process.communicate()
    if process.returncode:
        raise RuntimeError(f"train ended with {process.returncode}")
    return json.loads(said), round(time.perf_counter() - began, 1), watch


def epochs_of(rows: list[dict[str, Any]], phase: str) -> dict[str, Any]:
    """Return the seconds of all epochs of a phase but the first, which makes the graph: measured and not measured."""
    own = [row for row in rows if row["phase"] == phase][1:]
    return {
        name: [row["seconds"] for row in own if (row["val_map50"] is not None) == measured]
        for name, measured in (("measured", True), ("not_measured", False))
    }


def precision(results: dict[str, Any]) -> dict[str, Any]:
    return {name: results["precision"][name] for name in ("map50", "interval", "map50_95", "pictures")}


def main() -> None:
    """Train and evaluate once, and print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--freeze", default="all")
    parser.add_argument("--test-fraction", default="0.15")
    options = parser.parse_args()
    chosen = ("--kind", "boxes", "--freeze", options.freeze, "--test-fraction", options.test_fraction)
    with tempfile.TemporaryDirectory() as scratch:
        value, seconds, watch = trained(Path(scratch), str(options.folder.absolute()), *chosen)
        tested, _ = command(Path(scratch), "evaluate", value["run"])
    largest = watch.peaks()[0]
    summary = {
        "benchmark": "boxes",
        "freeze": options.freeze,
        "counts": value["counts"],
        "seconds": {"train_command": seconds, **{name: round(part, 1) for name, part in value["seconds"].items()}},
        "epochs": {phase: epochs_of(value["history"], phase) for phase in ("head", "fine-tune")},
        "largest": largest,
        "target_mb": TARGET_MB,
        "target_met": int(largest["peak_mb"]) < TARGET_MB,
        "best": value["best"],
        "validation": precision(value["boxes"]),
        "test": precision(tested),
    }
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
