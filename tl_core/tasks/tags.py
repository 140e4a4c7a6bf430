"""Pictures with several labels each.

Their files are those of pictures: that they have several labels is seen from a table beside them once it is read, or
said by a person.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tl_core.dataset import tag_notes
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.language import N_
from tl_core.tasks import pictures

#: Each tag has a unit of its own.
HEAD: Mapping[str, Any] = {"activation": "sigmoid", "several": True}


def _draft(network: str | None, pictures: Manifest) -> Draft:
    draft = Draft(backbone=network)
    return replace(draft, head=replace(draft.head, **HEAD))


TASK = replace(
    pictures.TASK,
    id="tags",
    title=N_("Pictures with several labels"),
    draft=_draft,
    problems=tag_notes.problems,
    notes=tag_notes.notes_of,
    formats=(
        "keras",
        "saved-model",
        "litert",
        "litert-f16",
        "litert-int8",
        "onnx",
        "tfjs",
        "web",
        "report",
        "card",
        "notebook",
        "script",
    ),
    head=HEAD,
)
