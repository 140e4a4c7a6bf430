"""What to train and how: a ``Draft`` of what a person has chosen so far, and the ``Recipe`` of one run.

Every default is the default of a field here: page, command line and estimates read it from ``Draft``.
"""

import contextlib
import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, Protocol, Self, get_args, get_origin, get_type_hints

import msgspec

from tl_core.accuracy import Accuracy
from tl_core.errors import InputError

Pooling = Literal["average", "max", "flatten"]
Activation = Literal["softmax", "sigmoid"]
Augmentation = Literal["off", "gentle", "full"]
AugmentationSize = Literal["network", "picture"]
Solver = Literal["adam", "lbfgs"]
Schedule = Literal["constant", "cosine"]
Weights = Literal["imagenet", "random"]
Precision = Literal["float32", "float16"]

#: What each level of augmentation does, for people.
AUGMENTATIONS: dict[Augmentation, str] = {
    "off": "Every picture as it is.",
    "gentle": "Small shifts, zooms and changes of light. No mirroring: right for digits, signs and writing.",
    "full": "Mirroring, rotation, shifts, zooms and changes of light. Right for most photographs.",
}

#: How a head can learn, for people.
SOLVERS: dict[Solver, str] = {
    "lbfgs": "Finds the best weights for each strength of a penalty, in a moment. The validation pictures choose one.",
    "adam": "Step by step: in epochs, at a learning rate.",
}

#: What each schedule makes of the fine-tuning rate, for people.
SCHEDULES: dict[Schedule, str] = {
    "constant": "The same rate in every step.",
    "cosine": "Up to the rate in the first tenth of the steps, then down to 0 along a cosine.",
}

#: The rate at which a pre-trained network may safely be moved; the person chooses a multiple of it.
FINE_TUNE_LEARNING_RATE = 1e-5
#: The usual rate of fine-tuning with each schedule; one that comes down to 0 may begin higher.
FINE_TUNE_RATES: dict[Schedule, float] = {"constant": FINE_TUNE_LEARNING_RATE, "cosine": 3e-4}

#: What won on three sets where blocks were fine-tuned, with changed pictures (tests/bench/README.md). Without them it
#: lost on few photographs.
FINE_TUNED: dict[str, Any] = {
    "augmentation_size": "picture",
    "schedule": "cosine",
    "fine_tune_learning_rate": 3e-4,
    "fine_tune_epochs": 10,
    "weight_decay": 0.05,
    "label_smoothing": 0.1,
}

_CHANGED: dict[str, Any] = {"augmentation": "gentle", "augmentation_variants": 4}

#: Of each number in a recipe: what people call it, the least and the largest value.
RANGES: dict[str, tuple[str, float, float]] = {
    "image_size": ("Picture size", 16, 1024),
    "augmentation_variants": ("Copies of each picture", 0, 32),
    "epochs": ("Epochs", 0, 1000),
    "l2": ("L2 penalty", 1e-6, 1e6),
    "learning_rate": ("Learning rate", 1e-7, 1),
    "fine_tune_epochs": ("Fine-tuning epochs", 0, 1000),
    "fine_tune_learning_rate": ("Fine-tuning rate", 1e-8, 1),
    "weight_decay": ("Weight decay", 0, 1),
    "block_decay": ("Rate of each earlier block", 0.1, 1),
    "patience": ("Patience", 1, 1000),
    "label_smoothing": ("Label smoothing", 0, 0.5),
    "batch_size": ("Batch size", 1, 1024),
    "seed": ("Seed", 0, 2**31 - 1),
}


