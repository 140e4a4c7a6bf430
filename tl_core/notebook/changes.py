"""What changed between two runs: settings and pictures, and what that brought on the same validation pictures."""

from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.dataset import manifest
from tl_core.errors import NotFoundError
from tl_core.evaluation import box_comparison, comparison, diff
from tl_core.evaluation.comparison import Comparison
from tl_core.freezing import outline
from tl_core.language import _
from tl_core.metrics.precision_difference import PrecisionDifference
from tl_core.notebook import settings
from tl_core.notebook.settings import Setting
from tl_core.notebook.shared import Measured, Shared
from tl_core.runs import RunFolder

#: A p from here on says that chance could have made the difference.
COULD_BE_CHANCE = 0.05
#: So many changes are named, and how many more there are.
MOST = 4
#: No runs.
ALONE = Shared()


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What changed between two runs.

    Attributes:
        old: id of the first run.
        new: of the second.
        settings: in which they differ, and where one of them was stopped.
        pictures: what changed in the list of pictures, as a sentence with names as plain text; empty if nothing did.
        measured: what that brought on the same validation pictures; None where they share none.
        precision: the same of several labels, by how the models put the pictures in order, and of boxes; None for one
            label.
    """

    old: str
    new: str
    settings: tuple[Setting, ...]
    pictures: str
    measured: Measured | None
    precision: PrecisionDifference | None = None

    def what(self) -> str:
        """Return what changed without what it brought: ``"only the freeze line: block 14 → 9"``. Plain text."""
        return in_words(self.settings, self.pictures)

    def sentence(self) -> str:
        """Return what changed and what it brought, on one line; plain text."""
        return "; ".join(filter(None, (self.what(), self._brought(), self._ordered())))

    def _ordered(self) -> str:
        found = self.precision
        if found is None:
            return ""
        if found.old == found.new:
            return _("the same mean average precision")
        luck = (
            _("mean average precision {old} → {new}, could be chance ({chance})")
            if found.p >= COULD_BE_CHANCE
            else _("mean average precision {old} → {new}, hardly chance ({chance})")
        )
        return luck.format(
            old=wording.fraction(found.old), new=wording.fraction(found.new), chance=wording.chance(found.p)
        )

    def _brought(self) -> str:
        if self.measured is None:
            return "" if self.precision else _("not measured on the same pictures")
        if not self.measured.difference:
            return _("no difference in accuracy")
        luck = (
            _("{points}, could be chance ({chance})")
            if self.measured.p >= COULD_BE_CHANCE
            else _("{points}, hardly chance ({chance})")
        )
        return luck.format(points=wording.points(self.measured.difference), chance=wording.chance(self.measured.p))


def in_words(found: Sequence[Setting], pictures: str) -> str:
    """Return what changed: settings, and the pictures in words of their own; plain text."""
    parts = [each.sentence() for each in found]
    parts += [_("pictures: {changes}").format(changes=pictures.rstrip("."))] if pictures else []
    if not parts:
        return _("the same settings and pictures")
    return _("only the {change}").format(change=parts[0]) if len(parts) == 1 else wording.listed(parts, most=MOST)


def between(old: RunFolder, new: RunFolder, alike: Shared = ALONE) -> Changed:
    """Return what changed from one run to another of the same project.

    Args:
        old: the first run.
        new: the second.
        alike: runs on the pictures that all of them share: if both are among them, these pictures are taken. Else
            their stored predictions are read, for those that the two share.

    Raises:
        NotFoundError: one of them was deleted.
        DamagedError: one of them cannot be read.
    """
    recipes = old.recipe, new.recipe
    known = alike.between(old.id, new.id)
    compared = None
    if known is None or comparison.puts_in_order(new):
        compared = comparison.of_runs(old, new, "validation")
    drawn = {each.backbone: outline.load(new.project.workspace, each.backbone) for each in recipes}
    return Changed(
        old=old.id,
        new=new.id,
        settings=(*settings.between(*recipes, drawn), *_ends(old, new)),
        pictures=_pictures(old, new),
        measured=known or _measured(compared),
        precision=compared.precision if compared else _of_boxes(old, new),
    )


def _ends(old: RunFolder, new: RunFolder) -> list[Setting]:
    """Return where the runs ended, if one of them was stopped before its end and they did not learn for as long."""
    before, after = _end(old), _end(new)
    return [] if before == after else [Setting(name=_("end of the training"), old=before, new=after)]


def _end(run: RunFolder) -> str:
    report = run.report()
    if report is None or not report.stopped:
        return _("as planned")
    return _("stopped after {epochs}").format(epochs=wording.plural(len(report.history), "epoch", "epochs"))


def _measured(compared: Comparison | None) -> Measured | None:
    if compared is None or not compared.n:
        return None
    difference = (compared.new.accuracy or 0) - (compared.old.accuracy or 0)
    return Measured(difference=difference, p=compared.p, n=compared.n)


def _of_boxes(old: RunFolder, new: RunFolder) -> PrecisionDifference | None:
    compared = box_comparison.of_runs(old, new, "validation")
    return compared.difference.every if compared and compared.difference else None


def _pictures(old: RunFolder, new: RunFolder) -> str:
    versions = old.recipe.manifest, new.recipe.manifest
    if versions[0] == versions[1]:
        return ""
    try:
        tables = [manifest.load(old.project, version).table for version in versions]
    except NotFoundError:
        return _("version {old} → {new}.").format(old=versions[0], new=versions[1])
    return diff.between(*tables).sentence()
