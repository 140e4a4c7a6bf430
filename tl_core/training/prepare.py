"""What a run needs before it learns: its images without the test images, and the network with a new head."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.features.sources import Inputs
from tl_core.freezing import outline
from tl_core.language import _
from tl_core.networks import backbone, cut, examples, text_catalogue, untrained, weights
from tl_core.networks import tables as networks
from tl_core.networks.model import Network, set_trainable
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import Counts, RunFolder
from tl_core.tasks import table as tasks
from tl_core.tasks import texts
from tl_core.training import objective
from tl_core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Setup:
    """A run that is ready to learn.

    Attributes:
        run: its folder.
        recipe: of the run.
        classes: names in the order of the model's output.
        counts: images of each split.
        tables: rows of the manifest of ``"train"``, and of ``"validation"`` where there are any. The test images are
            left out here, so that nothing in training can read them.
        network: the backbone, built when it is first needed, with a new head.
    """

    run: RunFolder
    recipe: Recipe
    classes: list[str]
    counts: Counts
    tables: dict[str, pd.DataFrame]
    network: Network

    def ids(self, split: str) -> list[str]:
        """Return the ids of the images of a split."""
        return list(self.tables[split]["id"])

    def pictures(self, split: str) -> Inputs:
        """Return the images of a split, to be made ready."""
        return examples.of_rows(self.run.project, self.recipe, self.tables[split])

    def labels(self, split: str) -> NDArray[np.int64]:
        """Return the labels of each image of a split: the position of its class ``(n,)``, or its tags ``(n, tags)``."""
        return objective.of(self.recipe.head).labels(self.tables[split], self.classes)


def prepare(run: RunFolder, progress: Progress) -> Setup:
    """Return what a run needs to learn.

    Raises:
        InputError: the images cannot be trained on, or the recipe does not fit them.
        MissingWeightsError: the backbone's weights are not on this machine.
    """
    data = manifest.of_run(run)
    tasks.check_network(run.project, run.recipe.backbone)
    tasks.check_head(run.project, run.recipe.head)
    if problems := tasks.of(run.project).problems(data, validated=run.recipe.everything is None):
        raise InputError(" ".join(problems))
    parts = {split: data.split(split) for split in ("train", "validation", "test")}
    tables = {split: rows for split, rows in parts.items() if split != "test" and len(rows)}
    return of_tables(run, data.classes, tables, progress, test=len(parts["test"]))


def of_tables(
    run: RunFolder, classes: list[str], tables: dict[str, pd.DataFrame], progress: Progress, *, test: int = 0
) -> Setup:
    """Return the same for pictures that were chosen by hand.

    Args:
        run: with its recipe.
        classes: names in the order of the model's output.
        tables: see ``Setup``.
        progress: hears of it.
        test: number of test images.
    """
    recipe, workspace = run.recipe, run.project.workspace
    spec = networks.get(recipe.backbone)

    def build() -> keras.Model:
        progress.emit("message", text=_("Loading {network}").format(network=spec.title))
        of_recipe = backbone.of_recipe if recipe.live or recipe.fine_tune_epochs else untrained.of_recipe
        return of_recipe(recipe, workspace, progress)

    setup = Setup(
        run=run,
        recipe=recipe,
        classes=classes,
        counts=Counts(len(tables["train"]), len(tables.get("validation", ())), test),
        tables=tables,
        network=Network(build, recipe.head, len(classes), recipe.seed),
    )
    _check(recipe, workspace, lambda: setup.network.backbone)
    return setup


def check_choices(recipe: Recipe, workspace: Workspace) -> None:
    """Raise what ``prepare`` raises of a recipe, whatever it is trained on; to be asked before anything is written."""
    shape = replace(recipe, weights="random")
    _check(recipe, workspace, lambda: backbone.of_recipe(shape, workspace, Progress()))


def _check(recipe: Recipe, workspace: Workspace, network: Callable[[], keras.Model]) -> None:
    """Raise now what would otherwise come after the head has learned: no weights, no such block, no such layer."""
    if recipe.augmentation != "off" and networks.takes_texts(recipe.backbone):
        raise InputError(_("Texts cannot be changed at random as pictures can. Set the augmentation to “off”."))
    if networks.takes_texts(recipe.backbone):
        texts.check_length(recipe.image_size, text_catalogue.get(recipe.backbone))
    if recipe.weights == "imagenet":
        weights.ensure(networks.get(recipe.backbone), workspace)
    drawn = outline.load(workspace, recipe.backbone)
    lines = drawn.lines if drawn else []
    if recipe.freeze not in ("all", "none", *lines):
        cut.freeze_line(network(), recipe.freeze)
    if recipe.keep_frozen and recipe.fine_tune_epochs:
        set_trainable(None, network(), keep_frozen=recipe.keep_frozen)
