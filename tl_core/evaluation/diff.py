"""What has been changed in the list of pictures since a run was trained on it."""

from collections import Counter
from dataclasses import dataclass, field

import pandas as pd

from tl_core.dataset import boxes, manifest
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import pictures


@dataclass(frozen=True)
class Changes:
    """The difference between two versions of a list of pictures, by id.

    Attributes:
        renamed: old and new names of classes that got a name which none had before. Their pictures are as they were.
        relabelled: the old and the new class.
        moved: the old and the new split.
        removed: those that are gone.
        added: those that are new.
        redrawn: those with other boxes.
    """

    renamed: dict[str, str]
    relabelled: dict[str, tuple[str, str]]
    moved: dict[str, tuple[str, str]]
    removed: list[str]
    added: list[str]
    redrawn: list[str] = field(default_factory=list)

    @property
    def ids(self) -> set[str]:
        """Every picture that is not as it was."""
        return {*self.relabelled, *self.moved, *self.removed, *self.added, *self.redrawn}

    def __len__(self) -> int:
        """The number of pictures that are not as they were."""
        return len(self.ids)

    def __bool__(self) -> bool:
        """Whether anything is different at all."""
        return bool(self.ids or self.renamed)

    def sentence(self) -> str:
        """Return the changes as a sentence, names in it as plain text: "2 pictures relabelled."; empty without any."""
        kinds = {
            _("{pictures} relabelled"): self.relabelled,
            _("{pictures} moved between training, validation and test"): self.moved,
            _("{pictures} removed"): self.removed,
            _("{pictures} added"): self.added,
            _("boxes changed on {pictures}"): self.redrawn,
        }
        parts = [what.format(pictures=pictures(len(ids))) for what, ids in kinds.items() if ids]
        parts += [_("“{old}” renamed to “{new}”").format(old=old, new=new) for old, new in self.renamed.items()]
        said = ", ".join(parts)
        return f"{said[0].upper()}{said[1:]}." if said else ""


def between(old: pd.DataFrame, new: pd.DataFrame) -> Changes:
    """Return what is different in ``new``; both are tables of a manifest."""
    before, after = _rows(old), _rows(new)
    both = [(id_, row, after[id_]) for id_, row in before.items() if id_ in after]
    renamed = _renamed([(row[0], now[0]) for _, row, now in both], {label for label, *_ in before.values()})
    labels = ((id_, renamed.get(row[0], row[0]), now[0]) for id_, row, now in both)
    redrawn = {id_ for id_, row, now in both if _named(row[2], renamed) != now[2]}
    return Changes(
        renamed=renamed,
        relabelled={id_: (was, now) for id_, was, now in labels if was != now and id_ not in redrawn},
        moved={
            id_: (row[1], now[1])
            for id_, row, now in both
            if row[1] != now[1]
            and (id_ not in redrawn or (row[1] and now[1]))  # its first boxes bring a picture into one
        },
        removed=[id_ for id_ in before if id_ not in after],
        added=[id_ for id_ in after if id_ not in before],
        redrawn=[id_ for id_ in after if id_ in redrawn],
    )


def by_old_names(table: pd.DataFrame, changed: Changes) -> pd.DataFrame:
    """Return the table with the names that renamed classes had before: those that an earlier model says."""
    return table.assign(label=table["label"].replace({new: old for old, new in changed.renamed.items()}))


def since(run: RunFolder) -> Changes:
    """Return what has been changed since the run was made. Raises NotFoundError if a version is gone."""
    before, now = manifest.load(run.project, run.recipe.manifest), manifest.load(run.project)
    return between(before.table, now.table) if before.version != now.version else Changes({}, {}, {}, [], [])


def _rows(table: pd.DataFrame) -> dict[str, tuple[str, str, str]]:
    """Return class, split and boxes by id: on plain strings this is ten times as fast as joining the tables."""
    columns = (table[name].tolist() for name in ("id", "label", "split", "boxes"))
    return {id_: (label, split, drawn) for id_, label, split, drawn in zip(*columns, strict=True)}


def _named(drawn: str, renamed: dict[str, str]) -> str:
    """Return boxes with the new names of their classes."""
    for old, new in renamed.items() if drawn else ():
        drawn = boxes.renamed(drawn, old, new)
    return drawn


def _renamed(labels: list[tuple[str, str]], known: set[str]) -> dict[str, str]:
    """Return the classes all of whose pictures are under one new name, which holds no other pictures of before."""
    names: dict[str, set[str]] = {}
    for was, now in labels:
        names.setdefault(was, set()).add(now)
    fresh = {was: now for was, (now, *others) in names.items() if not others and now not in known}
    joined = {now for now, times in Counter(fresh.values()).items() if times > 1}
    return {was: now for was, now in fresh.items() if now not in joined}
