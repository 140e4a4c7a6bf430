"""Films for a fake camera: a photograph that is panned, turned and lit in other ways, as MJPEG."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

WIDTH, HEIGHT = 640, 480


def film(path: Path, photograph: Path, seed: int, frames: int = 120) -> Path:
    """Write so many frames, one JPEG after the other, and return the path."""
    random = np.random.default_rng(seed)
    whole = Image.open(photograph).convert("RGB")
    phases = random.uniform(0, 2 * np.pi, 4)
    with path.open("wb") as file:
        for number in range(frames):
            x, y, angle, light = np.sin(2 * np.pi * number / frames * np.array([1, 2, 1, 3]) + phases)
            side = min(whole.size) * 0.8
            left, top = (1 + x) / 2 * (whole.width - side), (1 + y) / 2 * (whole.height - side * 0.75)
            frame = whole.rotate(8 * angle).crop((left, top, left + side, top + side * 0.75)).resize((WIDTH, HEIGHT))
            ImageEnhance.Brightness(frame).enhance(1 + 0.15 * light).save(file, "JPEG", quality=85)
    return path
