"""The training of a run as a program of plain Keras that explains itself, filled in with what a person has chosen.

``assets/code/train.py.jinja`` is the one source of script and notebook: a template in cells (``# %%``). Nothing that a
person typed gets into its code. Names of classes come from a file, and the title stands in a comment of one line.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.dataset.names import plain
from tl_core.dataset.splits import TEST, VALIDATION
from tl_core.evaluation import predictions
from tl_core.export import measured, subjects, templates
from tl_core.export.markdown import escape
from tl_core.export.stock_network import Stock
from tl_core.features.augment import LEVELS, Level
from tl_core.freezing import outline
from tl_core.networks import saved, tables
from tl_core.recipe import Recipe
from tl_core.runs import Phase, RunFolder

#: What the frozen network sees in the training pictures is held in memory, if it has no more bytes than this.
MOST_BYTES = 2**30
#: Layers that pool, and what they take of the feature map.
POOLING = {
    "average": ("GlobalAveragePooling2D", "the mean of each channel"),
    "max": ("GlobalMaxPooling2D", "the largest of each channel"),
    "flatten": ("Flatten", "all of its values"),
}

#: The same of texts, whose pooling the program writes itself.
TEXT_POOLING = {
    "first": ("first", "what it says of the whole text at its first place"),
    "average": ("average", "the mean over its word pieces"),
    "max": ("max", "the largest over its word pieces"),
}
#: What is not of pictures.
POOLINGS: dict[Things, dict[str, tuple[str, str]]] = {"texts": TEXT_POOLING}


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What the templates say of a run, beside its recipe.

    Attributes:
        title: of the project, as Markdown on one line.
        texts: whether it reads texts, and takes no pictures.
        several: whether a picture has several labels.
        network: title of the backbone.
        stock: how Keras itself builds the backbone; None where it comes as a file.
        l2: strength of the penalty of a head that learns by logistic regression, None for one by gradient descent.
        epochs: of the head, at most; 0 where it is not trained by itself.
        fine_tune_epochs: of the fine-tuning, at most; 0 for none.
        stopped: whether a person ended the training, so that these are the epochs until then.
        cached: whether the frozen network runs over the pictures only once.
        changes: layers that change training pictures, as Python; empty for none.
        small: how pictures are changed that are smaller than the network sees; None where those layers do it, too.
        blocks: layers with which the blocks end that learn at rates of their own, from the picture upwards; empty where
            all learn at the same rate.
        sigmoid: whether the head has one output for two classes.
        pooling: name of the layer.
        pooled: what it gives, in words.
        dropout: share of it that is silenced while training, in words.
        smoothing: label smoothing, as an argument of the loss, or "".
        validated: whether there are validation pictures.
        test: whether there are test pictures.
        test_opened: whether a person has opened them for this run.
        measured: how good the run is, as sentences.
        interval: 95% interval of its validation accuracy, low and high, 0 to 1; None where it has none.
        temperature: that the logits are divided by, as text; "" where it is unknown.
    """

    title: str
    texts: bool
    several: bool
    network: str
    stock: Stock | None
    l2: float | None
    epochs: int
    fine_tune_epochs: int
    stopped: bool
    cached: bool
    changes: Sequence[str]
    small: Level | None
    blocks: Sequence[str]
    sigmoid: bool
    pooling: str
    pooled: str
    dropout: str
    smoothing: str
    validated: bool
    test: bool
    test_opened: bool
    measured: Sequence[str]
    interval: tuple[float, float] | None
    temperature: str


def plan(run: RunFolder, stock: Stock | None) -> Plan:
    """Return what the templates say of a run.

    Raises:
        NotFoundError: the run has no model, or its list of pictures is gone.
        DamagedError: one of its files cannot be read.
    """
    with subjects.english(run):
        return _plan(run, stock)


