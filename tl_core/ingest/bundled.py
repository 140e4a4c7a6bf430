"""Images that need no network: those that the packages of scikit-learn and scikit-image bring along.

Each maker of a sample writes a folder of PNG files as a person would have them, ``class/…`` or ``split/class/…``, and
reports how many of how many steps are done. The table of samples imports this module on the first page, so makers
import what they need themselves.
"""

import gzip
import importlib.util
import itertools
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.language import N_

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIGIT_SIDE = 64
DIGITS_EACH = 100
TEXTURE_SIDE = 128
#: Columns of a 512 × 512 photograph that the crops of each split come from, and how many crops each gives.
STRIPS = {"train": (0, 300, 80), "validation": (300, 406, 24), "test": (406, 512, 24)}
FACE_SIDE = 100
#: Photographs of one surface each, and how many pictures of one or two of them each split has.
SURFACES = ("brick", "grass", "gravel")
TOGETHER = {"train": 144, "validation": 36, "test": 36}
#: What is left of the light in the dark ones.
DIM = 0.35

#: Photographs of all sorts of things, by what they show. All are free to use; each package names the sources beside
#: its files.
PHOTOGRAPHS = {
    N_("astronaut"): ("skimage", "data/astronaut.png"),
    N_("brick wall"): ("skimage", "data/brick.png"),
    N_("man with a camera"): ("skimage", "data/camera.png"),
    N_("cup of coffee"): ("skimage", "data/coffee.png"),
    N_("coins"): ("skimage", "data/coins.png"),
    N_("grass"): ("skimage", "data/grass.png"),
    N_("gravel"): ("skimage", "data/gravel.png"),
    N_("galaxies"): ("skimage", "data/hubble_deep_field.jpg"),
    N_("tissue under a microscope"): ("skimage", "data/ihc.png"),
    N_("surface of the Moon"): ("skimage", "data/moon.png"),
    N_("motorcycle"): ("skimage", "data/motorcycle_left.png"),
    N_("page of a book"): ("skimage", "data/page.png"),
    N_("retina"): ("skimage", "data/retina.jpg"),
    N_("rocket"): ("skimage", "data/rocket.jpg"),
    N_("handwriting"): ("skimage", "data/text.png"),
    N_("colour wheel"): ("skimage", "data/color.png"),
    N_("palace"): ("sklearn", "datasets/images/china.jpg"),
    N_("flower"): ("sklearn", "datasets/images/flower.jpg"),
}

Emit = Callable[[int, int], None]
Maker = Callable[[Path, Emit], None]
#: Returns a few images of a sample, each ``(height, width)`` uint8, without importing the package that has them.
Glimpse = Callable[[], "list[NDArray[np.uint8]]"]


def photographs() -> dict[str, Path]:
    """Return the path of each of ``PHOTOGRAPHS`` that is on this machine, by what it shows, in English.

    >>> "rocket" in photographs()
    True
    """
    roots = {package: _root(package) for package, _ in PHOTOGRAPHS.values()}
    paths = {title: roots[package] / inside for title, (package, inside) in PHOTOGRAPHS.items()}
    return {title: path for title, path in paths.items() if path.is_file()}


