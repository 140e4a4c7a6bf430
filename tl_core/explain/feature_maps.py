"""What a network sees: feature maps of a picture and the filters of the first layer, before and after training.

Asked of the interactive worker, which keeps the models that were used last.
"""

import functools
import threading
from pathlib import Path

import keras
import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import image
from tl_core.dataset.deep_grey import Ranges
from tl_core.errors import InputError
from tl_core.explain import tiles
from tl_core.explain.tiles import FeatureMaps, Filters
from tl_core.language import _
from tl_core.networks import backbone, catalogue, saved
from tl_core.networks.catalogue import Backbone
from tl_core.networks.graph import Graph
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

_loading = threading.Lock()


def feature_maps(
    workspace_root: str | Path,
    backbone_id: str,
    picture: bytes | str,
    block_id: str,
    run_folder: str | Path | None = None,
    count: int = 12,
    size: int | None = None,
) -> FeatureMaps:
    """Return the feature maps at the end of a block that a picture excites most.

    Args:
        workspace_root: folder of the workspace.
        backbone_id: id of a row of the catalogue.
        picture: the content of a picture file, or its path.
        block_id: name of the layer at whose output to look.
        run_folder: a run of this network that has a model; its picture size is used.
        count: how many maps, at most.
        size: side of the picture for the network in pixels, None for the network's default.

    Raises:
        InputError: the picture cannot be read, there is no such layer, or the run did not start from this network.
        MissingWeightsError: the weights are not on this machine.
        NotFoundError: the run has no model yet.
    """
    workspace, spec = Workspace.open(workspace_root), catalogue.get(backbone_id)
    before, after = _models(workspace, spec, run_folder, size)
    pixels = as_trained(workspace, picture, before.input_shape[1])
    maps = _activations(before, block_id, pixels)
    strongest = np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:count]
    sets = [maps[..., strongest]]
    if after is not None:
        sets.append(_activations(after, block_id, pixels)[..., strongest])
    drawn = tiles.of_maps(sets)
    height, width, channels = maps.shape
    return FeatureMaps(
        channels=tuple(strongest.tolist()),
        shape=(height, width, channels),
        before=drawn[0],
        after=drawn[1] if after is not None else None,
    )


def filters(workspace_root: str | Path, backbone_id: str, run_folder: str | Path | None = None) -> Filters:
    """Return the kernels of the first convolution.

    Args:
        workspace_root: folder of the workspace.
        backbone_id: id of a row of the catalogue.
        run_folder: a run of this network that has a model.

    Raises:
        InputError: the run did not start from this network.
        MissingWeightsError: the weights are not on this machine.
        NotFoundError: the run has no model yet.
    """
    workspace, spec = Workspace.open(workspace_root), catalogue.get(backbone_id)
    before, after = _models(workspace, spec, run_folder, None)
    name, kernels = first_kernels(before, spec)
    sets = [kernels] if after is None else [kernels, first_kernels(after, spec)[1]]
    drawn = tiles.of_kernels(sets)
    return Filters(layer=name, before=drawn[0], after=drawn[1] if after is not None else None)


def _models(
    workspace: Workspace, spec: Backbone, run_folder: str | Path | None, size: int | None
) -> tuple[keras.Model, keras.Model | None]:
    """Return the network with its ImageNet weights, and as a run left it; without a run that is None."""
    if run_folder is None:
        with _loading:
            return _pretrained(workspace, spec, size or spec.default_size), None
    run = RunFolder(Path(run_folder))
    recipe, changed = run.recipe, run.require_model().stat().st_mtime_ns
    if recipe.backbone != spec.id:
        trained = catalogue.get(recipe.backbone).title
        raise InputError(
            _("Run {run} trained {trained}, not {network}. Choose a run of {network}, or look at {trained}.").format(
                run=run.reference, trained=trained, network=spec.title
            )
        )
    if recipe.weights == "random":
        raise InputError(
            _(
                "Run {run} started from random weights, so there is no network before training to compare with. "
                "Choose a run that started from ImageNet weights."
            ).format(run=run.reference)
        )
    with _loading:
        return _pretrained(workspace, spec, recipe.image_size), _trained(run, changed)


@functools.lru_cache(maxsize=2)
def _pretrained(workspace: Workspace, spec: Backbone, size: int) -> keras.Model:
    return backbone.build(spec, size, weights="imagenet", workspace=workspace)


@functools.lru_cache(maxsize=2)
def _trained(run: RunFolder, changed: int) -> keras.Model:
    return saved.of_run(run)


def as_trained(
    workspace: Workspace, picture: bytes | str, size: int, ranges: Ranges = image.NO_RANGES
) -> NDArray[np.uint8]:
    """Return a picture ``(size, size, 3)`` as training sees it; one from outside is decoded as an import does it.

    Args:
        workspace: where imported pictures are stored.
        picture: the content of a picture file, or its path.
        size: side of the square in pixels.
        ranges: of deep grey, of the project that it is seen by.

    Raises:
        InputError: the picture cannot be read.
    """
    data = image.content(picture)
    imported = isinstance(picture, str) and Path(picture).is_relative_to(workspace.root)
    return image.pixels(data if imported else image.decode(data, ranges).data, size)


def _activations(model: keras.Model, layer: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the output of a layer for one picture, ``(height, width, channels)``."""
    output = Graph(model).outputs.get(layer)
    if output is None or len(output.shape) != 4:
        raise InputError(
            _("{network} has no feature map at “{layer}”. Draw the network again and choose one of its blocks.").format(
                network=model.name, layer=layer
            )
        )
    part = keras.Model(model.input, output)
    maps: NDArray[np.float32] = part(pixels[None].astype(np.float32), training=False).numpy()[0]
    return maps


def first_kernels(model: keras.Model, spec: Backbone) -> tuple[str, NDArray[np.float32]]:
    """Return name and kernels ``(height, width, RGB, filters)`` of the first convolution."""
    first = next(layer for layer in Graph(model).operations if isinstance(layer, keras.layers.Conv2D))
    kernels: NDArray[np.float32] = first.kernel.numpy()
    return str(first.name), kernels[:, :, ::-1] if spec.preprocessing == "caffe" else kernels
