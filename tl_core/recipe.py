"""Everything that is needed to repeat a training run, checked at birth."""

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal, Self, get_args, get_origin, get_type_hints

from tl_core.errors import InputError

Pooling = Literal["average", "max", "flatten"]
Activation = Literal["softmax", "sigmoid"]
Augmentation = Literal["off", "gentle", "full"]
Weights = Literal["imagenet", "random"]
Precision = Literal["float32", "float16"]

#: What each level of augmentation does, for people.
AUGMENTATIONS: dict[Augmentation, str] = {
    "off": "Every picture as it is.",
    "gentle": "Small shifts, zooms and changes of light. Never mirrors: right for digits, signs and writing.",
    "full": "Mirrors, turns, shifts, zooms and changes of light. Right for most photographs.",
}

#: The rate at which a pre-trained network may safely be moved; the person chooses a multiple of it.
FINE_TUNE_LEARNING_RATE = 1e-5


@dataclass(frozen=True, kw_only=True)
class Head:
    """The new layers on top of the backbone.

    Attributes:
        pooling: how the last feature map becomes one vector.
        hidden: units of a ReLU layer between pooling and output, 0 for none, at most 4096.
        dropout: share of the units silenced while training, 0 to 0.9.
        activation: ``softmax`` with categorical cross-entropy, or, for two classes, one ``sigmoid`` unit with
            binary cross-entropy.
    """

    pooling: Pooling = "average"
    hidden: int = 0
    dropout: float = 0.2
    activation: Activation = "softmax"

    def __post_init__(self) -> None:
        check_choices(self)
        check_range("Hidden units", self.hidden, 0, 4096)
        check_range("Dropout", self.dropout, 0, 0.9)


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What to train, on what, and how. Two runs of one recipe on one machine give the same result.

    Attributes:
        manifest: version of the manifest that is trained on.
        backbone: id of a row of the catalogue.
        weights: pre-trained on ImageNet, or random ("from scratch").
        image_size: side in pixels of the square that pictures are brought to, 16 to 1024.
        freeze: ``"all"`` (only the head trains), ``"none"``, or the id of the last frozen block.
        keep_frozen: names of layers, or of kinds of layers (``"DepthwiseConv2D"``), behind the line that stay frozen
            all the same.
        train_batch_norm: let BatchNorm layers behind the freeze line train; off, they keep their statistics.
        head: the new layers.
        augmentation: changes made to training pictures.
        augmentation_variants: 0 changes them anew in every epoch ("live": the frozen part must then run in every
            epoch); else so many changed versions of each picture are made once, kept, and taken in turn, 1 to 32.
        cache_precision: of kept activations; ``float16`` takes half of the disk and rounds to three digits.
        epochs: at most so many with the whole backbone frozen, 0 to 1000.
        learning_rate: of the head, for Adam, 1e-7 to 1.
        fine_tune_epochs: at most so many with the layers behind the freeze line trained too, 0 to 1000.
        fine_tune_learning_rate: of the fine-tuning, for Adam, 1e-8 to 1.
        patience: epochs without a better validation loss after which a phase ends, 1 to 1000.
        class_weights: let every class count the same however many pictures it has.
        label_smoothing: 0 to 0.5.
        batch_size: pictures per step, 1 to 1024.
        seed: of weights, order, dropout and augmentation, 0 to 2³¹ - 1.

    >>> Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0).freeze
    'all'
    """

    manifest: int
    backbone: str
    image_size: int
    seed: int
    weights: Weights = "imagenet"
    freeze: str = "all"
    keep_frozen: tuple[str, ...] = ()
    train_batch_norm: bool = False
    head: Head = field(default_factory=Head)
    augmentation: Augmentation = "off"
    augmentation_variants: int = 0
    cache_precision: Precision = "float32"
    epochs: int = 30
    learning_rate: float = 1e-2
    fine_tune_epochs: int = 0
    fine_tune_learning_rate: float = FINE_TUNE_LEARNING_RATE
    patience: int = 5
    class_weights: bool = True
    label_smoothing: float = 0.0
    batch_size: int = 32

    def __post_init__(self) -> None:
        check_choices(self)
        check_range("Variants of each picture", self.augmentation_variants, 0, 32)
        check_range("Picture size", self.image_size, 16, 1024)
        check_range("Epochs", self.epochs, 0, 1000)
        check_range("Fine-tuning epochs", self.fine_tune_epochs, 0, 1000)
        check_range("Learning rate", self.learning_rate, 1e-7, 1)
        check_range("Fine-tuning rate", self.fine_tune_learning_rate, 1e-8, 1)
        check_range("Patience", self.patience, 1, 1000)
        check_range("Label smoothing", self.label_smoothing, 0, 0.5)
        check_range("Batch size", self.batch_size, 1, 1024)
        check_range("Seed", self.seed, 0, 2**31 - 1)
        if self.epochs + self.fine_tune_epochs == 0:
            raise InputError("Nothing to train: both numbers of epochs are 0. Set at least one of them to 1 or more.")
        if self.fine_tune_epochs and self.freeze == "all":
            raise InputError(
                f"{self.fine_tune_epochs} fine-tuning epochs were asked for, but the whole network is frozen. "
                "Move the freeze line, or set the fine-tuning epochs to 0."
            )

    @property
    def live(self) -> bool:
        """True if training pictures are changed anew in every epoch: then nothing of them can be kept."""
        return self.augmentation != "off" and not self.augmentation_variants

    def to_json(self) -> dict[str, Any]:
        """Return a JSON object that ``from_json`` turns back into an equal recipe."""
        return dataclasses.asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the recipe of a JSON object. Raises InputError on unknown or missing entries."""
        try:
            kept = tuple(value.get("keep_frozen", ()))
            return cls(**{**value, "keep_frozen": kept, "head": Head(**value.get("head", {}))})
        except TypeError as exc:
            raise InputError(f"This recipe cannot be read: {exc}. It may come from another version of Thaw.") from exc


def check_choices(record: Any) -> None:
    """Raise InputError unless every field of a dataclass that has a fixed set of values holds one of them."""
    for name, kind in get_type_hints(type(record)).items():
        choices, value = get_args(kind) if get_origin(kind) is Literal else (), getattr(record, name)
        if choices and value not in choices:
            expected = ", ".join(map(str, choices))
            raise InputError(f"{name.capitalize()} is {value!r}. Choose one of: {expected}.")


def check_range(what: str, value: float, least: float, most: float) -> None:
    """Raise InputError unless ``least <= value <= most`` (not-a-number never is)."""
    if not least <= value <= most:
        raise InputError(f"{what} is {value:g}. Choose a value from {least:g} to {most:g}.")
