"""Pictures with one label each."""

from pathlib import Path

from tl_core import wording
from tl_core.dataset import notes
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.language import N_
from tl_core.networks import catalogue
from tl_core.tasks.task import Task


def _reads(path: Path) -> bool:
    """Return True: whatever is no text is read as pictures, and refused there with the reason."""
    return True


def _draft(network: str | None, pictures: Manifest) -> Draft:
    return Draft(backbone=network)


TASK = Task(
    id="pictures",
    title=N_("Pictures with one label"),
    network=catalogue.DEFAULT,
    reads=_reads,
    draft=_draft,
    problems=notes.problems,
    count=wording.pictures,
)
