"""How long it takes to explain a picture, warm and cold, in one process and without the app.

    python -m tests.bench.explain FOLDER [--backbone efficientnet-lite0] [--scratch DIR]

FOLDER holds one folder of photographs for each class. A model is trained on it, quickly; then the first Grad-CAM, the
median of warm ones for both classes, the check by covering, the average over a class, and the maps by PCA and t-SNE are
timed. Target: a warm Grad-CAM within one second.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGETS = {"grad_cam_warm_seconds": 1.0}


def timed(work: Callable[[], Any]) -> float:
    """Return how many seconds a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def measure(folder: Path, backbone: str, root: Path) -> dict[str, Any]:
    """Train, explain, and return the seconds of each step."""
    from tl_core import jobs, runs
    from tl_core.dataset import manifest
    from tl_core.evaluation import predictions
    from tl_core.explain import class_maps, projection, service
    from tl_core.ingest import importer
    from tl_core.ingest.sources import Source
    from tl_core.progress import Progress
    from tl_core.recipe import Recipe
    from tl_core.workspace import Workspace

    workspace = Workspace.open(root)
    project = importer.project_for_folder(workspace, folder)
    importer.import_source(project, Source("folder", str(folder)))
    run = runs.create(project, Recipe(manifest=1, backbone=backbone, seed=0, epochs=3, image_size=224))
    jobs.execute(run.folder)
    stored = [predictions.load(run, split) for split in ("train", "validation")]
    splits = [each for each in stored if each is not None]
    paths = [str(manifest.image_path(project, id_)) for id_ in splits[0].ids[:20]]
    label = run.classes[0]
    figures: dict[str, Any] = {"backbone": backbone, "pictures": sum(map(len, splits))}
    figures["grad_cam_cold_seconds"] = timed(lambda: service.grad_cam(run.folder, paths[0]))
    warm = [timed(lambda path=path: service.grad_cam(run.folder, path, label)) for path in paths[1:]]
    figures["grad_cam_warm_seconds"] = statistics.median(warm)
    figures["grad_cam_warm_slowest_seconds"] = max(warm)
    figures["cover_seconds"] = statistics.median(
        timed(lambda: service.cover(run.folder, paths[0], label)) for _ in "123"
    )
    ids = class_maps.sample(splits[0], label)
    job = jobs.create_in(
        workspace, "class-map", run=str(run.folder), label=label, ids=ids, others=class_maps.others(splits[0], label)
    )
    figures["class_map_pictures"], figures["class_map_seconds"] = len(ids), timed(lambda: jobs.execute(job.folder))
    selection = projection.select(splits)
    figures["pca_seconds"] = timed(lambda: projection.principal(selection.features, 2))
    names = [each.split for each in splits]
    figures["tsne_seconds"] = timed(lambda: projection.run(root, Progress(), run=str(run.folder), parts=names))
    return figures


def main() -> None:
    """Measure and print what was found, with the target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--backbone", default="efficientnet-lite0")
    parser.add_argument("--scratch", type=Path, help="folder for the workspace (default: the system's)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.scratch) as scratch:
        figures = measure(options.folder.absolute(), options.backbone, Path(scratch))
    met = {name: figures[name] <= limit for name, limit in TARGETS.items()}
    print(json.dumps({"benchmark": "explain", **figures, "targets": TARGETS, "met": met}))


if __name__ == "__main__":
    main()