@dataclass(frozen=True, kw_only=True)
class Head:
    """The new layers on top of the backbone.

    Attributes:
        pooling: how the last feature map becomes one vector.
        hidden: units of a ReLU layer between pooling and output, 0 for none, at most 4096.
        dropout: share of the units silenced while training, 0 to 0.9.
        saturated: whether the head sees the pooled features twice: as they are, and their tanh on the scale of twice
            their mean size. There a weak sign of something counts nearly as much as a strong one, as with the square
            roots of F. Perronnin et al., "Improving the Fisher Kernel for Large-Scale Image Classification", 2010.
        centred: whether what comes in is centred on the training pictures and scaled, by one number, to a length of
            about 2. These are fixed numbers, as is the scale of the tanh, measured before the head learns.
        activation: ``softmax`` with categorical cross-entropy, or, for two classes, one ``sigmoid`` unit with
            binary cross-entropy.
    """

    pooling: Pooling = "average"
    hidden: int = 0
    dropout: float = 0.2
    saturated: bool = False
    centred: bool = False
    activation: Activation = "softmax"

    def __post_init__(self) -> None:
        check_choices(self)
        check_range("Hidden units", self.hidden, 0, 4096)
        check_range("Dropout", self.dropout, 0, 0.9)


@dataclass(frozen=True, kw_only=True)
class Options:
    """How to train: what a ``Draft`` and a ``Recipe`` have in common.

    Attributes:
        head: the new layers.
        weights: pre-trained on ImageNet, or random ("from scratch").
        keep_frozen: names of layers, or of types of layers (``"DepthwiseConv2D"``), after the freeze line that stay
            frozen.
        train_batch_norm: train BatchNorm layers after the freeze line; otherwise they keep their statistics.
        augmentation: random changes to training pictures.
        augmentation_variants: how many changed copies of each training picture are computed once and used in rotation,
            1 to 32. 0 draws new changes in every epoch ("live"): the frozen blocks then run in every epoch.
        augmentation_size: at which size a picture is changed that is smaller than the network sees: enlarged for the
            network, or as it is, before it is enlarged.
        cache_precision: of stored activations; ``float16`` takes half of the disk and rounds to three digits.
        epochs: at most, with the whole backbone frozen, 0 to 1000; 0 for no head that learns by itself. Logistic
            regression has as many as there are strengths of its penalty.
        solver: how the head learns while the whole backbone is frozen: ``lbfgs`` is logistic regression
            (``metrics.logistic``) for a head without a hidden layer, ``adam`` gradient descent; see ``convex``.
        l2: strength of the penalty of logistic regression, 1e-6 to 1e6; None for the one that the validation pictures
            choose, the usual one without them.
        learning_rate: of the head, for Adam, 1e-7 to 1.
        schedule: of the fine-tuning rate: the same in all steps, or up to it in the first tenth of them and then down
            to 0 along a cosine. A cosine has all of its epochs: patience does not cut it short.
        weight_decay: of the fine-tuning: 0 for Adam; more for AdamW, which shrinks weights by this share of the rate
            in every step; at most 1.
        block_decay: of the fine-tuning: the rate of each block as a share of that of the block after it, 0.1 to 1. The
            last block and the head have the whole rate.
        patience: epochs without a lower validation loss that end a phase, 1 to 1000.
        class_weights: weigh pictures so that every class counts the same.
        label_smoothing: 0 to 0.5.
        batch_size: pictures per step, 1 to 1024.
    """

    head: Head = field(default_factory=Head)
    weights: Weights = "imagenet"
    keep_frozen: tuple[str, ...] = ()
    train_batch_norm: bool = False
    augmentation: Augmentation = "off"
    augmentation_variants: int = 4
    augmentation_size: AugmentationSize = "network"
    cache_precision: Precision = "float32"
    epochs: int = 30
    solver: Solver = "adam"
    l2: float | None = None
    learning_rate: float = 1e-2
    schedule: Schedule = "constant"
    weight_decay: float = 0.0
    block_decay: float = 1.0
    patience: int = 5
    class_weights: bool = True
    label_smoothing: float = 0.0
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_choices(self)
        for name, (title, least, most) in RANGES.items():
            value = getattr(self, name)
            if value is not None:
                check_range(title, value, least, most)

    @property
    def live(self) -> bool:
        """True if training pictures are changed in every epoch: their activations cannot be stored."""
        return self.augmentation != "off" and not self.augmentation_variants

    @property
    def copies(self) -> int:
        """Copies of each training picture that are kept: the changed ones, else the picture itself."""
        return max(1, self.augmentation_variants) if self.augmentation != "off" else 1

    @property
    def convex(self) -> bool:
        """True if the head learns by logistic regression: it is chosen, and there is no hidden layer or live change."""
        return self.solver == "lbfgs" and not self.head.hidden and not self.live


