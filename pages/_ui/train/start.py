"""Starting a run from a page."""

from pages._ui.shell import state, workers
from tl_core import runs
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Project


def start(project: Project, recipe: Recipe) -> RunFolder:
    """Start a run and make it the current one."""
    run = runs.create(project, recipe)
    workers.engine().submit(run.job)
    state.set_run(run)
    return run


def busy(project: Project) -> bool:
    """Return whether a run of the project is in progress: the next one has to wait for it."""
    return any(run.job.active for run in runs.of_project(project))
