"""Pictures with one label each."""

from collections.abc import Iterable
from pathlib import Path

from tl_core import wording
from tl_core.dataset import notes
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft, fine_tuned
from tl_core.ingest.entries import why_no_picture
from tl_core.language import N_
from tl_core.networks import catalogue
from tl_core.networks.catalogue import Backbone
from tl_core.networks.tables import Pretrained
from tl_core.tasks.task import Task
from tl_core.text import sources

#: The largest side of a picture, and what is added to it at a time, in pixels.
MOST, STEP = 1024, 32


def _reads(path: Path) -> bool:
    """Return True: whatever is no text is read as pictures, and refused there with the reason."""
    return True


def _holds(names: Iterable[str]) -> bool:
    every = list(names)
    return not sources.holds(every) and any(not why_no_picture(name) for name in every)


def _draft(network: str | None, pictures: Manifest) -> Draft:
    return Draft(backbone=network)


def _sizes(network: Pretrained) -> range:
    return range(network.least_size if isinstance(network, Backbone) else STEP, MOST + 1, STEP)


TASK = Task(
    id="pictures",
    title=N_("Pictures with one label"),
    network=catalogue.DEFAULT,
    reads=_reads,
    holds=_holds,
    draft=_draft,
    problems=notes.problems,
    notes=notes.notes,
    count=wording.pictures,
    sizes=_sizes,
    poolings=("average", "max", "flatten"),
    augments=True,
    fine_tuned=fine_tuned,
    probes=True,
    feature_maps=True,
    results=("numbers", "errors", "why", "map", "compare", "sure", "unknown"),
    experiments=("search", "race", "shootout", "learning-curve", "remeasure"),
    formats=None,
)
