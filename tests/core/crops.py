"""Small real pictures with something wrong: cuts of scikit-image's photographs."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

Change = Callable[[Image.Image], Image.Image]


def cuts(count: int, side: int = 96) -> list[Image.Image]:
    """Return square cuts of two colour photographs, none overlapping another, in an order that mixes them."""
    photographs = [Image.fromarray(skimage.data.astronaut()), Image.fromarray(skimage.data.coffee())]
    places = [
        (photograph, x, y)
        for photograph in photographs
        for y in range(0, photograph.height - side + 1, side)
        for x in range(0, photograph.width - side + 1, side)
    ]
    mixed = np.random.default_rng(0).permutation(len(places))[:count]
    return [photograph.crop((x, y, x + side, y + side)) for photograph, x, y in (places[n] for n in mixed)]


def lay(folder: Path, pictures: dict[str, list[Image.Image]], **saving: int) -> Path:
    """Write pictures as PNG, or as JPEG of a quality: ``folder/<class>/<n>``."""
    for label, images in pictures.items():
        (folder / label).mkdir(parents=True)
        for number, image in enumerate(images):
            quality = saving.get(label)
            name = f"{number:03d}.jpg" if quality else f"{number:03d}.png"
            image.save(folder / label / name, **({"quality": quality} if quality else {}))
    return folder


def recompressed(image: Image.Image, quality: int) -> Image.Image:
    """Return a picture as it looks after JPEG."""
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(buffer).convert("RGB")
