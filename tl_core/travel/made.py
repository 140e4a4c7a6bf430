"""What the jobs of this package leave: a file to be downloaded, or a project. Light, for pages that ask for it."""

from dataclasses import dataclass
from pathlib import Path

from tl_core.jobs import Job

#: The kinds of jobs whose file is downloaded from their folder.
KINDS = ("pack", "dataset", "judged")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A file that a job made.

    Attributes:
        file: its name in the job's folder.
        bytes: of it.
        sentence: what is in it, for a person.
        left_out: what is not, in sentences.
    """

    file: str
    bytes: int
    sentence: str
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A project that a job imported: its slug, what is in it, and how many of its pictures are not here."""

    project: str
    sentence: str
    missing: int


def file_of(job: Job) -> Path | None:
    """Return the file that a job made, None if there is none any more."""
    result = job.status().result
    name = result.get("file") if isinstance(result, dict) else None
    if not isinstance(name, str) or Path(name).name != name:
        return None
    return job.folder / name if (job.folder / name).is_file() else None