def fine_tuned(options: Options) -> dict[str, Any]:
    """Return the settings with which blocks are fine-tuned best; pictures are changed gently if they are not yet."""
    return {**FINE_TUNED, **(_CHANGED if options.augmentation == "off" else {})}


@dataclass(frozen=True, kw_only=True)
class Everything:
    """Makes a run learn once more what another run has learned, from all its pictures: no picture is left to judge it.

    Where an experiment has chosen the recipe, its trial on held-out pictures stands for the other run.

    The epochs of the recipe are then those that were best in the other run; neither patience nor a best epoch ends or
    chooses anything.

    Attributes:
        run: id of the other run; empty where an experiment stands for it.
        test: whether it learns from the test pictures, too, and not only from training and validation pictures.
        temperature: of the other run, above 0.
        measured_on: the split of the other run that ``before`` was measured on; ``"held-out"`` for pictures that an
            experiment has set aside.
        before: how good the other run was.
    """

    run: str
    test: bool
    temperature: float
    measured_on: Literal["validation", "test", "held-out"]
    before: Accuracy

    def __post_init__(self) -> None:
        check_choices(self)
        check_range("The temperature", self.temperature, 1e-6, 1e6)
        check_range("The accuracy before", self.before.accuracy or 0.0, 0, 1)


@dataclass(frozen=True, kw_only=True)
class Recipe(Options):
    """What to train, on what, and how.

    Two runs of one recipe on one machine's processor give the same result, interrupted or not.

    Attributes:
        manifest: version of the manifest that is trained on.
        backbone: id of a row of the catalogue.
        image_size: side in pixels of the square that pictures are resized to, 16 to 1024.
        seed: of weights, order, dropout and augmentation, 0 to 2³¹ - 1.
        freeze: ``"all"`` (only the head trains), ``"none"``, or the id of the last frozen block.
        fine_tune_epochs: at most, with the layers after the freeze line trained too, 0 to 1000.
        fine_tune_learning_rate: of the fine-tuning, for Adam, 1e-8 to 1; with a cosine the highest.
        everything: set where validation pictures are learned from, too; None for the usual run.

    Raises:
        InputError: a value is out of its range, or there is nothing to train.

    >>> Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0).freeze
    'all'
    """

    manifest: int
    backbone: str
    image_size: int
    seed: int
    freeze: str = "all"
    fine_tune_epochs: int = 0
    fine_tune_learning_rate: float = FINE_TUNE_LEARNING_RATE
    everything: Everything | None = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.epochs + self.fine_tune_epochs == 0:
            raise InputError("Nothing to train: both numbers of epochs are 0. Set at least one of them to 1 or more.")
        if self.fine_tune_epochs and self.freeze == "all":
            raise InputError(
                f"You asked for {self.fine_tune_epochs} fine-tuning epochs, but the whole network is frozen. "
                "Move the freeze line, or set the fine-tuning epochs to 0."
            )

    @property
    def first_pass(self) -> "Recipe":
        """The recipe with all as by default but what the pass through the frozen blocks depends on.

        >>> Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=7, epochs=3).first_pass.epochs
        30
        """
        names = ("manifest", "backbone", "image_size", "weights", "augmentation", "cache_precision")
        chosen = {name: getattr(self, name) for name in names}
        if self.augmentation != "off":
            chosen["augmentation_variants"] = self.augmentation_variants
            chosen["augmentation_size"] = self.augmentation_size
        seeded = self.augmentation != "off" or self.weights == "random"
        return Recipe(**chosen, seed=self.seed if seeded else 0, head=Head(pooling=self.head.pooling))

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Self:
        """Return the recipe of a JSON object.

        Raises:
            InputError: an entry is unknown, missing, or out of its range.
        """
        unknown = value.keys() - {each.name for each in dataclasses.fields(cls)}
        try:
            if unknown:
                raise msgspec.ValidationError(f"“{min(unknown)}” is not known")
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as exc:
            raise InputError(f"This recipe cannot be read: {exc}. It may come from another version of Thaw.") from exc


