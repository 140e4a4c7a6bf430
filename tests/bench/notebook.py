"""The notebook of a project with many runs: how long the core and the page take, without a browser.

    python -m tests.bench.notebook WORKSPACE PROJECT [--runs 200]

Copies the newest run of a project so often, each with other answers, in a copy of the workspace. Target: the notebook
of 200 runs opens within 1.5 s, on a server that has just started.
"""

import argparse
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from streamlit.testing.v1 import AppTest

from tl_core import runs
from tl_core.evaluation import predictions
from tl_core.files import read_json, write_json
from tl_core.notebook import rows
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"


def many(project: Project, count: int) -> None:
    """Copy the newest run of a project until there are so many, each right about other pictures."""
    first, chance = runs.of_project(project)[0], np.random.default_rng(0)
    stored, task, recipe = (
        predictions.load(first, "validation"),
        read_json(first.folder / "job.json"),
        read_json(first.folder / "recipe.json"),
    )
    assert stored is not None, "the newest run has no predictions: open its Results"
    for number in range(count - len(runs.of_project(project))):
        run = RunFolder(first.folder.with_name(f"20260101-{number:06d}"))
        shutil.copytree(first.folder, run.folder)
        write_json(run.folder / "job.json", {**task, "created": task["created"] - 60 * (number + 1)})
        write_json(run.folder / "recipe.json", {**recipe, "seed": number + 1})
        logits = stored.logits + chance.normal(0, stored.logits.std(), stored.logits.shape).astype(np.float32)
        predictions.save(run, replace(stored, logits=logits))


def seconds(act: Callable[[], object]) -> float:
    """Return how long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("workspace")
    parser.add_argument("project")
    parser.add_argument("--runs", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "workspace")
        shutil.copytree(options.workspace, root, ignore=shutil.ignore_patterns("cache"))
        project = Workspace.open(root).project(options.project)
        many(project, options.runs)
        os.environ["TL_WORKSPACE"] = str(root)
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        app.query_params["project"] = project.slug
        app.run()  # Streamlit and the frame are loaded
        app.switch_page("runs.py")
        print(f"page, the first time: {seconds(app.run):.2f} s")
        assert not app.exception, app.exception
        print(f"page, again: {seconds(app.run):.2f} s")
        print(f"core, again: {seconds(lambda: rows.of_project(project)):.2f} s")
        book = rows.of_project(project)
        print(f"{len(book.rows)} runs, {book.luck.runs} on the same {book.shared.n} pictures. {book.luck.sentence()}")


if __name__ == "__main__":
    main()
