"""All kinds of task, and which one something is."""

from pathlib import Path

from tl_core.about import Things
from tl_core.tasks import pictures, texts
from tl_core.tasks.task import Task
from tl_core.workspace import Project

#: What is asked first stands first.
TASKS = (texts.TASK, pictures.TASK)
_BY_ID: dict[Things, Task] = {task.id: task for task in TASKS}


def get(id: Things) -> Task:  # noqa: A002
    """Return the kind of that id.

    >>> get("texts").network
    'bge-small'
    """
    return _BY_ID[id]


def of(project: Project) -> Task:
    """Return the kind of a project."""
    return get(project.about().kind)


def of_path(path: Path) -> Task:
    """Return the kind that a file or folder is read as."""
    return next(task for task in TASKS if task.reads(path))