class BackboneRow(Protocol):
    """What a draft asks of a row of the catalogue."""

    @property
    def id(self) -> str: ...
    @property
    def default_size(self) -> int: ...


@dataclass(frozen=True, kw_only=True)
class Draft(Options):
    """What a person has chosen so far for the next run; every default is what is trained if nothing is chosen.

    The defaults are those that won where they were measured (tests/bench/README.md): for a head here, for fine-tuning
    in ``FINE_TUNED``, which ``changed`` brings with the freeze line. Those of a ``Recipe`` are others: they say what a
    file of before means in which something is missing.

    Attributes:
        backbone: id of a row of the catalogue; None until one is chosen, which means the catalogue's default.
        image_size: as in ``Recipe``; None for the network's own size.
        seed: as in ``Recipe``.
        freeze: as in ``Recipe``; None until a line is chosen, which means ``"all"``.
        head: the new layers; with more than two classes its output is a softmax.
        fine_tune_epochs: as in ``Recipe``; unused while the whole network is frozen.
        fine_tune_learning_rate: as in ``Recipe``; None for the usual one, see ``fine_tune_rate``.

    >>> Draft().changed(freeze="block_14_add").fine_tune_rate
    0.0003
    >>> Draft().changed(freeze="block_14_add", schedule="constant").fine_tune_rate
    1e-05
    """

    backbone: str | None = None
    image_size: int | None = None
    seed: int = 0
    freeze: str | None = None
    head: Head = field(default_factory=lambda: Head(activation="sigmoid", saturated=True, centred=True))
    epochs: int = 20
    solver: Solver = "lbfgs"
    learning_rate: float = 2e-2
    fine_tune_epochs: int = 5
    fine_tune_learning_rate: float | None = None

    @property
    def line(self) -> str:
        """The freeze line: the one chosen, else ``"all"``."""
        return self.freeze or "all"

    @property
    def fine_tune_rate(self) -> float:
        """The rate of fine-tuning: the one chosen, else the usual one of its schedule.

        From random weights it is that of the head, at most 0.01: what comes from a whole network is not centred.
        """
        if self.fine_tune_learning_rate is not None:
            return self.fine_tune_learning_rate
        scratch = min(self.learning_rate, Recipe.learning_rate)
        return scratch if self.weights == "random" else FINE_TUNE_RATES[self.schedule]

    def head_for(self, classes: int) -> Head:
        """Return the head for a number of classes: only two of them may have a sigmoid."""
        return self.head if classes == 2 else replace(self.head, activation="softmax")

    def changed(self, **changes: Any) -> Self:
        """Return this draft with other values in some fields. Raises InputError if one is out of its range.

        With a freeze line after which blocks learn come the settings that suit that; with the last such line they go.
        They do not where somebody has chosen another one of them. With a rate or a number of epochs for the head comes
        the solver that has them.

        >>> Draft().changed(learning_rate=0.01).solver
        'adam'
        """
        brought = self._settings(**changes)
        if "learning_rate" in changes or changes.get("epochs"):
            brought["solver"] = "adam"
        return replace(self, **{**brought, **changes})

    def _settings(self, **changes: Any) -> dict[str, Any]:
        """Return what the freeze line among some changes brings with it, or takes away."""
        new = replace(self, **changes)
        if (new.line == "all") == (self.line == "all") or new.weights == "random":
            return {}
        usual = {each.name: each.default for each in dataclasses.fields(self)}
        brought: dict[str, Any] = {}
        for won in ({**FINE_TUNED, "fine_tune_learning_rate": None}, _CHANGED):  # None is the rate of the schedule
            plain = {name: usual[name] for name in won}
            here, there = (won, plain) if new.line == "all" else (plain, won)
            if any(getattr(self, name) != value for name, value in here.items()):
                break
            brought |= there
        return brought

    def with_backbone(self, backbone: str) -> Self:
        """Return this draft for a network. A freeze line and layers of another network are dropped."""
        if backbone == self.backbone or self.backbone is None:
            return replace(self, backbone=backbone)
        freeze = self.freeze if self.freeze in (None, "none") else "all"
        return self.changed(backbone=backbone, freeze=freeze, keep_frozen=())

    def following(self, recipe: Recipe) -> Self:
        """Return the draft that makes a recipe again, but for its manifest version.

        With everything frozen nothing is fine-tuned: the number of epochs for that stays as it was.
        """
        chosen = {each.name: getattr(recipe, each.name) for each in dataclasses.fields(self)}
        if recipe.weights == "random":  # with them these follow from the weights, see ``recipe``
            chosen |= {"train_batch_norm": False, "block_decay": self.block_decay}
        if recipe.freeze == "all":
            chosen["fine_tune_epochs"] = self.fine_tune_epochs
        return replace(self, **chosen)

    def recipe(self, manifest: int, classes: int, network: BackboneRow) -> Recipe:
        """Return the recipe of a run with these choices.

        Args:
            manifest: version of the manifest to train on.
            classes: how many it has.
            network: the row of the catalogue for ``backbone``.

        Raises:
            InputError: the choices do not fit together.
        """
        common = {each.name: getattr(self, each.name) for each in dataclasses.fields(Options)}
        common["head"] = self.head_for(classes)
        if self.weights == "random":  # nothing was learned that could be preserved
            common |= {"train_batch_norm": True, "block_decay": 1.0}
        return Recipe(
            **common,
            manifest=manifest,
            backbone=network.id,
            image_size=network.default_size if self.image_size is None else self.image_size,
            seed=self.seed,
            freeze=self.line,
            fine_tune_epochs=0 if self.line == "all" else self.fine_tune_epochs,
            fine_tune_learning_rate=self.fine_tune_rate,
        )

    @classmethod
    def from_json(cls, value: Mapping[str, object]) -> Self:
        """Return the draft of a JSON object; entries that are unknown or not valid are dropped."""
        options = value.get("options")
        given = {**value, **(options if isinstance(options, Mapping) else {})}  # nested until version 0.1
        draft = cls()
        for name, kind in get_type_hints(cls).items():
            if name in given:
                with contextlib.suppress(InputError, msgspec.ValidationError):
                    draft = replace(draft, **{name: msgspec.convert(given[name], kind)})
        return draft


@functools.cache
def _hints(kind: Any) -> dict[str, object]:
    """Return the types of a dataclass's fields: many recipes may be read at once, and each is checked."""
    return get_type_hints(kind)


def check_choices(record: object) -> None:
    """Raise InputError unless every field of a dataclass that has a fixed set of values holds one of them."""
    of: Any = type(record)
    for name, kind in _hints(of).items():
        choices, value = get_args(kind) if get_origin(kind) is Literal else (), getattr(record, name)
        if choices and value not in choices:
            expected = ", ".join(map(str, choices))
            raise InputError(f"{name.capitalize()} is {value!r}. Choose one of: {expected}.")


def check_range(what: str, value: float, least: float, most: float) -> None:
    """Raise InputError unless ``least <= value <= most`` (not-a-number never is)."""
    if not least <= value <= most:
        raise InputError(f"{what} is {value:g}. Choose a value from {least:g} to {most:g}.")
