"""Pictures with several labels each."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tl_core.dataset import tag_notes
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.language import N_
from tl_core.tasks import pictures

#: Each tag has a unit of its own.
HEAD: Mapping[str, Any] = {"activation": "sigmoid", "several": True}


def _reads(path: Path) -> bool:
    """Return False: whether pictures have several labels is seen from the tables beside them, when they are read."""
    return False


def _holds(names: Iterable[str]) -> bool:
    """Return False, for the same reason."""
    return False


def _draft(network: str | None, pictures: Manifest) -> Draft:
    draft = Draft(backbone=network)
    return replace(draft, head=replace(draft.head, **HEAD))


TASK = replace(
    pictures.TASK,
    id="tags",
    title=N_("Pictures with several labels"),
    reads=_reads,
    holds=_holds,
    draft=_draft,
    problems=tag_notes.problems,
    notes=tag_notes.notes_of,
    probes=False,
    results=(),
    formats=(),
    head=HEAD,
)
