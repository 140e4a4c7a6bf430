"""What ``tl_core train`` does, by the job engine and its workers as the app does it: for ``ten_thousand --engine``."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from tl_core import jobs, runs
from tl_core.cli import train
from tl_core.cli.parser import parser
from tl_core.dataset import manifest
from tl_core.engine import Engine
from tl_core.ingest import importer
from tl_core.jobs import Job
from tl_core.workspace import Workspace


def wait(job: Job) -> dict[str, Any]:
    """Wait until a job is done and return its result."""
    while job.active:
        time.sleep(0.2)
    if job.state != "done":
        raise SystemExit(f"The {job.kind} job is {job.state}: {job.status().error}")
    return dict(job.status().result)


def main() -> None:
    """Import the folder and train on it; print what the command line prints, with the times of both jobs."""
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    options = parser().parse_args(["train", *arguments])
    workspace, folder = Workspace.open(options.workspace), Path(options.folder)
    engine = Engine()
    began = time.perf_counter()
    project = importer.project_for_folder(workspace, folder)
    source = {"kind": "folder", "path": str(folder)}
    job = jobs.create_in(workspace, "import", project=str(project.folder), source=source)
    engine.submit(job)
    wait(job)
    imported = time.perf_counter() - began
    data = manifest.load(project)
    run = runs.create(project, train.recipe_of(options, data.version, len(data.classes)))
    engine.submit(run.job)
    report = wait(run.job)
    report["seconds"] |= {"import_job": imported}
    print(json.dumps({"run": run.reference, **report}))
    engine.close()


if __name__ == "__main__":
    main()
