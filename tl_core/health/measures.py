"""What each image measures, whatever it shows: light, sharpness, border, bytes.

The numbers of an image never change, as its file never does; so they are stored, and a second check reads only what is
new. What cleanvision has a measure for is measured by cleanvision (https://github.com/cleanlab/cleanvision).
"""

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core import imports
from tl_core.dataset import manifest
from tl_core.errors import Stopped, TLError
from tl_core.files import write_bytes
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.workspace import Project

if TYPE_CHECKING:
    from PIL.Image import Image

#: Longest side that is looked at, in pixels. Light, colour and entropy are the same as at full size, and cleanvision
#: looks at 64 pixels for sharpness; width and height are those of the list of pictures.
LOOKED_AT = 512
#: Width of the border that is measured, as a fraction of the shorter side.
BORDER = 0.05
#: Grey: in 99 of 100 pixels the channels are this close, of 255. JPEG moves the channels of a grey picture less.
GREY_SPREAD = 8
THREADS = 2

#: Columns of ``measured``: what each is, and its unit.
COLUMNS = {
    "bytes": "size of the stored file",
    "png": "1 if it is stored as PNG (it came without loss), 0 if as JPEG",
    "brightness": "mean, 0..1",
    "brightness_perc_5": "5th percentile of the pixels' brightness, 0..1",
    "brightness_perc_99": "99th percentile of the pixels' brightness, 0..1",
    "contrast": "standard deviation of the grey values, 0..1",
    "saturation": "mean difference of the largest and the smallest channel, 0..1",
    "grey": "1 if it has no colour, else 0",
    "entropy": "of the histogram, bits",
    "blurriness": "standard deviation of the edges at 64 pixels, 0..255: high is sharp",
    "blurriness_grayscale_std": "standard deviation of the histogram's counts at 64 pixels",
    "border_red": "mean of the border, 0..1",
    "border_green": "mean of the border, 0..1",
    "border_blue": "mean of the border, 0..1",
    "border_spread": "standard deviation of the border, 0..1: 0 is a frame of one colour",
}


def measured(project: Project, ids: list[str], progress: Progress) -> pd.DataFrame:
    """Return the measures of these images: index ``id``, ``COLUMNS``, float64; NaN where a file cannot be read.

    Raises:
        Stopped: a person stopped it; what was measured is saved for the next time.
    """
    known = _load(project)
    missing = [each for each in ids if each not in known.index]
    rows: list[dict[str, str | float]] = []
    pool = ThreadPoolExecutor(THREADS)
    try:
        before = len(ids) - len(missing)
        for row in pool.map(lambda each: _measure(project, each), missing):
            rows.append(row)
            progress.emit("progress", what="pictures", done=before + len(rows), total=len(ids))
            if progress.stopped():
                raise Stopped(_("Stopped. The next check continues from here."))
    finally:
        pool.shutdown(cancel_futures=True)
        if rows:
            known = pd.concat([known, pd.DataFrame(rows).set_index("id")]) if len(known) else _frame(rows)
            _save(project, known.dropna())
    return known.reindex(ids)


def measure(path: Path) -> dict[str, float]:
    """Return the ``COLUMNS`` of one stored image. Raises OSError where it is damaged or gone."""
    from PIL import Image

    with Image.open(path) as image:
        image.draft("RGB", (LOOKED_AT, LOOKED_AT))
        image.thumbnail((LOOKED_AT, LOOKED_AT), Image.Resampling.BOX, reducing_gap=2.0)
        rgb = image.convert("RGB")
    about = {"bytes": float(path.stat().st_size), "png": float(path.suffix == ".png")}
    values = {**about, **_by_cleanvision(rgb), **_by_pixels(np.asarray(rgb))}
    return {name: float(values[name]) for name in COLUMNS}


def _by_cleanvision(image: "Image") -> dict[str, float]:
    """Return what cleanvision's dark, light, low-information and blurry checks go by."""
    with imports.lock:
        from cleanvision.issue_managers.image_property import BlurrinessProperty, BrightnessProperty, EntropyProperty

    values: dict[str, float] = {}
    for each in (BrightnessProperty("dark"), EntropyProperty(), BlurrinessProperty()):
        values |= each.calculate(image)
    return values


def _by_pixels(pixels: NDArray[np.uint8]) -> dict[str, float]:
    """Return contrast, colour and border of a picture ``(height, width, 3)`` uint8."""
    red, green, blue = (pixels[::2, ::2, channel].astype(np.int16) for channel in range(3))
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    frame = _frame_of(pixels).astype(np.float32) / 255
    border = frame.mean(axis=0)
    return {
        "contrast": float(((red + green + blue) / 3).std()) / 255,
        "saturation": float(spread.mean()) / 255,
        "grey": float((spread > GREY_SPREAD).mean() <= 0.01),
        "border_red": float(border[0]),
        "border_green": float(border[1]),
        "border_blue": float(border[2]),
        "border_spread": float(frame.std(axis=0).mean()),
    }


def _frame_of(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the pixels ``(n, 3)`` of a frame around an image."""
    width = max(1, round(BORDER * min(pixels.shape[:2])))
    middle = pixels[width:-width]
    sides = [pixels[:width], pixels[-width:], middle[:, :width], middle[:, -width:]]
    return np.concatenate([side.reshape(-1, 3) for side in sides])


def _measure(project: Project, id: str) -> dict[str, str | float]:  # noqa: A002 - the word of the manifest
    try:
        return {"id": id, **measure(manifest.image_path(project, id))}
    except (TLError, OSError):  # gone or damaged since it came in: the check says so and goes on
        return {"id": id, **dict.fromkeys(COLUMNS, float("nan"))}


def _frame(rows: list[dict[str, str | float]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["id", *COLUMNS]).set_index("id")


def _path(project: Project) -> Path:
    return project.folder / "health" / "measured.parquet"


def _load(project: Project) -> pd.DataFrame:
    """Return what was measured before; nothing where it was measured in another way."""
    if not _path(project).is_file():
        return _frame([])
    try:
        table = pd.read_parquet(_path(project), engine="pyarrow")
    except (OSError, ValueError):  # damaged: they are measured again
        return _frame([])
    sound = list(table.columns) == list(COLUMNS) and all(kind.kind == "f" for kind in table.dtypes)
    return table if sound and table.index.dtype == "str" else _frame([])


def _save(project: Project, table: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    table.to_parquet(buffer, engine="pyarrow", compression="zstd")
    write_bytes(_path(project), buffer.getvalue())
