"""What depends on whether the examples of a project have one label each or several: their splits, and what is said."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

import pandas as pd

from tl_core.about import SplitSettings, Things
from tl_core.dataset import box_notes, box_splits, boxes, notes, splits, tag_notes, tag_splits, tags
from tl_core.dataset.manifest import BETWEEN, Manifest, conflict_flag
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
        rename: returns a table in which a class has another name, or that of another class: then the two are one. None
            for the name takes the class out.
    """

    fill: Fill
    problems: Problems
    notes: Callable[[Manifest], list[str]]
    name: Callable[[str], str]
    rename: Callable[[pd.DataFrame, str, str | None], pd.DataFrame]


def _one_renamed(table: pd.DataFrame, old: str, new: str | None) -> pd.DataFrame:
    if new is None:
        return table[table["label"] != old]
    flags = table["flags"].map(lambda flag: _renamed_conflict(flag, old, new))
    return table.assign(label=table["label"].replace(old, new), flags=flags)


def _renamed_conflict(flag: str, old: str, new: str) -> str:
    """Return a conflict's flag after a class got another name; empty once both sides are one class."""
    if not flag.startswith(splits.CONFLICT):
        return flag
    sides = [new if side == old else side for side in flag.removeprefix(splits.CONFLICT).split(BETWEEN)]
    return conflict_flag(sides)


def _tags_renamed(table: pd.DataFrame, old: str, new: str | None) -> pd.DataFrame:
    return table.assign(label=table["label"].map(lambda label: tags.renamed(label, old, new)))


def _boxes_renamed(table: pd.DataFrame, old: str, new: str | None) -> pd.DataFrame:
    table = _tags_renamed(table, old, new)
    return table.assign(boxes=table["boxes"].map(lambda text: boxes.renamed(text, old, new)))


ONE = Labelling(
    fill=splits.fill,
    problems=notes.problems,
    notes=notes.notes,
    name=class_name,
    rename=_one_renamed,
)
SEVERAL = Labelling(
    fill=tag_splits.fill,
    problems=tag_notes.problems,
    notes=tag_notes.notes_of,
    name=tags.typed,
    rename=_tags_renamed,
)
BOXES = replace(
    SEVERAL,
    fill=box_splits.fill,
    problems=box_notes.problems,
    notes=box_notes.notes_of,
    rename=_boxes_renamed,
)


def of(kind: Things) -> Labelling:
    """Return how what a project holds is labelled."""
    return {"pictures": ONE, "tags": SEVERAL, "boxes": BOXES, "texts": ONE}[kind]
