"""What a person has chosen so far for the next run: a ``Draft``, of which a ``Recipe`` is made.

Every default is the default of a field here: page, command line and estimates read it from ``Draft``.
"""

import contextlib
import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol, Self, TypeVar

import msgspec

from tl_core.errors import InputError
from tl_core.recipe import FINE_TUNE_RATES, Head, Options, Recipe, Solver, field_types

Some = TypeVar("Some", bound=Options)

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
#: How a head learns gently before blocks do: epochs, and the least share of what it sees that is left out.
HEAD_EPOCHS, HEAD_DROPOUT = 4, 0.3
#: Fewer examples to learn from are too few steps for that: on 200 texts or digits it lost (tests/bench/README.md).
GENTLE_FROM = 250


def fine_tuned(options: Options) -> dict[str, Any]:
    """Return the settings with which blocks are fine-tuned best; pictures are changed gently if they are not yet."""
    return {**FINE_TUNED, **(_CHANGED if options.augmentation == "off" else {})}


def gently(options: Some, rate: float) -> Some:
    """Return options with which the head learns gently before blocks do.

    One that knows what it learns from by heart, as after logistic regression, leaves the blocks nothing to learn
    (tests/bench/README.md).

    Args:
        options: of a recipe or a draft.
        rate: at which the head learns, for ``HEAD_EPOCHS`` epochs of gradient descent.
    """
    head = replace(options.head, saturated=False, dropout=max(options.head.dropout, HEAD_DROPOUT))
    return replace(options, head=head, solver="adam", learning_rate=rate, epochs=HEAD_EPOCHS)


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
        gentle_rate: at which the head learns before blocks do, see ``gently``, which then comes with the freeze line;
            None for a head that learns as if nothing else did.

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
    gentle_rate: float | None = None

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
        """Return the head for a number of classes: only two of them may have one sigmoid."""
        return self.head if classes == 2 or self.head.several else replace(self.head, activation="softmax")

    def changed(self, **changes: Any) -> Self:
        """Return this draft with other values in some fields. Raises InputError if one is out of its range.

        With a freeze line after which blocks learn come the settings that suit that; with the last such line they go.
        They do not where somebody has chosen another one of them. With a rate or a number of epochs for the head comes
        the solver that has them.

        >>> Draft().changed(learning_rate=0.01).solver
        'adam'
        """
        new = replace(self, **changes)
        crosses = (new.line == "all") != (self.line == "all") and new.weights != "random"
        brought = self._settings(new.line) if crosses else {}
        if "learning_rate" in changes or changes.get("epochs"):
            brought["solver"] = "adam"
        begun = self._headed(new.line) if crosses else self
        return replace(begun, **{**brought, **changes})

    def _settings(self, line: str) -> dict[str, Any]:
        """Return what a freeze line brings with it, or takes away."""
        usual = {each.name: each.default for each in dataclasses.fields(self)}
        brought: dict[str, Any] = {}
        for won in ({**FINE_TUNED, "fine_tune_learning_rate": None}, _CHANGED):  # None is the rate of the schedule
            plain = {name: usual[name] for name in won}
            here, there = (won, plain) if line == "all" else (plain, won)
            if any(getattr(self, name) != value for name, value in here.items()):
                break
            brought |= there
        return brought

    def _headed(self, line: str) -> Self:
        """Return this draft with a head that learns as suits a freeze line, unless somebody has chosen otherwise."""
        if self.gentle_rate is None:
            return self
        usual = type(self)()
        head = replace(self.head, saturated=usual.head.saturated, dropout=usual.head.dropout)
        plain = replace(self, head=head, solver=usual.solver, learning_rate=usual.learning_rate, epochs=usual.epochs)
        gentle = gently(self, self.gentle_rate)
        here, there = (gentle, plain) if line == "all" else (plain, gentle)
        return there if self == here else self

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
        shared = {each.name for each in dataclasses.fields(self)} & {each.name for each in dataclasses.fields(recipe)}
        chosen = {name: getattr(recipe, name) for name in shared}
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
        found: dict[str, Any] = {}
        for name, kind in field_types(Draft).items():
            if name in given:
                with contextlib.suppress(msgspec.ValidationError):
                    found[name] = msgspec.convert(given[name], kind)
        draft = cls()
        with contextlib.suppress(InputError):
            return replace(draft, **found)
        for name, valid in found.items():  # one of them is not
            with contextlib.suppress(InputError):
                draft = replace(draft, **{name: valid})
        return draft
