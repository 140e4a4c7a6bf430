"""What has been changed in the list of pictures since a run was trained on it."""

from dataclasses import dataclass

import pandas as pd

from tl_core import manifest
from tl_core.remarks import pictures
from tl_core.runs import RunFolder


@dataclass(frozen=True)
class Changes:
    """The difference between two versions of a list of pictures, by id.

    Attributes:
        renamed: old and new names of classes that got a name which none had before. Their pictures are as they were.
        relabelled: the old and the new class.
        moved: the old and the new part.
        removed: those that are gone.
        added: those that are new.
    """

    renamed: dict[str, str]
    relabelled: dict[str, tuple[str, str]]
    moved: dict[str, tuple[str, str]]
    removed: list[str]
    added: list[str]

    @property
    def ids(self) -> set[str]:
        """Every picture that is not as it was."""
        return {*self.relabelled, *self.moved, *self.removed, *self.added}

    def __len__(self) -> int:
        """The number of pictures that are not as they were."""
        return len(self.ids)

    def __bool__(self) -> bool:
        """Whether anything is different at all."""
        return bool(self.ids or self.renamed)

    def words(self) -> str:
        """Return the changes as a sentence, names in it as plain text: "2 pictures relabelled."; empty without any."""
        kinds = {
            "relabelled": self.relabelled,
            "moved to another part": self.moved,
            "removed": self.removed,
            "added": self.added,
        }
        said = [f"{pictures(len(found))} {what}" for what, found in kinds.items() if found]
        said += [f"“{old}” renamed to “{new}”" for old, new in self.renamed.items()]
        return ", ".join(said) + "." if said else ""


def between(old: pd.DataFrame, new: pd.DataFrame) -> Changes:
    """Return what is different in ``new``; both are tables of a manifest."""
    both = old[["id", "label", "split"]].merge(new[["id", "label", "split"]], on="id", suffixes=("_old", "_new"))
    renamed = _renamed(both, set(old["label"]))
    both["label_old"] = both["label_old"].replace(renamed)
    return Changes(
        renamed=renamed,
        relabelled=_pairs(both, "label"),
        moved=_pairs(both, "split"),
        removed=old.loc[~old["id"].isin(new["id"]), "id"].tolist(),
        added=new.loc[~new["id"].isin(old["id"]), "id"].tolist(),
    )


def by_old_names(table: pd.DataFrame, changed: Changes) -> pd.DataFrame:
    """Return the table with the names that renamed classes had before: those that an earlier model says."""
    return table.assign(label=table["label"].replace({new: old for old, new in changed.renamed.items()}))


def since(run: RunFolder) -> Changes:
    """Return what has been changed since the run was made. Raises NotFoundError if a version is gone."""
    before, now = manifest.load(run.project, run.recipe.manifest), manifest.load(run.project)
    return between(before.table, now.table) if before.version != now.version else Changes({}, {}, {}, [], [])


def _renamed(both: pd.DataFrame, known: set[str]) -> dict[str, str]:
    """Return the classes all of whose pictures are under one new name that no class had before."""
    names = both.groupby("label_old")["label_new"].agg(["nunique", "first"])
    fresh = names[(names["nunique"] == 1) & ~names["first"].isin(known)]
    return dict(fresh["first"].items())  # type: ignore[arg-type]


def _pairs(both: pd.DataFrame, column: str) -> dict[str, tuple[str, str]]:
    old, new = both[f"{column}_old"], both[f"{column}_new"]
    rows = (old != new).to_numpy()
    return dict(zip(both["id"][rows], zip(old[rows], new[rows], strict=True), strict=True))
