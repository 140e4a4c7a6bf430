"""How long each format takes to make and prove, how large it is, and whether it answers as the app does.

    python -m tests.bench.exports FOLDER [--backbone ID …] [--format ID …] [--scratch DIR]

FOLDER holds one folder of photographs for each class. On each network a model is trained quickly; where its weights are
not on this machine it begins with random ones, which changes neither time nor size. Target: the formats of 8 bits name
the same class for 97% of the photographs.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

BACKBONES = ("efficientnet-lite0", "mobilenet-v2", "resnet50")
TARGETS = {"same_class_8_bits": 0.97}


def measure(folder: Path, backbone: str, asked: list[str], root: Path) -> list[dict[str, Any]]:
    """Train on a network, export the run in every format, and return the figures of each."""
    from tl_core import api, jobs
    from tl_core.draft import Draft
    from tl_core.errors import InputError
    from tl_core.export import formats
    from tl_core.networks import catalogue, weights

    workspace = api.open_workspace(root)
    project = api.import_pictures(workspace, folder)
    there = weights.status(catalogue.get(backbone), workspace).state == "here"
    draft = Draft(backbone=backbone, image_size=224, epochs=10, weights="imagenet" if there else "random")
    run, figures = api.train(project, draft), []
    for name in asked or [each.id for each in formats.FORMATS]:
        job = jobs.create_in(workspace, "export", run=str(run.folder), format=name)
        began = time.perf_counter()
        row: dict[str, Any] = {"backbone": backbone, "weights": draft.weights, "format": name}
        try:
            made: Any = jobs.execute(job.folder)
        except InputError as problem:
            figures.append({**row, "left_out": str(problem)})
            continue
        row |= {"seconds": time.perf_counter() - began, "bundle_bytes": made.bytes, "not_proved": made.not_proved}
        if made.proof:
            row |= {"same_class": made.proof.agree / made.proof.n, **vars(made.proof)}
        figures.append(row)
    return figures


def main() -> None:
    """Measure the networks that were asked for and print one JSON object."""
    options = argparse.ArgumentParser(description="Make and prove every format.")
    options.add_argument("folder", type=Path)
    options.add_argument("--backbone", nargs="+", default=list(BACKBONES))
    options.add_argument("--format", nargs="+", default=[])
    options.add_argument("--scratch", type=Path)
    given = options.parse_args()
    with tempfile.TemporaryDirectory(dir=given.scratch) as root:
        rows = [
            row
            for backbone in given.backbone
            for row in measure(given.folder, backbone, given.format, Path(root, backbone))
        ]
    print(json.dumps({"targets": TARGETS, "exports": rows}, indent=1))


if __name__ == "__main__":
    main()
