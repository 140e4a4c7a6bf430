"""How fast networks are on this machine, measured and kept in ``workspace/speed.json``."""

import platform
import re
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tl_core.errors import Stopped
from tl_core.networks import backbone as backbones
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.workspace import Workspace, read_json, write_json

if TYPE_CHECKING:
    import keras

#: How long a measurement takes, and the most that one batch may.
SPEED_SECONDS = 3.0
BATCH_SECONDS = 1.5
BATCH = 16


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How fast a network was on this machine.

    Attributes:
        pictures_per_second: at the network's default size.
        pictures: number of pictures that were timed.
        batch: pictures at a time.
        size: side of the pictures in pixels.
        looking_per_second: the same through the engine that the frozen part runs on when it looks at many pictures
            (``forward.forward``); None where it was not measured.
        device: name of the processor or graphics card.
        date: ISO 8601, with the time zone.
    """

    pictures_per_second: float
    pictures: int
    batch: int
    size: int
    device: str
    date: str
    looking_per_second: float | None = None


def speeds(workspace: Workspace) -> dict[str, Speed]:
    """Return the speeds that were measured on this machine, by backbone id. Loads no TensorFlow."""
    path = workspace.root / "speed.json"
    if not path.is_file():
        return {}
    return {id_: Speed(**entry) for id_, entry in read_json(path).items()}


def keep(workspace: Workspace, backbone: str, speed: Speed) -> None:
    """Keep a measured speed under the id of its backbone."""
    with _lock:
        known = {id_: asdict(entry) for id_, entry in speeds(workspace).items()}
        write_json(workspace.root / "speed.json", {**known, backbone: asdict(speed)})


_lock = threading.Lock()


def run(folder: Path, progress: Progress, *, backbone: str, workspace: str) -> dict[str, Any]:
    """Measure how many pictures a second a network takes here, and keep it in ``speed.json``: the "speed" job.

    Args:
        folder: the job's folder.
        progress: told how far the measurement is.
        backbone: id of a row of the catalogue; its weights need not be here.
        workspace: folder of the workspace.

    Raises:
        Stopped: if a person stopped it before there was a number.
    """
    row, home = catalogue.get(backbone), Workspace.open(workspace)
    progress.emit("message", text=f"Building {row.title}.")
    measured = measure(backbones.build(row, row.default_size, weights="random", workspace=home), progress)
    keep(home, row.id, measured)
    return asdict(measured)


def measure(model: "keras.Model", progress: Progress) -> Speed:
    """Return how many pictures a second a network takes, in about fifteen seconds.

    Args:
        model: takes ``(n, size, size, 3)`` float32.
        progress: told how far the measurement is.

    Raises:
        Stopped: if a person stopped it.
    """
    import numpy as np
    import tensorflow as tf

    from tl_core.features.runtime import forward
    from tl_core.features.sources import MANY

    run = tf.function(lambda x: model(x, training=False))
    batch = _batch_that_fits(run, model, progress)
    pictures = np.zeros((batch, *model.input_shape[1:]), np.float32)
    done, spent = _timed(lambda: run(tf.constant(pictures)).numpy(), batch, progress)
    look = forward(model, MANY)
    seen, looking = _timed(lambda: look(pictures), batch, progress)
    return Speed(
        pictures_per_second=round(done / spent, 1),
        looking_per_second=round(seen / looking, 1),
        pictures=done,
        batch=batch,
        size=model.input_shape[1],
        device=_device(),
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def _timed(run: Callable[[], Any], batch: int, progress: Progress) -> tuple[int, float]:
    """Return how many pictures were run and the seconds that they took, after a first batch that is not counted."""
    run()
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SPEED_SECONDS:
        _stop_if_asked(progress)
        run()
        done += batch
        progress.emit("progress", what="seconds", done=round(spent, 1), total=SPEED_SECONDS)
    progress.emit("progress", what="seconds", done=SPEED_SECONDS, total=SPEED_SECONDS)
    return done, spent


def _batch_that_fits(run: Callable[[Any], Any], model: "keras.Model", progress: Progress) -> int:
    """Return BATCH, or fewer where that many would take longer than BATCH_SECONDS."""
    import tensorflow as tf

    picture = tf.zeros((1, *model.input_shape[1:]))
    run(picture)
    _stop_if_asked(progress)
    began = time.perf_counter()
    run(picture).numpy()
    return max(1, min(BATCH, int(BATCH_SECONDS / (time.perf_counter() - began))))


def _stop_if_asked(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped("The measurement was stopped.")


def _device() -> str:
    import tensorflow as tf

    for device in tf.config.list_physical_devices("GPU"):
        return str(tf.config.experimental.get_device_details(device).get("device_name", "GPU"))
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.is_file() else []
    return names[0] if names else platform.processor() or platform.machine()
