"""In which settings two recipes differ, in words."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from tl_core import wording
from tl_core.freezing import names
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.recipe import Head, Recipe

#: What people call a setting.
WORDS = {
    "activation": N_("output"),
    "augmentation": N_("augmentation"),
    "augmentation_size": N_("augmented at the size of the"),
    "augmentation_variants": N_("copies of each picture"),
    "batch_size": N_("batch size"),
    "block_decay": N_("rate of each earlier block"),
    "cache_precision": N_("stored activations"),
    "centred": N_("features centred"),
    "class_weights": N_("class weights"),
    "dropout": N_("dropout"),
    "epochs": N_("epochs"),
    "fine_tune_epochs": N_("fine-tuning epochs"),
    "fine_tune_learning_rate": N_("fine-tuning rate"),
    "hidden": N_("hidden units"),
    "image_size": N_("picture size"),
    "keep_frozen": N_("layers kept frozen"),
    "l2": N_("l2 penalty"),
    "label_smoothing": N_("label smoothing"),
    "learning_rate": N_("learning rate"),
    "patience": N_("patience"),
    "pooling": N_("pooling"),
    "saturated": N_("features also through a tanh"),
    "schedule": N_("schedule of the rate"),
    "seed": N_("seed"),
    "solver": N_("solver of the head"),
    "train_batch_norm": N_("BatchNorm trained"),
    "weight_decay": N_("weight decay"),
    "weights": N_("weights"),
}
#: The place of a freeze line.
_BLOCK = N_("block {number}")
#: Settings that have a line of their own below, or belong to another one.
_OWN = ("manifest", "backbone", "freeze", "image_size", "head", "everything")
#: Settings that only matter where something is fine-tuned, and where training pictures are changed.
_FINE_TUNED = (
    "fine_tune_epochs",
    "fine_tune_learning_rate",
    "schedule",
    "weight_decay",
    "block_decay",
    "keep_frozen",
    "train_batch_norm",
)
_AUGMENTED = ("augmentation_variants", "augmentation_size")
#: Settings that only matter where a head learns by gradient descent.
_DESCENT = ("epochs", "learning_rate")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A setting in which two runs differ.

    Attributes:
        name: as people call it; our own words.
        old: its value in the first run, in words.
        new: in the second.
    """

    name: str
    old: str
    new: str

    def sentence(self) -> str:
        """Return the change in words: ``"freeze line: block 14 → 9"``."""
        block = _(_BLOCK).partition("{")[0]
        new = self.new.removeprefix(block) if self.old.startswith(block) else self.new
        return f"{self.name}: {self.old} → {new}"


def between(old: Recipe, new: Recipe, drawn: Mapping[str, Outline | None]) -> list[Setting]:
    """Return the settings in which two recipes differ, the most important first; the pictures are not among them.

    Args:
        old: of the first run.
        new: of the second.
        drawn: the outlines of their networks, by id, as far as they are there.
    """
    pairs = [
        (_("network"), names.short(old.backbone), names.short(new.backbone)),
        (_("freeze line"), *(_line(each, drawn.get(each.backbone)) for each in (old, new))),
        (_("picture size"), *_sizes(old, new)),
        *(_pair(name, old, new) for name in _fields(Recipe, _left_out(old, new))),
        *(_pair(name, old.head, new.head) for name in _fields(Head, ())),
        (
            _("pictures to learn from"),
            *(_("all pictures") if each.everything else _("training pictures") for each in (old, new)),
        ),
    ]
    return [Setting(name=name, old=before, new=after) for name, before, after in pairs if before != after]


def _left_out(old: Recipe, new: Recipe) -> tuple[str, ...]:
    tuned = old.fine_tune_epochs and new.fine_tune_epochs
    augmented = "off" not in (old.augmentation, new.augmentation)
    convex = old.convex and new.convex and bool(old.epochs) == bool(new.epochs)
    without = ((tuned, _FINE_TUNED), (augmented, _AUGMENTED), (not convex, _DESCENT))
    return (*_OWN, *(name for matter, names in without if not matter for name in names))


def _fields(kind: type[Recipe] | type[Head], without: tuple[str, ...]) -> list[str]:
    return [each.name for each in fields(kind) if each.name not in without]


def _pair(name: str, old: object, new: object) -> tuple[str, str, str]:
    return _(WORDS.get(name) or name.replace("_", " ")), _value(getattr(old, name)), _value(getattr(new, name))


def _value(value: object) -> str:
    match value:
        case bool():
            return _("on") if value else _("off")
        case float():
            return wording.rate(value)
        case None:
            return _("as validated")
        case tuple():
            return wording.listed([str(each) for each in value]) or _("none")
        case _:
            return str(value)


def _line(recipe: Recipe, drawn: Outline | None) -> str:
    line = names.line(recipe)
    number = names.first_trained(line, drawn)
    return names.trained(line, drawn) if number is None or line == "none" else _(_BLOCK).format(number=number)


def _sizes(old: Recipe, new: Recipe) -> tuple[str, str]:
    """Return the sizes of the pictures; a network that takes its own size is no other choice of a size."""
    usual = [tables.usual_size(each.backbone) == each.image_size for each in (old, new)]
    same = all(usual) and old.backbone != new.backbone
    return ("", "") if same else (str(old.image_size), str(new.image_size))
