"""Small real pictures, each different from every other."""

import io
from pathlib import Path

import numpy as np
from PIL import Image


def noise(seed: int, width: int = 40, height: int = 30) -> Image.Image:
    """Smooth colour noise, so that JPEG keeps it and perceptual hashes differ."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(seed: int, kind: str = "PNG") -> bytes:
    return encoded(noise(seed), kind)


def lay(root: Path, tree: dict[str, int | bytes]) -> Path:
    """Write a tree of files: a name with a number (the seed of a picture) or bytes."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else picture(content))
    return root


def pets(count: int = 4) -> dict[str, int | bytes]:
    return {f"{label}/{n}.png": 100 * c + n for c, label in enumerate(("cat", "dog")) for n in range(count)}
