"""Training runs on disk: starting one, finding it again, reading what it left."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core import jobs
from tl_core.errors import NotFoundError
from tl_core.jobs import Job
from tl_core.recipe import Recipe
from tl_core.workspace import Project, Workspace, new_folder, read_json, write_json


@dataclass(frozen=True)
class RunFolder:
    """A training run: ``projects/<slug>/runs/<id>/``."""

    folder: Path

    @property
    def id(self) -> str:
        return self.folder.name

    @property
    def project(self) -> Project:
        return Project(self.folder.parent.parent)

    @property
    def reference(self) -> str:
        """``<project>/<run>``: names the run in a whole workspace."""
        return f"{self.project.slug}/{self.id}"

    @property
    def job(self) -> Job:
        return Job(self.folder)

    @property
    def recipe(self) -> Recipe:
        return Recipe.from_json(read_json(self.folder / "recipe.json"))

    @property
    def model_path(self) -> Path:
        return self.folder / "model.keras"

    @property
    def ready(self) -> bool:
        """True once there is a model to predict with."""
        return self.model_path.is_file()

    @property
    def classes(self) -> list[str]:
        """The class names in the order of the model's output."""
        return list(read_json(self.folder / "classes.json")["classes"])

    def report(self) -> dict[str, Any] | None:
        """Return what training wrote at its end, None before."""
        path = self.folder / "report.json"
        return read_json(path) if path.is_file() else None

    def test_result(self) -> dict[str, Any] | None:
        """Return what the last opening of the test part showed, None while it is sealed."""
        path = self.folder / "test.json"
        return read_json(path) if path.is_file() else None

    def times_opened(self) -> int:
        """Return how often the test part has been opened for this run."""
        result = self.test_result()
        return int(result["opened"]) if result else 0

    def require_model(self) -> Path:
        """Return the path of the model. Raises NotFoundError, saying how far the run is, if there is none yet."""
        if not self.ready:
            state = self.job.state
            raise NotFoundError(f"Run {self.reference} has no model: it is {state}. Let it finish, or resume it.")
        return self.model_path


def create(project: Project, recipe: Recipe) -> RunFolder:
    """Write a new run; ``jobs.execute`` or ``Engine.submit`` trains it."""
    folder = new_folder(project.runs, time.strftime("%Y%m%d-%H%M%S"))
    write_json(folder / "recipe.json", recipe.to_json())
    jobs.create(folder, "train")
    project.update(last_run=folder.name)
    return RunFolder(folder)


def of_project(project: Project) -> list[RunFolder]:
    """Return the runs of a project, the newest first."""
    found = [RunFolder(path.parent) for path in project.runs.glob("*/job.json")]
    return sorted(found, key=lambda run: float(run.job.about()["created"]), reverse=True)


def find(workspace: Workspace, reference: str) -> RunFolder:
    """Return the run of ``<project>/<run>``, of a run id alone, or of the path of its folder.

    Raises:
        NotFoundError: there is none, or a run id alone fits several.
    """
    every = [run for project in workspace.projects() for run in of_project(project)]
    wanted = reference.rstrip("/")
    found = [run for run in every if wanted in (run.reference, run.id, str(run.folder))]
    if len(found) == 1:
        return found[0]
    known = ", ".join(run.reference for run in found or every[:10]) or "none yet"
    problem = f"“{reference}” fits several runs" if found else f"There is no run “{reference}” in {workspace.root}"
    raise NotFoundError(f"{problem}. Name one of: {known}.")
