"""What a network sees: feature maps of a picture and the filters of the first layer, before and after training.

Asked of the interactive worker, which keeps the models that were used last.
"""

import functools
import io
import threading
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tl_core.dataset import image
from tl_core.errors import InputError
from tl_core.explain import heatmap
from tl_core.networks import backbone, catalogue
from tl_core.networks.catalogue import Backbone
from tl_core.networks.graph import Graph
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

#: Small maps and filters are enlarged to about this many pixels, without smoothing.
MAP_SIDE, FILTER_SIDE = 160, 64
#: Values outside these quantiles are drawn as if they were at them: a few bright dots would make the rest dark.
MAP_RANGE = (0.005, 0.995)
#: Weights beyond this share of all are drawn as if they were at its edge: a few would make the rest grey.
FILTER_RANGE = 0.995

_loading = threading.Lock()


def feature_maps(
    workspace_root: str | Path,
    backbone_id: str,
    picture: bytes | str,
    block_id: str,
    run_folder: str | Path | None = None,
    count: int = 12,
    size: int | None = None,
) -> dict[str, Any]:
    """Return the feature maps at the end of a block that a picture excites most.

    Args:
        workspace_root: folder of the workspace.
        backbone_id: id of a row of the catalogue.
        picture: the content of a picture file, or its path.
        block_id: name of the layer at whose output to look.
        run_folder: a run of this network that has a model; its picture size is used.
        count: how many maps, at most.
        size: side of the picture for the network in pixels, None for the network's default.

    Returns:
        ``{"channels", "shape", "before", "after"}``: numbers of the channels, the strongest first (by the mean of the
        map as the network came); the shape ``[h, w, c]`` of all maps; a PNG for each of these channels as the network
        came, and the same after training, or None without a run. Dark is weak, bright is strong; a channel has one
        scale for both.

    Raises:
        InputError: the picture cannot be read, there is no such layer, or the run is of another network.
        MissingWeightsError: the weights are not on this machine.
        NotFoundError: the run has no model yet.
    """
    workspace, spec = Workspace.open(workspace_root), catalogue.get(backbone_id)
    before, after = _models(workspace, spec, run_folder, size)
    pixels = seen(workspace, picture, before.input_shape[1])
    maps = _activations(before, block_id, pixels)
    strongest = np.argsort(-maps.mean(axis=(0, 1)), kind="stable")[:count]
    sets = [maps[..., strongest]]
    if after is not None:
        sets.append(_activations(after, block_id, pixels)[..., strongest])
    drawn = _drawn_maps(sets)
    return {
        "channels": [int(channel) for channel in strongest],
        "shape": list(maps.shape),
        "before": drawn[0],
        "after": drawn[1] if after is not None else None,
    }


def filters(workspace_root: str | Path, backbone_id: str, run_folder: str | Path | None = None) -> dict[str, Any]:
    """Return the kernels of the first convolution as coloured tiles.

    A tile shows which colours in which places excite the filter; grey is a weight of zero. All have one scale.

    Args:
        workspace_root: folder of the workspace.
        backbone_id: id of a row of the catalogue.
        run_folder: a run of this network that has a model.

    Returns:
        ``{"layer", "before", "after"}``: name of the layer; a PNG for each filter as the network came, and the same
        after training, or None without a run.

    Raises:
        InputError: the run is of another network.
        MissingWeightsError: the weights are not on this machine.
        NotFoundError: the run has no model yet.
    """
    workspace, spec = Workspace.open(workspace_root), catalogue.get(backbone_id)
    before, after = _models(workspace, spec, run_folder, None)
    name, kernels = _kernels(before, spec)
    sets = [kernels] if after is None else [kernels, _kernels(after, spec)[1]]
    most = float(np.quantile(np.abs(np.stack(sets)), FILTER_RANGE)) or 1.0
    drawn = [[_tile(one[..., number] / most) for number in range(one.shape[-1])] for one in sets]
    return {"layer": name, "before": drawn[0], "after": drawn[1] if after is not None else None}


