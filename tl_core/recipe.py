"""What to train and how: the ``Recipe`` of one run."""

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

import msgspec

from tl_core.accuracy import Accuracy
from tl_core.errors import InputError
from tl_core.language import N_, _

Pooling = Literal["average", "max", "flatten", "first"]
Activation = Literal["softmax", "sigmoid"]
Augmentation = Literal["off", "gentle", "full"]
AugmentationSize = Literal["network", "picture"]
Solver = Literal["adam", "lbfgs"]
Schedule = Literal["constant", "cosine"]
Weights = Literal["imagenet", "random"]
Precision = Literal["float32", "float16"]

#: What each level of augmentation does, for people.
AUGMENTATIONS: dict[Augmentation, str] = {
    "off": N_("Every picture as it is."),
    "gentle": N_("Small shifts, zooms and changes of light. No mirroring: right for digits, signs and writing."),
    "full": N_("Mirroring, rotation, shifts, zooms and changes of light. Right for most photographs."),
}

#: How a head can learn, for people.
SOLVERS: dict[Solver, str] = {
    "lbfgs": N_(
        "Finds the best weights for each strength of a penalty, in a moment. The validation pictures choose one."
    ),
    "adam": N_("Step by step: in epochs, at a learning rate."),
}

#: What each schedule makes of the fine-tuning rate, for people.
SCHEDULES: dict[Schedule, str] = {
    "constant": N_("The same rate in every step."),
    "cosine": N_("Up to the rate in the first tenth of the steps, then down to 0 along a cosine."),
}

#: The rate at which a pre-trained network may safely be moved; the person chooses a multiple of it.
FINE_TUNE_LEARNING_RATE = 1e-5
#: The usual rate of fine-tuning with each schedule; one that comes down to 0 may begin higher.
FINE_TUNE_RATES: dict[Schedule, float] = {"constant": FINE_TUNE_LEARNING_RATE, "cosine": 3e-4}

#: Of each number in a recipe: what people call it, the least and the largest value.
RANGES: dict[str, tuple[str, float, float]] = {
    "image_size": (N_("Picture size"), 16, 1024),
    "augmentation_variants": (N_("Copies of each picture"), 0, 32),
    "epochs": (N_("Epochs"), 0, 1000),
    "l2": (N_("L2 penalty"), 1e-6, 1e6),
    "learning_rate": (N_("Learning rate"), 1e-7, 1),
    "fine_tune_epochs": (N_("Fine-tuning epochs"), 0, 1000),
    "fine_tune_learning_rate": (N_("Fine-tuning rate"), 1e-8, 1),
    "weight_decay": (N_("Weight decay"), 0, 1),
    "block_decay": (N_("Rate of each earlier block"), 0.1, 1),
    "patience": (N_("Patience"), 1, 1000),
    "label_smoothing": (N_("Label smoothing"), 0, 0.5),
    "batch_size": (N_("Batch size"), 1, 1024),
    "seed": (N_("Seed"), 0, 2**31 - 1),
}


