"""Pictures with several labels: two attributes that a small network sees at once, red or not, and dark or not."""

import csv
import io
from pathlib import Path

import numpy as np
from PIL import Image

from tests.core.pictures import encoded

TAGS = ("dark", "red")


def picture(seed: int, *, red: bool, dark: bool) -> bytes:
    """Return a picture of colour noise in which the red prevails, or the blue, and that is dark or light."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3)).astype(float)
    small[..., 2 if red else 0] *= 0.25
    small = small * 0.25 if dark else 160 + small * 0.37
    return encoded(Image.fromarray(small.astype(np.uint8)).resize((40, 30), Image.Resampling.BICUBIC))


def rows(count: int) -> list[tuple[str, bool, bool]]:
    """Return so many names of files, each with whether it is dark and whether it is red: all four in turn."""
    return [(f"{number}.png", number % 2 == 1, number // 2 % 2 == 1) for number in range(count)]


def table(listed: list[tuple[str, bool, bool]]) -> bytes:
    """Return a table with a column of 0 and 1 for each tag."""
    text = io.StringIO()
    written = csv.writer(text)
    written.writerow(["file", *TAGS])
    written.writerows([name, int(dark), int(red)] for name, dark, red in listed)
    return text.getvalue().encode()


def lay(folder: Path, count: int = 40) -> Path:
    """Write so many pictures and their table."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = rows(count)
    for number, (name, dark, red) in enumerate(listed):
        (folder / name).write_bytes(picture(number, red=red, dark=dark))
    (folder / "tags.csv").write_bytes(table(listed))
    return folder