def _models(
    workspace: Workspace, spec: Backbone, run_folder: str | Path | None, size: int | None
) -> tuple[keras.Model, keras.Model | None]:
    """Return the network as it came and as a run left it; without a run that is None."""
    if run_folder is None:
        with _loading:
            return _untrained(workspace, spec, size or spec.default_size, None), None
    run = RunFolder(Path(run_folder))
    recipe, path = run.recipe, run.require_model()
    if recipe.backbone != spec.id:
        raise InputError(
            f"Run {run.reference} trained {catalogue.get(recipe.backbone).title}, not {spec.title}. "
            f"Choose a run of {spec.title}, or look at {catalogue.get(recipe.backbone).title}."
        )
    seed = recipe.seed if recipe.weights == "random" else None
    with _loading:
        return _untrained(workspace, spec, recipe.image_size, seed), _trained(path, path.stat().st_mtime_ns)


@functools.lru_cache(maxsize=2)
def _untrained(workspace: Workspace, spec: Backbone, size: int, seed: int | None) -> keras.Model:
    """Return the network with its ImageNet weights, or with the random ones that a run with that seed began with."""
    if seed is None:
        return backbone.build(spec, size, weights="imagenet", workspace=workspace)
    keras.utils.set_random_seed(seed)
    return backbone.build(spec, size, weights="random", workspace=workspace)


@functools.lru_cache(maxsize=2)
def _trained(path: Path, changed: int) -> keras.Model:
    return keras.models.load_model(path, compile=False)


def seen(workspace: Workspace, picture: bytes | str, size: int) -> NDArray[np.uint8]:
    """Return a picture ``(size, size, 3)`` as training sees it: a kept one as it is, another one brought in first.

    Args:
        workspace: where pictures are kept.
        picture: the content of a picture file, or its path.
        size: side of the square.

    Raises:
        InputError: the picture cannot be read.
    """
    if isinstance(picture, str) and Path(picture).is_relative_to(workspace.root):
        return image.pixels(_read(picture), size)
    return image.pixels(image.decode(_read(picture) if isinstance(picture, str) else picture).data, size)


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise InputError(f"The picture {path} cannot be read: {exc.strerror}. Choose another one.") from exc


def _activations(model: keras.Model, layer: str, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the output of a layer for one picture, ``(height, width, channels)``."""
    output = Graph(model).outputs.get(layer)
    if output is None or len(output.shape) != 4:
        raise InputError(
            f"{model.name} has no feature map at “{layer}”. Draw the network again and choose one of its blocks."
        )
    part = keras.Model(model.input, output)
    maps: NDArray[np.float32] = part(pixels[None].astype(np.float32), training=False).numpy()[0]
    return maps


def _drawn_maps(sets: list[NDArray[np.float32]]) -> list[list[bytes]]:
    """Return PNGs per set and channel; each channel has one scale over all sets."""
    both = np.stack(sets)
    low, high = np.quantile(both, MAP_RANGE, axis=(0, 1, 2))
    high = np.where(high > low, high, both.max(axis=(0, 1, 2)))
    scaled = np.clip((both - low) / np.where(high > low, high - low, 1), 0, 1)
    return [
        [_png(heatmap.coloured(maps[..., channel]), MAP_SIDE) for channel in range(maps.shape[-1])] for maps in scaled
    ]


def _kernels(model: keras.Model, spec: Backbone) -> tuple[str, NDArray[np.float32]]:
    """Return name and kernels ``(height, width, RGB, filters)`` of the first convolution."""
    first = next(layer for layer in Graph(model).operations if isinstance(layer, keras.layers.Conv2D))
    kernels: NDArray[np.float32] = first.kernel.numpy()
    return str(first.name), kernels[:, :, ::-1] if spec.preprocessing == "caffe" else kernels


def _tile(kernel: NDArray[np.float32]) -> bytes:
    """Return a kernel with values -1…1 ``(height, width, 3)`` as a PNG, 0 being grey."""
    return _png((127.5 + 127.5 * np.clip(kernel, -1, 1)).round().astype(np.uint8), FILTER_SIDE)


def _png(colours: NDArray[np.uint8], side: int) -> bytes:
    times = max(1, side // max(colours.shape[:2]))
    buffer = io.BytesIO()
    Image.fromarray(colours.repeat(times, axis=0).repeat(times, axis=1)).save(buffer, "PNG")
    return buffer.getvalue()