def _root(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    return Path(next(iter(spec.submodule_search_locations or []), "")) if spec else Path()


def digits(folder: Path, emit: Emit) -> None:
    """Write 100 handwritten digits of each of ten classes, enlarged from 8 × 8 to 64 × 64 pixels, ink on paper.

    They are enlarged smoothly: pixels with hard edges look like nothing that a pre-trained network has seen.
    """
    import numpy as np
    from sklearn.datasets import load_digits

    loaded = load_digits()
    for digit in range(10):
        drawings = loaded.images[loaded.target == digit][:DIGITS_EACH]
        for number, drawing in enumerate(drawings):
            grey = np.rint(255 - drawing * (255 / 16)).astype(np.uint8)
            _save(grey, folder / str(digit) / f"{number:03d}.png", DIGIT_SIDE)
        emit(digit + 1, 10)


def some_digits() -> "list[NDArray[np.uint8]]":
    """Return one drawing of each of the first four digits, 8 × 8 pixels."""
    import numpy as np

    with gzip.open(_root("sklearn") / "datasets/data/digits.csv.gz", "rt") as file:
        rows = [next(file).split(",")[:64] for _ in range(4)]
    return [np.rint(255 - np.array(row, float).reshape(8, 8) * (255 / 16)).astype(np.uint8) for row in rows]


def textures(folder: Path, emit: Emit) -> None:
    """Write crops of photographs of brick, grass and gravel, ``split/class/…``.

    The splits come from separate strips of each photograph, so no pixel of a test crop was trained on. Crops are
    squares of 48 to 96 pixels, so that the texture comes in several sizes, enlarged to 128.
    """
    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(0)
    names = ("brick", "grass", "gravel")
    for done, name in enumerate(names, 1):
        with resources.files("skimage.data").joinpath(f"{name}.png").open("rb") as file:
            photograph = np.array(Image.open(file))
        for split, (left, right, count) in STRIPS.items():
            for number in range(count):
                crop = _crop(photograph[:, left:right], chance)
                _save(crop, folder / split / name / f"{number:03d}.png", TEXTURE_SIDE)
        emit(done, len(names))


def some_textures() -> "list[NDArray[np.uint8]]":
    """Return a corner of each photograph, 256 × 256 pixels."""
    import numpy as np
    from PIL import Image

    files = (_root("skimage") / f"data/{name}.png" for name in ("brick", "grass", "gravel"))
    return [np.array(Image.open(file))[:256, :256] for file in files]


def _crop(photograph: "NDArray[np.uint8]", chance: "np.random.Generator") -> "NDArray[np.uint8]":
    side = int(chance.integers(48, 97))
    top, left = (int(chance.integers(0, length - side + 1)) for length in photograph.shape)
    return photograph[top : top + side, left : left + side]


def together(folder: Path, emit: Emit) -> None:
    """Write pictures of one surface or of two side by side, half of them dark, as ``split/…``, and their labels.

    Crops come from the strips of ``textures``, so no pixel of a test picture was trained on. ``labels.csv`` has a
    column for each label.
    """
    import numpy as np
    from PIL import Image

    chance, shown = np.random.default_rng(0), _surfaces()
    some = [[name] for name in SURFACES] + [list(pair) for pair in itertools.combinations(SURFACES, 2)]
    rows = [["file", "split", *SURFACES, "dark"]]
    for done, (split, (left, right, _count)) in enumerate(STRIPS.items(), 1):
        for number in range(TOGETHER[split]):
            named, dark = some[number % len(some)], number // len(some) % 2
            order = [str(name) for name in chance.permutation(named)]
            crops = [_crop(shown[name][:, left:right], chance) for name in order]
            sized = [Image.fromarray(crop).resize((TEXTURE_SIDE,) * 2, Image.Resampling.BICUBIC) for crop in crops]
            whole = np.hstack([np.asarray(each)[:, : TEXTURE_SIDE // len(sized)] for each in sized])
            whole = (whole * (DIM if dark else 1.0)).astype(np.uint8)
            name = f"{split}/{number:03d}.png"
            _save(whole, folder / name, TEXTURE_SIDE)
            rows.append([name, split, *(str(int(each in named)) for each in SURFACES), str(dark)])
        emit(done, len(STRIPS))
    (folder / "labels.csv").write_text("".join(f"{','.join(row)}\n" for row in rows), encoding="utf-8")


def some_together() -> "list[NDArray[np.uint8]]":
    """Return four such pictures, 256 × 256 pixels."""
    import numpy as np

    brick, grass, gravel = (_surfaces()[name][:256, :256] for name in SURFACES)
    pairs = [(brick, grass), (grass, gravel), (gravel, gravel), (brick, gravel)]
    both = [np.hstack([one[:, :128], other[:, 128:]]) for one, other in pairs]
    return [(each * (DIM if at % 2 else 1.0)).astype(np.uint8) for at, each in enumerate(both)]


def _surfaces() -> "dict[str, NDArray[np.uint8]]":
    import numpy as np
    from PIL import Image

    return {name: np.array(Image.open(_root("skimage") / f"data/{name}.png")) for name in SURFACES}


def faces(folder: Path, emit: Emit) -> None:
    """Write 100 faces and 100 images of something else, enlarged from 25 × 25 to 100 × 100 pixels."""
    import numpy as np

    with resources.files("skimage.data").joinpath("lfw_subset.npy").open("rb") as file:
        subset = np.load(file, allow_pickle=False)
    for number, values in enumerate(subset):
        name = "face" if number < 100 else "not a face"
        _save(np.rint(values * 255).astype(np.uint8), folder / name / f"{number % 100:03d}.png", FACE_SIDE)
        emit(number + 1, len(subset))


def some_faces() -> "list[NDArray[np.uint8]]":
    """Return two faces and two images of something else, 25 × 25 pixels."""
    import numpy as np

    subset = np.load(_root("skimage") / "data/lfw_subset.npy", allow_pickle=False, mmap_mode="r")
    return [np.rint(subset[number] * 255).astype(np.uint8) for number in (0, 100, 1, 101)]


def _save(grey: "NDArray[np.uint8]", path: Path, side: int) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(grey).resize((side, side), Image.Resampling.BICUBIC).save(path, compress_level=1)
