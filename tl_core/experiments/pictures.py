"""The pictures that experiments ask about, and what a frozen network makes of them. Test pictures stay sealed."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import kinds, manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import InputError, Stopped
from tl_core.evaluation.questions import Questions, of_table
from tl_core.features import sources
from tl_core.freezing.probe import sample
from tl_core.language import _
from tl_core.networks import tables
from tl_core.progress import Progress
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

if TYPE_CHECKING:
    import keras

    from tl_core.features.cache import ActivationCache

#: More pictures than these move no result by much; they are the same ones each time, every class with its share.
MOST = 6000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The pictures of an experiment.

    Attributes:
        questions: the pictures, ready to be dealt into folds.
        every: how many training and validation pictures there are in all.
        table: their rows of the list, in the order of the questions.
    """

    questions: Questions
    every: int
    table: pd.DataFrame


def require(project: Project, kind: str) -> None:
    """Raise InputError if there is no experiment of that kind for what a project holds."""
    if kind not in tasks.of(project).experiments:
        raise InputError(kinds.only_pictures(project))


def asked(project: Project, version: int, most: int = MOST) -> Asked:
    """Return the training and validation pictures of a version of the list, at most about so many of them.

    Raises:
        InputError: they cannot be trained on, or are too few to be dealt into folds.
    """
    data = manifest.load(project, version)
    if problems := tasks.of(project).problems(data, validated=False):
        raise InputError(" ".join(problems))
    table = data.table[data.table["split"].isin([TRAIN, VALIDATION])]
    some = sample(table, most)
    return Asked(questions=of_table(some, data.classes, kinds.of(project)), every=len(table), table=some)


def activations(
    project: Project, version: int, backbone: str, classes: int, progress: Progress, image_size: int | None = None
) -> "ActivationCache":
    """Return the activations of the whole frozen network, those that training reads, too.

    Args:
        project: whose pictures.
        version: of the list of pictures.
        backbone: id of a network.
        classes: how many there are.
        progress: hears when the network is made ready.
        image_size: side of the pictures in pixels; None for the usual one.

    Raises:
        MissingWeightsError: the weights are not on this machine.
    """
    from tl_core.networks import activations, weights
    from tl_core.networks import backbone as backbones
    from tl_core.networks.model import Network

    spec = tables.get(backbone)
    weights.ensure(spec, project.workspace)
    draft = tasks.of(project).draft(spec.id, manifest.load(project, version))
    recipe = replace(draft, image_size=image_size or draft.image_size).recipe(version, classes, spec)

    def pooled() -> "keras.Model":
        return Network(
            lambda: backbones.of_recipe(recipe, project.workspace, progress), recipe.head, classes, recipe.seed
        ).pooled()

    return activations.cache_before(recipe, project.workspace, "all", pooled)


def features(project: Project, cache: "ActivationCache", ids: list[str], progress: Progress) -> NDArray[np.float32]:
    """Return the activations of the pictures, ``(n, channels)``; those that are missing are computed.

    Raises:
        InputError: there is no room for them.
        Stopped: a person pressed Stop; the next time begins with what was computed.
    """
    from tl_core.networks import examples

    pictures = {"pictures": examples.of_ids(project, cache.recipe, ids)}
    try:
        source = cache.sources({"pictures": ids}, pictures, progress)["pictures"]
    except Stopped as exc:
        raise Stopped(_("Stopped. What the network has seen so far is stored.")) from exc
    if not isinstance(source, sources.CachedActivations):
        raise InputError(_("There is no room for the features. Free some disk space, or raise TL_CACHE_GB."))
    try:
        return source.read(range(len(ids)))
    finally:
        source.close()
