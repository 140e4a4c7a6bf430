"""How fast networks are on this machine, measured and saved in ``workspace/speed.json``."""

import platform
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tl_core.errors import Stopped
from tl_core.files import locked, read_stored, write_record
from tl_core.language import _
from tl_core.networks import backbone as backbones
from tl_core.networks import examples, tables
from tl_core.progress import Progress
from tl_core.workspace import Workspace

if TYPE_CHECKING:
    import keras

    from tl_core.features.cache import ActivationCache

#: How long a measurement takes, and the most that one batch may.
SPEED_SECONDS = 3.0
BATCH_SECONDS = 1.5
BATCH = 16
FILE = "speed.json"
#: How long pictures are run one at a time, and at least how many.
ONE_BY_ONE_SECONDS, LEAST_PICTURES, LEAST_BATCHES = 1.0, 10, 3


@dataclass(frozen=True, kw_only=True)
class Speed:
    """How fast a network was on this machine.

    Attributes:
        pictures_per_second: at the network's default size.
        pictures: number of pictures that were timed.
        batch: pictures at a time.
        size: side of the pictures in pixels; length of the texts in word pieces.
        looking_per_second: the same through what runs the frozen blocks (``converted``); None where it was not
            measured.
        convert_seconds: that it took to make that ready, once for each line; None where it was not measured.
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
    convert_seconds: float | None = None


def load(workspace: Workspace) -> dict[str, Speed]:
    """Return the speeds that were measured on this machine, by backbone id. Loads no TensorFlow."""
    return read_stored(workspace.shared / FILE, dict[str, Speed]) or {}


def save(workspace: Workspace, backbone: str, speed: Speed) -> None:
    """Save a measured speed under the id of its backbone."""
    with locked(workspace.shared):
        write_record(workspace.shared / FILE, {**load(workspace), backbone: speed})


def run(folder: Path, progress: Progress, *, backbone: str, workspace: str) -> Speed:
    """Measure how many pictures a second a network takes here, and save it in ``speed.json``: the "speed" job.

    Args:
        folder: the job's folder.
        progress: hears how far the measurement is.
        backbone: id of a row of the catalogue; its weights need not be here.
        workspace: folder of the workspace.

    Raises:
        Stopped: if a person stopped it before there was a number.
    """
    row, home = tables.get(backbone), Workspace.open(workspace)
    progress.emit("message", text=_("Building {network}.").format(network=row.title))
    network = backbones.of_row(row, row.default_size, weights="random", workspace=home)
    measured = measure(network, row.default_size, progress)
    save(home, row.id, measured)
    return measured


def measure(model: "keras.Model", size: int, progress: Progress) -> Speed:
    """Return how many pictures, or texts, a second a network takes, in about fifteen seconds.

    Args:
        model: takes ``(n, size, size, 3)`` float32, or word pieces ``(n, length)`` int32 of any length.
        size: side of the pictures, or length of the texts.
        progress: hears how far the measurement is.

    Raises:
        Stopped: if a person stopped it.
    """
    import tensorflow as tf

    from tl_core.features import converted

    run = tf.function(lambda x: model(x, training=False))
    shape = [size if side is None else side for side in model.input_shape[1:]]
    one = tf.ones((1, *shape), model.input.dtype)  # a word piece 0 would be none
    batch = _batch_that_fits(lambda: run(one).numpy(), progress)
    pictures = np.ones((batch, *shape), model.input.dtype)
    done, spent = _timed(lambda: run(tf.constant(pictures)).numpy(), batch, progress, before=0.0)
    began = time.perf_counter()
    engine = converted.quickest(model).run
    convert_seconds = time.perf_counter() - began
    done_by_engine, spent_by_engine = _timed(lambda: engine(pictures), batch, progress, before=SPEED_SECONDS)
    return Speed(
        pictures_per_second=round(done / spent, 1),
        looking_per_second=round(done_by_engine / spent_by_engine, 1),
        convert_seconds=round(convert_seconds, 1),
        pictures=done,
        batch=batch,
        size=size,
        device=_device(),
        date=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def one_by_one(cache: "ActivationCache", progress: Progress) -> list[float]:
    """Return the milliseconds of each of several pictures of noise, which a frozen network takes one at a time.

    They run through what runs the frozen blocks (``converted``), for a second. Other work makes them longer, so
    the least of them says most: https://docs.python.org/3/library/timeit.html#timeit.Timer.repeat

    Raises:
        Stopped: if a person stopped it.
    """
    from tl_core.features import converted

    network = converted.trunk(converted.file(cache.converted, cache.key()), cache.build, progress)
    picture = examples.noise(cache.recipe)
    network.run(picture)
    times: list[float] = []
    while sum(times) < 1000 * ONE_BY_ONE_SECONDS or len(times) < LEAST_PICTURES:
        _stop_if_asked(progress)
        began = time.perf_counter()
        network.run(picture)
        times.append(1000 * (time.perf_counter() - began))
    return times


def together(cache: "ActivationCache", progress: Progress) -> float:
    """Return the seconds of one picture of noise in a frozen network while each core has one, as in a first pass.

    Other work that goes on beside counts: it takes its share of the pass, too. So this is a median.

    Raises:
        Stopped: if a person stopped it.
    """
    from tl_core.features import converted

    network = converted.trunk(converted.file(cache.converted, cache.key()), cache.build, progress)
    pictures = np.concatenate([examples.noise(cache.recipe)] * BATCH)
    network.run(pictures)
    times: list[float] = []
    while sum(times) < ONE_BY_ONE_SECONDS or len(times) < LEAST_BATCHES:
        _stop_if_asked(progress)
        began = time.perf_counter()
        network.run(pictures)
        times.append(time.perf_counter() - began)
    return statistics.median(times) / BATCH


def _timed(run: Callable[[], object], batch: int, progress: Progress, *, before: float) -> tuple[int, float]:
    """Return how many pictures were run and the seconds that they took, after a first batch that is not counted.

    It is one of two that are timed: ``progress`` hears of the seconds of both, those ``before`` this one included.
    """
    run()
    done, began = 0, time.perf_counter()
    while (spent := time.perf_counter() - began) < SPEED_SECONDS:
        _stop_if_asked(progress)
        run()
        done += batch
        progress.emit("progress", what="seconds", done=round(before + spent, 1), total=2 * SPEED_SECONDS)
    progress.emit("progress", what="seconds", done=before + SPEED_SECONDS, total=2 * SPEED_SECONDS)
    return done, spent


def _batch_that_fits(run_one: Callable[[], object], progress: Progress) -> int:
    """Return BATCH, or fewer where that many would take longer than BATCH_SECONDS."""
    run_one()
    _stop_if_asked(progress)
    began = time.perf_counter()
    run_one()
    return max(1, min(BATCH, int(BATCH_SECONDS / (time.perf_counter() - began))))


def _stop_if_asked(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped(_("The measurement was stopped."))


def _device() -> str:
    import tensorflow as tf

    for device in tf.config.list_physical_devices("GPU"):
        return str(tf.config.experimental.get_device_details(device).get("device_name", "GPU"))
    info = Path("/proc/cpuinfo")
    names = re.findall(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.is_file() else []
    return names[0] if names else platform.processor() or platform.machine()
