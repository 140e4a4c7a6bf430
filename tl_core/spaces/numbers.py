"""What a person has and takes: pictures, runs, disk, and the jobs that run or wait."""

from dataclasses import dataclass

from tl_core import jobs, storage
from tl_core.files import subfolders
from tl_core.registry import KINDS
from tl_core.workspace import Project, Workspace


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """What a workspace holds.

    Attributes:
        pictures: or texts, in the present lists of all projects.
        runs: trained or not.
        bytes: on the disk, with what was deleted and can be restored.
        running: jobs at work.
        waiting: jobs that wait for their turn.
    """

    pictures: int
    runs: int
    bytes: int
    running: int
    waiting: int


def of(workspace: Workspace) -> Numbers:
    """Return what a workspace holds now. Looks at every file once."""
    projects = [Project(folder) for folder in subfolders(workspace.projects_folder)]
    states = [job.state for job in wanted(workspace)]
    return Numbers(
        pictures=sum(each.held() for each in projects),
        runs=sum(len(subfolders(each.runs)) for each in projects),
        bytes=storage.size(workspace.root),
        running=states.count("running"),
        waiting=states.count("queued"),
    )


def wanted(workspace: Workspace) -> list[jobs.Job]:
    """Return the jobs that run or wait because somebody has asked for them: not what begins by itself."""
    return [job for job in jobs.unfinished(workspace) if job.active and not KINDS[job.kind].gives_way]
