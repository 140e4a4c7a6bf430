"""What experiments cost beside the first passes that they need, on the same pictures, each in a workspace of its own.

    python -m tests.bench.experiments FOLDER [--scratch DIR]

FOLDER holds one folder of photographs for each class, 1,000 or more in all. Prints one JSON object: seconds, and
seconds of processors. Targets: the shoot-out of the bundled networks takes no longer than 1.2 × their first passes;
the learning curve takes 60 s once the activations are there.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tl_core.dataset import manifest
from tl_core.experiments import experiment, learning_curve, pictures, shootout
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.registry import KINDS, load
from tl_core.workspace import Project, Workspace

TARGETS = {"shootout": 1.2, "learning_curve": 60.0}


def imported(folder: str, scratch: Path) -> Project:
    """Return a new project in a new workspace."""
    project = Workspace.open(scratch).create_project("Bench")
    importer.import_source(project, Source("folder", folder))
    return project


def first_passes(project: Project) -> None:
    """Run each bundled network once over the pictures."""
    version = manifest.load(project).version
    asked = pictures.asked(project, version)
    for each in shootout.offered(project.workspace):
        if each.bundled:
            cache = pictures.activations(project, version, each.id, len(asked.questions.classes), Progress())
            pictures.features(project, cache, asked.questions.ids, Progress())


def measured(work: Callable[[], object]) -> dict[str, float]:
    """Return how long something takes."""
    began, used = time.perf_counter(), time.process_time()
    work()
    return {"seconds": time.perf_counter() - began, "processor_seconds": time.process_time() - used}


def main() -> None:
    """Measure, and print."""
    options = argparse.ArgumentParser()
    options.add_argument("folder")
    options.add_argument("--scratch", default=tempfile.gettempdir())
    given = options.parse_args()
    load(KINDS["shootout"].function)
    with tempfile.TemporaryDirectory(dir=given.scratch) as scratch:
        first, second = (imported(given.folder, Path(scratch) / name) for name in ("first", "second"))
        bundled = [each.id for each in shootout.offered(first.workspace) if each.bundled]
        passes = measured(lambda: first_passes(first))
        shoot = measured(lambda: experiment.execute(shootout.create(second, bundled), Progress()))
        curve = measured(lambda: experiment.execute(learning_curve.create(second), Progress()))
    found = {
        "first_passes": passes,
        "shootout": shoot,
        "learning_curve": curve,
        "ratio": shoot["seconds"] / passes["seconds"],
        "processor_ratio": shoot["processor_seconds"] / passes["processor_seconds"],
        "targets": TARGETS,
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
