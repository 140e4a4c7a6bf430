"""What changed between two runs: settings and pictures, and what that brought on the same validation pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError
from tl_core.evaluation import comparison, diff
from tl_core.freezing import outline
from tl_core.notebook import settings
from tl_core.notebook.settings import Setting
from tl_core.runs import RunFolder

#: A p from here on says that chance could have made the difference.
COULD_BE_CHANCE = 0.05
#: So many changes are named, and how many more there are.
MOST = 4


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What changed between two runs.

    Attributes:
        old: id of the first run.
        new: of the second.
        settings: in which they differ.
        pictures: what changed in the list of pictures, as a sentence with names as plain text; empty if nothing did.
        difference: accuracy of the second less that of the first on the same validation pictures, -1 to 1; None
            where they share none.
        p: how often chance alone makes a difference at least so large, 0 to 1; None as above.
        n: number of those pictures.
    """

    old: str
    new: str
    settings: tuple[Setting, ...]
    pictures: str
    difference: float | None
    p: float | None
    n: int

    def what(self) -> str:
        """Return what changed without what it brought: ``"only the freeze line: block 14 → 9"``. Plain text."""
        return in_words(self.settings, self.pictures)

    def sentence(self) -> str:
        """Return what changed and what it brought, on one line; plain text."""
        return f"{self.what()}; {self._brought()}"

    def _brought(self) -> str:
        if self.difference is None or self.p is None:
            return "not measured on the same pictures"
        if not self.difference:
            return "no difference in accuracy"
        luck = "could be chance" if self.p >= COULD_BE_CHANCE else "hardly chance"
        return f"{wording.points(self.difference)}, {luck} ({wording.chance(self.p)})"


def in_words(found: Sequence[Setting], pictures: str) -> str:
    """Return what changed: settings, and the pictures in words of their own; plain text."""
    parts = [each.sentence() for each in found]
    parts += [f"pictures: {pictures.rstrip('.')}"] if pictures else []
    if not parts:
        return "the same settings and pictures"
    return f"only the {parts[0]}" if len(parts) == 1 else wording.listed(parts, most=MOST)


def between(old: RunFolder, new: RunFolder) -> Changed:
    """Return what changed from one run to another of the same project. Reads stored predictions.

    Raises:
        NotFoundError: one of them was deleted.
        DamagedError: one of them cannot be read.
    """
    recipes = old.recipe, new.recipe
    drawn = {each.backbone: outline.load(new.project.workspace, each.backbone) for each in recipes}
    compared = comparison.of_runs(old, new, "validation") if old.ready and new.ready else None
    measured = compared is not None and compared.n > 0
    return Changed(
        old=old.id,
        new=new.id,
        settings=tuple(settings.between(*recipes, drawn)),
        pictures=_pictures(old, new),
        difference=(compared.new.accuracy or 0) - (compared.old.accuracy or 0) if measured and compared else None,
        p=compared.p if measured and compared else None,
        n=compared.n if compared else 0,
    )


def _pictures(old: RunFolder, new: RunFolder) -> str:
    versions = old.recipe.manifest, new.recipe.manifest
    if versions[0] == versions[1]:
        return ""
    try:
        tables = [manifest.load(old.project, version).table for version in versions]
    except NotFoundError:
        return f"version {versions[0]} → {versions[1]}."
    return diff.between(*tables).sentence()
