"""Pictures that were looked at before Train is pressed: seconds from the press to the trained head.

    python -m tests.bench.ready FOLDER [--repeat 3]

FOLDER holds one folder of photographs for each class, 1,000 together. They are imported, the default network looks at
them by itself as it does in the app, and then the default run is submitted to the worker, as the press of Train does.
Every repetition has a workspace of its own. Target: 3 s.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.engine import Engine
from tl_core.files import to_json
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.jobs import Job
from tl_core.networks import tables
from tl_core.workspace import Workspace

TARGET = 3.0


def pressed(folder: Path, scratch: Path) -> dict[str, Any]:
    """Import, let the pass be made ahead, train; return the seconds of each."""
    project = Workspace.open(scratch).create_project("Ready")
    seconds = {"import": timed(lambda: importer.import_source(project, Source("folder", str(folder))))}
    data, draft = manifest.load(project), Draft()
    recipe = draft.recipe(data.version, len(data.classes), tables.get(draft.backbone))
    engine = Engine()
    engine.warm()
    ahead = jobs.create_in(project.workspace, "ahead", project=str(project.folder), recipe=to_json(recipe.first_pass))
    run = runs.create(project, recipe)
    try:
        seconds["ahead"] = timed(lambda: finished(engine, ahead))
        seconds["press"] = timed(lambda: finished(engine, run.job))
    finally:
        engine.close()
    return {"pictures": len(data.table), **{name: round(value, 2) for name, value in seconds.items()}}


def timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def finished(engine: Engine, job: Job) -> None:
    """Submit a job and wait until it is done."""
    engine.submit(job)
    while job.state != "done":
        assert job.active, job.status()
        time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    rows = []
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as scratch:
            rows.append(pressed(options.folder.absolute(), Path(scratch)))
    median = statistics.median(row["press"] for row in rows)
    summary = {"benchmark": "ready", "median_s": median, "target": TARGET, "met": median <= TARGET}
    print(json.dumps({**summary, "load": os.getloadavg()[0], "each": rows}))


if __name__ == "__main__":
    main()
