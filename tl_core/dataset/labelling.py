"""What depends on whether the examples of a project have one label each or several: their splits, and what is said."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd

from tl_core.about import SplitSettings, Things
from tl_core.dataset import box_notes, box_splits, notes, splits, tag_notes, tag_splits, tags
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.names import class_name


class Fill(Protocol):
    """Returns a table of a manifest with a split for each row that has none."""

    def __call__(
        self, table: pd.DataFrame, settings: SplitSettings, /, *, carve_test: bool = False
    ) -> pd.DataFrame: ...


class Problems(Protocol):
    """Returns why training cannot start, as sentences; empty if it can. ``validated``: it takes validation examples."""

    def __call__(self, examples: Manifest, /, *, validated: bool = True) -> list[str]: ...


@dataclass(frozen=True, kw_only=True)
class Labelling:
    """How examples are labelled.

    Attributes:
        fill: splits them.
        problems: says why training cannot start.
        notes: says what a person should know about them.
        name: returns a name that a person gave, as a label; raises InputError if it cannot be one.
    """

    fill: Fill
    problems: Problems
    notes: Callable[[Manifest], list[str]]
    name: Callable[[str], str]


ONE = Labelling(fill=splits.fill, problems=notes.problems, notes=notes.notes, name=class_name)
SEVERAL = Labelling(fill=tag_splits.fill, problems=tag_notes.problems, notes=tag_notes.notes_of, name=tags.typed)
BOXES = Labelling(fill=box_splits.fill, problems=box_notes.problems, notes=box_notes.notes_of, name=tags.typed)


def of(kind: Things) -> Labelling:
    """Return how what a project holds is labelled."""
    return {"pictures": ONE, "tags": SEVERAL, "boxes": BOXES, "texts": ONE}[kind]
