"""None of these: how many pictures of other things a model refuses, and how many of its own classes by mistake.

    python -m tests.bench.strangers FOLDER [--others FOLDER] [--seeds 0 1 2 3 4]

The model is trained on the folder with no option but the seed. The other things are the pictures that scikit-image and
scikit-learn bring along, or those of a folder. At most 5% false refusals are allowed; the test pictures, opened once
for each seed, show how many there are. Target: at least 80% of the other things are refused.
"""

import argparse
import json
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.journey import command
from tl_core import runs
from tl_core.evaluation import predictions, unknowns
from tl_core.ingest import bundled
from tl_core.metrics import intervals
from tl_core.workspace import Workspace

TARGET = 0.8


def refusals(folder: Path, others: list[Path], seed: int) -> dict[str, Any]:
    """Train, open the test split, show the model other things, and count what it refuses."""
    with tempfile.TemporaryDirectory() as scratch:
        trained, _ = command(Path(scratch), "train", str(folder), "--seed", str(seed))
        command(Path(scratch), "evaluate", trained["run"])
        predicted, _ = command(Path(scratch), "predict", trained["run"], *map(str, others))
        run = runs.find(Workspace.open(scratch), trained["run"])
        result, known = predictions.load(run, "test"), unknowns.of(run)
        assert result is not None
        assert known is not None
        (row,) = unknowns.trade(known, result, [unknowns.REFUSED])
    answered = [each for each in predicted["predictions"] if not each["error"] and not each["known"]["refused"]]
    return {
        "seed": seed,
        "refused": len(predicted["predictions"]) - len(answered),
        "others": len(predicted["predictions"]),
        "answered": [Path(each["picture"]).name for each in answered],
        "false_refusals": row.n - row.answered,
        "test": row.n,
    }


def main() -> None:
    """Measure once for each seed and print all of it and the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=Path, help="a folder of pictures of other things")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    options = parser.parse_args()
    others = sorted(options.others.absolute().iterdir()) if options.others else list(bundled.photographs().values())
    measured = [refusals(options.folder.absolute(), others, seed) for seed in options.seeds]
    refused, shown, lost, tested = (
        sum(each[name] for each in measured) for name in ("refused", "others", "false_refusals", "test")
    )
    summary = {
        "benchmark": "strangers",
        "refused": round(refused / shown, 4),
        "false_refusals": round(lost / tested, 4),
        "false_refusals_interval": [round(each, 4) for each in intervals.rate_interval(lost, tested)],
        "target": {"refused": TARGET, "met": refused / shown >= TARGET},
    }
    print(json.dumps({**summary, "runs": measured}))


if __name__ == "__main__":
    main()