def _plan(run: RunFolder, stock: Stock | None) -> Plan:
    recipe, report, data = run.recipe, run.report(), manifest.of_run(run)
    kind, several = kinds.of(run.project), run.recipe.head.several
    layer, taken = POOLINGS.get(kind, POOLING)[recipe.head.pooling]
    numbers = math.prod(saved.of_run(run).get_layer("head_pooling").output.shape[1:])
    found = {each.split: each.figures for each in measured.every(run)}
    low_high = found[VALIDATION].interval if VALIDATION in found else None
    level = LEVELS[recipe.augmentation]
    return Plan(
        title=escape(plain(run.project.name)),
        texts=kind in POOLINGS,
        several=several,
        network=tables.get(recipe.backbone).title,
        stock=stock,
        l2=report.l2 if report else None,
        epochs=_epochs(run, "head"),
        fine_tune_epochs=_epochs(run, "fine-tune"),
        stopped=report is not None and report.stopped,
        cached=not recipe.live and 4 * recipe.copies * len(data.split("train")) * numbers <= MOST_BYTES,
        changes=changes(level),
        small=level if recipe.augmentation_size == "picture" else None,
        blocks=_blocks(run),
        sigmoid=recipe.head.activation == "sigmoid" and not several,
        pooling=layer,
        pooled=f"{numbers:,} numbers, {taken}",
        dropout=wording.percent(recipe.head.dropout),
        smoothing=f", label_smoothing={recipe.label_smoothing}" if recipe.label_smoothing else "",
        validated=len(data.split(VALIDATION)) > 0,
        test=len(data.split(TEST)) > 0,
        test_opened=predictions.is_stored(run, TEST),
        measured=_measured(run),
        interval=(round(low_high[0], 4), round(low_high[1], 4)) if low_high else None,
        temperature=f"{report.temperature:.3g}" if report and not several else "",
    )


def _blocks(run: RunFolder) -> list[str]:
    recipe = run.recipe
    if recipe.block_decay == 1 or not recipe.fine_tune_epochs:
        return []
    workspace = run.project.workspace
    drawn = outline.load(workspace, recipe.backbone) or outline.draw(workspace.root, recipe.backbone)
    return [block.id for block in drawn.blocks]


def _epochs(run: RunFolder, phase: Phase) -> int:
    """Return the epochs of a phase at most; where a person ended the training, those until then."""
    recipe, report = run.recipe, run.report()
    if report and report.stopped:
        return sum(row.phase == phase for row in report.history)
    return recipe.epochs if phase == "head" else recipe.fine_tune_epochs


def _measured(run: RunFolder) -> list[str]:
    every = [line for each in measured.every(run) for line in (each.right(), each.reliability())]
    return [escape(plain(line)) for line in every or [measured.not_measured(run)]]


def changes(level: Level | None) -> list[str]:
    """Return the layers of Keras that change pictures as a level says, as Python; none for no level.

    >>> changes(Level(mirror=True, zoom=(0.85, 1.05)))
    ['keras.layers.RandomFlip("horizontal")', 'keras.layers.RandomZoom((-0.15, 0.05), fill_mode="nearest")']
    """
    if level is None:
        return []
    zoom = tuple(round(side - 1, 6) for side in level.zoom)
    layers = {
        'RandomFlip("horizontal")': level.mirror,
        f'RandomRotation({level.turn}, fill_mode="nearest")': level.turn,
        f'RandomTranslation({level.shift}, {level.shift}, fill_mode="nearest")': level.shift,
        f'RandomZoom({zoom}, fill_mode="nearest")': any(zoom),
        f"RandomContrast({level.contrast}, value_range=(0, 255))": level.contrast,
        f"RandomBrightness({level.brightness}, value_range=(0, 255))": level.brightness,
    }
    return [f"keras.layers.{layer}" for layer, wanted in layers.items() if wanted]


def script(recipe: Recipe, plan: Plan) -> str:
    """Return the program, in cells."""
    return templates.render("train.py.jinja", recipe=recipe, plan=plan)
