"""The frozen pass over a project's pictures before anybody presses Train: work that is known in advance."""

import contextlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tl_core.about import Things
from tl_core.crew import stand_back
from tl_core.dataset import manifest
from tl_core.errors import TLError
from tl_core.features.cache import ActivationCache
from tl_core.features.sources import CachedActivations
from tl_core.networks import activations, examples, pyramid, untrained
from tl_core.networks.model import Network
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.workspace import Project, Workspace


def run(folder: Path, progress: Progress, *, project: str, recipe: Mapping[str, object]) -> None:
    """Do the "ahead" job: compute what the head of a run with this recipe (``Recipe.first_pass``) will learn on.

    Raises:
        MissingWeightsError: the network's weights are not on this machine.
        Stopped: something else was asked for; the next run finds what was computed.
        StorageError: the disk is full.
    """
    with ThreadPoolExecutor(1, initializer=stand_back) as apart:
        apart.submit(compute, Project(Path(project)), Recipe.from_json(recipe), progress).result()


def compute(project: Project, recipe: Recipe, progress: Progress) -> None:
    """Store the activations of the whole backbone for the training and validation pictures, and build the network."""
    data = manifest.load(project, recipe.manifest)
    prepare = _OTHERWISE.get(project.about().kind, _pooled)
    parts = {split: list(rows["id"]) for split in ("train", "validation") if len(rows := data.split(split))}
    pictures = {split: examples.of_ids(project, recipe, ids) for split, ids in parts.items()}
    cache = prepare(recipe, project.workspace, progress)
    for source in cache.sources(parts, pictures, progress).values():
        if isinstance(source, CachedActivations):
            source.close()
    untrained.of_recipe(recipe, project.workspace, progress)  # the next run of this process finds it built


def convert(recipe: Recipe, workspace: Workspace) -> None:
    """Load what training needs and convert the whole backbone, while the pictures are still on their way.

    What cannot be converted, or has no weights here, is told by the training.
    """
    if not recipe.live:
        with contextlib.suppress(TLError):
            _pooled(recipe, workspace, Progress()).converted_trunk(Progress())


def _pooled(recipe: Recipe, workspace: Workspace, progress: Progress) -> ActivationCache:
    # What comes before the head is the same for any number of classes.
    network = Network(lambda: untrained.of_recipe(recipe, workspace, progress), recipe.head, classes=2)
    return activations.cache_before(recipe, workspace, "all", network.pooled)


def _maps(recipe: Recipe, workspace: Workspace, progress: Progress) -> ActivationCache:
    trunk = partial(untrained.of_recipe, recipe, workspace, progress)
    return activations.cache_before(recipe, workspace, pyramid.LINE, lambda: pyramid.trunk(trunk()))


#: Kinds whose head learns from something else than one row for each picture.
_OTHERWISE: dict[Things, Callable[[Recipe, Workspace, Progress], ActivationCache]] = {"boxes": _maps}