@dataclass(frozen=True, kw_only=True)
class Head:
    """The new layers on top of the backbone.

    Attributes:
        pooling: how the last feature map, or the hidden states of a text, become one vector. ``flatten`` is for
            pictures, ``first`` (the hidden state of the first token) for texts.
        hidden: units of a ReLU layer between pooling and output, 0 for none, at most 4096.
        dropout: share of the units silenced while training, 0 to 0.9.
        saturated: whether the head sees the pooled features twice: as they are, and their tanh on the scale of twice
            their mean size. There a weak sign of something counts nearly as much as a strong one, as with the square
            roots of F. Perronnin et al., "Improving the Fisher Kernel for Large-Scale Image Classification", 2010.
        centred: whether what comes in is centred on the training pictures and scaled, by one number, to a length of
            about 2. These are fixed numbers, as is the scale of the tanh, measured before the head learns.
        activation: ``softmax`` with categorical cross-entropy, or, for two classes, one ``sigmoid`` unit with
            binary cross-entropy.
        several: whether a picture has any number of the labels: then each has a ``sigmoid`` unit of its own.
    """

    pooling: Pooling = "average"
    hidden: int = 0
    dropout: float = 0.2
    saturated: bool = False
    centred: bool = False
    activation: Activation = "softmax"
    several: bool = False

    def __post_init__(self) -> None:
        check_choices(self)
        if self.several and self.activation != "sigmoid":
            raise InputError(_("For several labels a picture each label has a sigmoid. Choose the sigmoid head."))
        check_range(N_("Hidden units"), self.hidden, 0, 4096)
        check_range(N_("Dropout"), self.dropout, 0, 0.9)

    def units(self, classes: int) -> int:
        """Return how many numbers the head gives for so many classes or tags.

        >>> Head(activation="sigmoid").units(2), Head().units(2), Head(activation="sigmoid", several=True).units(3)
        (1, 2, 3)
        """
        return 1 if self.activation == "sigmoid" and not self.several else classes


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


@dataclass(frozen=True, kw_only=True)
class BoxesBefore:
    """How good the boxes of a run were: ``map50`` with its 95% ``interval``, 0 to 1, on so many ``pictures``."""

    map50: float
    interval: tuple[float, float]
    pictures: int

    def __post_init__(self) -> None:
        for value in (self.map50, *self.interval):
            check_range(N_("mAP@50 before"), value, 0, 1)
        check_range(N_("The number of pictures before"), self.pictures, 1, 10**9)


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
        boxes: the same of a run on boxes, which has no accuracy; None for labels, and where there was no box.
    """

    run: str
    test: bool
    temperature: float
    measured_on: Literal["validation", "test", "held-out"]
    before: Accuracy
    boxes: BoxesBefore | None = None

    def __post_init__(self) -> None:
        check_choices(self)
        check_range(N_("The temperature"), self.temperature, 1e-6, 1e6)
        check_range(N_("The accuracy before"), self.before.accuracy or 0.0, 0, 1)


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
            raise InputError(
                _("Nothing to train: both numbers of epochs are 0. Set at least one of them to 1 or more.")
            )
        if self.fine_tune_epochs and self.freeze == "all":
            raise InputError(
                _(
                    "You asked for {epochs} fine-tuning epochs, but the whole network is frozen. "
                    "Move the freeze line, or set the fine-tuning epochs to 0."
                ).format(epochs=self.fine_tune_epochs)
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
                raise msgspec.ValidationError(_("“{name}” is not known").format(name=min(unknown)))
            return msgspec.convert(value, cls)
        except msgspec.ValidationError as exc:
            raise InputError(
                _("This recipe cannot be read: {reason}. It may come from another version of Thaw.").format(reason=exc)
            ) from exc


@functools.cache
def field_types(kind: Any) -> dict[str, object]:
    """Return the types of a dataclass's fields: many recipes may be read at once, and each is checked."""
    return get_type_hints(kind)


def check_choices(record: object) -> None:
    """Raise InputError unless every field of a dataclass that has a fixed set of values holds one of them."""
    of: Any = type(record)
    for name, kind in field_types(of).items():
        choices, value = get_args(kind) if get_origin(kind) is Literal else (), getattr(record, name)
        if choices and value not in choices:
            expected = ", ".join(map(str, choices))
            raise InputError(
                _("{field} is {value}. Choose one of: {expected}.").format(
                    field=name.capitalize(), value=repr(value), expected=expected
                )
            )


def check_range(what: str, value: float, least: float, most: float) -> None:
    """Raise InputError unless ``least <= value <= most`` (not-a-number never is). ``what`` is marked with ``N_``."""
    if not least <= value <= most:
        raise InputError(
            _("{what} is {value}. Choose a value from {least} to {most}.").format(
                what=_(what), value=f"{value:g}", least=f"{least:g}", most=f"{most:g}"
            )
        )
