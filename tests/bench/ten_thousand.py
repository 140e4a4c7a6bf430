"""Import and training of many pictures: does memory grow with their number?

    python -m tests.bench.ten_thousand [--pictures 10000] [--variant head|fine-tune|live] [--engine]
    python -m tests.bench.ten_thousand --pictures 50000 --side 32 --image-size 32

The same is done with a tenth of the pictures and with all of them, each in processes of its own. Targets: no process
above 2.5 GB, next to no growth, and no more time for each picture than with a tenth of them. Without ``--engine`` it is
the command line (one process), with it the job engine and its workers.
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

from tests.bench import pictures
from tests.bench.memory import Watch

ROOT = Path(__file__).parents[2]
TARGET_MB = 2500
#: What each variant adds to the command line. "live" runs the frozen blocks again in every epoch, on changed pictures.
VARIANTS = {
    "head": ["--freeze", "all", "--epochs", "10"],
    "fine-tune": ["--epochs", "2", "--fine-tune-epochs", "1", "--augmentation", "off", "--freeze"],
    "live": ["--freeze", "all", "--epochs", "1", "--augmentation", "full", "--augmentation-variants", "0"],
}


def command(folder: Path, workspace: Path, options: argparse.Namespace) -> list[str]:
    """Return the command that imports the folder and trains on it."""
    module = ["tests.bench.by_engine"] if options.engine else ["tl_core", "train"]
    line = [options.freeze] if options.variant == "fine-tune" else []
    return [
        *(sys.executable, "-m", *module, str(folder), "--workspace", str(workspace), "--json"),
        *("--image-size", str(options.image_size), *VARIANTS[options.variant], *line),
    ]


def measure(count: int, options: argparse.Namespace) -> dict[str, Any]:
    """Import and train ``count`` pictures in processes of their own and return times and peaks."""
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        folder = pictures.write(Path(scratch, "pictures"), count, options.side)
        began = time.perf_counter()
        started = subprocess.Popen(
            command(folder, Path(scratch, "workspace"), options),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2"},
        )
        with Watch(started.pid) as watch:
            answer, _ = started.communicate()
        if started.returncode:
            raise SystemExit(f"Training {count} pictures ended with exit code {started.returncode}; see above.")
        report = json.loads(answer)
        seconds = round(time.perf_counter() - began, 1)
        return {
            "pictures": count,
            "counts": report["counts"],
            "validation": report["validation"],
            "seconds": {**report["seconds"], "all": seconds},
            "ms_per_picture": round(1000 * (seconds - report["seconds"]["import"]) / count, 2),
            "peaks": watch.peaks(),
            "course_of_largest": watch.course(watch.largest()),
        }


def main() -> None:
    """Measure a tenth and the whole, and print both and the growth."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=10_000)
    parser.add_argument(
        "--side", type=int, default=160, help="width of the pictures that are made (default: %(default)s)"
    )
    parser.add_argument("--image-size", type=int, default=96, help="in pixels (default: %(default)s)")
    parser.add_argument("--variant", choices=VARIANTS, default="head")
    parser.add_argument(
        "--freeze", default="block_14_add", help="block of the fine-tune variant (default: %(default)s)"
    )
    parser.add_argument("--engine", action="store_true", help="through the job engine instead of the command line")
    parser.add_argument("--scratch", type=Path, help="folder for pictures and workspace (default: the system's)")
    options = parser.parse_args()
    few, many = (measure(count, options) for count in (options.pictures // 10, options.pictures))
    peaks = [run["peaks"][0]["peak_mb"] for run in (few, many)]
    print(
        json.dumps(
            {
                "benchmark": "ten_thousand",
                "variant": options.variant,
                "by": "engine" if options.engine else "command line",
                "image_size": options.image_size,
                "freeze": options.freeze if options.variant == "fine-tune" else "all",
                "few": few,
                "many": many,
                "growth_mb": peaks[1] - peaks[0],
                "time_per_picture_ratio": round(many["ms_per_picture"] / few["ms_per_picture"], 2),
                "target": {
                    "peak_mb": TARGET_MB,
                    "time_per_picture_ratio": 1.0,
                    "met": peaks[1] < TARGET_MB and many["ms_per_picture"] <= few["ms_per_picture"],
                },
            }
        )
    )


if __name__ == "__main__":
    main()
