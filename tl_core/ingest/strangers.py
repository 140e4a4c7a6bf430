"""Pictures of other things, to try whether a model can be fooled: those that scikit-image and scikit-learn bring along.

All of them are free to use; each package tells the sources beside its files.
"""

import importlib.util
from pathlib import Path

SCIKIT_IMAGE = {
    "astronaut": "astronaut.png",
    "brick wall": "brick.png",
    "man with a camera": "camera.png",
    "cup of coffee": "coffee.png",
    "coins": "coins.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "galaxies": "hubble_deep_field.jpg",
    "tissue under a microscope": "ihc.png",
    "surface of the Moon": "moon.png",
    "motorcycle": "motorcycle_left.png",
    "page of a book": "page.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "handwriting": "text.png",
    "colour wheel": "color.png",
}
SCIKIT_LEARN = {"palace": "china.jpg", "flower": "flower.jpg"}


def pictures() -> dict[str, Path]:
    """Return the path of each picture by what it shows; only those that are on this machine.

    >>> "rocket" in pictures()
    True
    """
    folders = {"skimage": ("data", SCIKIT_IMAGE), "sklearn": ("datasets/images", SCIKIT_LEARN)}
    found: dict[str, Path] = {}
    for package, (inside, names) in folders.items():
        spec = importlib.util.find_spec(package)
        root = Path(next(iter(spec.submodule_search_locations or []), "")) if spec else Path()
        found |= {title: root / inside / name for title, name in names.items()}
    return {title: path for title, path in found.items() if path.is_file()}
