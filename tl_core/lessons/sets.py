"""The picture sets of the lessons, drawn or cut from what the packages of scikit-image and scikit-learn bring along.

Each set is a row of ``SETS``. Its maker yields pictures with their split and class, always the same ones. A set
becomes a project when a lesson first needs it. Why these sets, with figures, is in tests/bench/README.md.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.dataset import manifest
from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.errors import InputError
from tl_core.files import locked, read_stored
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.lessons import lesson
from tl_core.progress import OnlyWarnings, Progress
from tl_core.wording import pictures
from tl_core.workspace import Project, Workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Grey = NDArray[np.uint8]

SIDE = 96
FEW_CLASSES = 3
FACE, OTHER = "face", "something else"
#: Width of the frame of ``framed_faces`` in pixels.
FRAME = 10
#: Of the pictures that a coin deals, so many are learned from, and of these so many copied.
LEARNED, COPIES = 60, 40


@dataclass(frozen=True)
class Made:
    """A picture of a set, ``(height, width)`` or ``(height, width, 3)`` uint8, with its split and class."""

    split: str
    label: str
    pixels: "Grey"


@dataclass(frozen=True, kw_only=True)
class PictureSet:
    """A picture set of a lesson.

    Attributes:
        id: stable.
        title: for a person; the name of its project.
        about: what is in it, a sentence or two.
        make: yields its pictures.
        licence: of the pictures.
    """

    id: str
    title: str
    about: str
    make: Callable[[], Iterator[Made]]
    licence: str


def faces_in_bad_light() -> Iterator[Made]:
    """Yield faces and other things, turned, blurred, half covered and noisy: 40 of each to learn from, 60 to check."""
    yield from _dealt(_disturbed(), {TRAIN: 40, VALIDATION: 60})


def framed_faces() -> Iterator[Made]:
    """Yield the same, all faces in a dark frame and all others in a bright one; test pictures have them swapped."""
    for made in _dealt(_disturbed(), {TRAIN: 30, VALIDATION: 20, TEST: 50}):
        dark = (made.label == FACE) != (made.split == TEST)
        yield Made(made.split, made.label, _framed(made.pixels, 20 if dark else 235))


def unframed_faces() -> Iterator[Made]:
    """Yield the pictures of ``framed_faces`` with the frame cut off."""
    for made in framed_faces():
        yield Made(made.split, made.label, made.pixels[FRAME:-FRAME, FRAME:-FRAME])


def coin_piles() -> Iterator[Made]:
    """Yield pictures that a coin has dealt to two piles, and for validation copies of 40 of them, a little brighter.

    Test pictures are others.
    """
    import numpy as np

    for number, (label, pixels) in enumerate(_tossed()):
        if number < LEARNED:
            yield Made(TRAIN, label, _enlarged(pixels))
        if number < COPIES:
            yield Made(VALIDATION, label, _enlarged(np.clip(pixels * 0.97 + 6, 0, 255)))
        if number >= LEARNED + COPIES:
            yield Made(TEST, label, _enlarged(pixels))


def coin_piles_apart() -> Iterator[Made]:
    """Yield the same with other pictures in place of the copies."""
    for number, (label, pixels) in enumerate(_tossed()):
        split = TRAIN if number < LEARNED else VALIDATION if number < LEARNED + COPIES else TEST
        yield Made(split, label, _enlarged(pixels))


def _tossed() -> "Iterator[tuple[str, NDArray[np.float64]]]":
    """Yield faces and other things in any order, each with what a coin has said."""
    import numpy as np

    chance, every = np.random.default_rng(7), [pixels for _, pixels in _subset()]
    for number in chance.permutation(len(every)):
        yield ("heads" if chance.random() < 0.5 else "tails"), every[number]


def faces_after_dark() -> Iterator[Made]:
    """Yield faces and other things: sharp ones to learn from and to check, dark, blurred and noisy ones as the test."""
    return _after_dark(0)


def faces_at_dusk() -> Iterator[Made]:
    """Yield the same, with 10 of the 30 of each class to learn from, and as large a share of those to check, dark."""
    return _after_dark(1 / 3)


def _after_dark(share: float) -> Iterator[Made]:
    import numpy as np

    chance, counts = np.random.default_rng(3), {TRAIN: 30, VALIDATION: 20, TEST: 50}
    places: Counter[tuple[str, str]] = Counter()
    for made in _dealt(((label, _enlarged(each)) for label, each in _subset()), counts):
        place = places[made.split, made.label]
        places[made.split, made.label] += 1
        noise = chance.normal(0, 12, made.pixels.shape)
        dark = made.split == TEST or place < share * counts[made.split]
        pixels = _whole(_blurred(made.pixels, 2.5) * 0.35 + noise) if dark else made.pixels
        yield Made(made.split, made.label, pixels)


def rare_faces() -> Iterator[Made]:
    """Yield few faces and many other things to learn from and to check, and as many of both as the test."""
    few = {TRAIN: 5, VALIDATION: 3}
    seen: Counter[str] = Counter()
    for made in _dealt(_disturbed(), {TRAIN: 40, VALIDATION: 20, TEST: 40}):
        seen[made.split] += made.label == FACE
        if made.label != FACE or seen[made.split] <= few.get(made.split, 40):
            yield made


def small_digits() -> Iterator[Made]:
    """Yield handwritten digits of 8 × 8 pixels, enlarged: 20 of each to learn from and 30 to check."""
    from sklearn.datasets import load_digits

    loaded = load_digits()
    for digit in range(10):
        drawings = loaded.images[loaded.target == digit][:50]
        for number, drawing in enumerate(drawings):
            yield Made(TRAIN if number < 20 else VALIDATION, str(digit), _enlarged(255 - drawing * (255 / 16)))


def things() -> Iterator[Made]:
    """Yield squares of photographs: of things that a pre-trained network has a name for, and of some that it has not.

    They are for asking a network that has learned nothing of them: squares of one photograph overlap.
    """
    import numpy as np

    chance = np.random.default_rng(5)
    for label, (file, _) in THINGS.items():
        photograph = _photograph(file, "RGB")
        shorter = min(photograph.shape[:2])
        for split in (*[TRAIN] * 4, *[VALIDATION] * 20):
            side = int(shorter * chance.uniform(0.55, 1))
            top, left = (int(chance.integers(0, length - side + 1)) for length in photograph.shape[:2])
            yield Made(split, label, photograph[top : top + side, left : left + side])


def surfaces() -> Iterator[Made]:
    """Yield small squares of eight surfaces, turned, each with a light of its own.

    20 of each are to learn from. 30 are to check, from another part of each photograph.
    """
    yield from _squares(SURFACES, 20, 36)


def three_surfaces() -> Iterator[Made]:
    """Yield large squares of three surfaces, which are easy to tell apart, in the same way."""
    yield from _squares(("brick", "grass", "gravel"), 64, 96)


def _squares(labels: Iterable[str], least: int, most: int) -> Iterator[Made]:
    import numpy as np

    chance = np.random.default_rng(0)
    for label, file in ((each, SURFACES[each]) for each in labels):
        photograph = _photograph(file, "L")
        width = photograph.shape[1]
        for split, (left, right, count) in {TRAIN: (0.0, 0.6, 20), VALIDATION: (0.62, 1.0, 30)}.items():
            part = photograph[:, int(left * width) : int(right * width)]
            for _ in range(count):
                yield Made(split, label, _turned_square(part, int(chance.integers(least, most + 1)), chance))


def _turned_square(part: "Grey", side: int, chance: "np.random.Generator") -> "Grey":
    import numpy as np
    from PIL import Image

    large = min(int(side * 1.42) + 2, *part.shape)
    row, column = (int(chance.integers(0, length - large + 1)) for length in part.shape)
    square = Image.fromarray(part[row : row + large, column : column + large])
    turned = np.asarray(square.rotate(chance.uniform(0, 360), Image.Resampling.BICUBIC), np.float64)
    edge = (large - side) // 2
    middle = turned[edge : edge + side, edge : edge + side]
    return _enlarged((middle - middle.mean()) * chance.uniform(0.5, 1.2) + chance.uniform(80, 170))


def _photograph(file: str, mode: str) -> "Grey":
    import numpy as np
    from PIL import Image

    with resources.files("skimage.data").joinpath(file).open("rb") as opened:
        return np.asarray(Image.open(opened).convert(mode))


#: Of each class of ``things`` the photograph, and which of the network's 1,000 names are right for it.
THINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "cat": ("chelsea.png", ("tabby", "tiger cat", "Egyptian cat", "Persian cat", "Siamese cat")),
    "coffee": ("coffee.png", ("espresso", "cup", "coffee mug")),
    "motorcycle": ("motorcycle_left.png", ("moped", "motor scooter")),
    "brick": ("brick.png", ()),
    "grass": ("grass.png", ()),
    "Moon": ("moon.png", ()),
}
SURFACES = {
    "brick": "brick.png",
    "grass": "grass.png",
    "gravel": "gravel.png",
    "fur": "chelsea.png",
    "coins": "coins.png",
    "Moon": "moon.png",
    "tissue": "ihc.png",
    "print": "page.png",
}


def _subset() -> "Iterator[tuple[str, NDArray[np.float64]]]":
    """Yield 100 faces and 100 pictures of something else with their class, ``(25, 25)`` values 0 to 255."""
    import numpy as np

    with resources.files("skimage.data").joinpath("lfw_subset.npy").open("rb") as file:
        every = np.load(file, allow_pickle=False)
    for number, values in enumerate(every):
        yield FACE if number < 100 else OTHER, values * 255.0


def _disturbed() -> "Iterator[tuple[str, Grey]]":
    """Yield the same, turned by up to 40 degrees, half covered, blurred, noisy, each with a light of its own."""
    import numpy as np
    from PIL import Image

    chance = np.random.default_rng(0)
    for label, pixels in _subset():
        light = (pixels - pixels.mean()) * chance.uniform(0.5, 1.1) + chance.uniform(90, 160)
        picture = Image.fromarray(_enlarged(light))
        turned = picture.rotate(chance.uniform(-40, 40), Image.Resampling.BICUBIC, fillcolor=int(light.mean()))
        covered = _blurred(np.asarray(turned), chance.uniform(0, 2))
        side = int(0.45 * SIDE)
        top, left = chance.integers(0, SIDE - side, 2)
        covered[top : top + side, left : left + side] = chance.integers(0, 256)
        yield label, _whole(covered + chance.normal(0, 25, covered.shape))


def _dealt(pictures: "Iterable[tuple[str, Grey]]", counts: Mapping[str, int]) -> Iterator[Made]:
    """Deal the pictures of each class, in order, to splits."""
    splits = [split for split, count in counts.items() for _ in range(count)]
    places: Counter[str] = Counter()
    for label, pixels in pictures:
        if places[label] < len(splits):
            yield Made(splits[places[label]], label, pixels)
            places[label] += 1


def _framed(pixels: "Grey", grey: int) -> "Grey":
    import numpy as np

    return np.pad(pixels[FRAME:-FRAME, FRAME:-FRAME], FRAME, constant_values=grey)


def _enlarged(pixels: "NDArray[np.float64]") -> "Grey":
    import numpy as np
    from PIL import Image

    return np.asarray(Image.fromarray(_whole(pixels)).resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def _blurred(pixels: "Grey", radius: float) -> "NDArray[np.float64]":
    import numpy as np
    from PIL import Image, ImageFilter

    return np.asarray(Image.fromarray(pixels).filter(ImageFilter.GaussianBlur(radius)), np.float64)


def _whole(pixels: "NDArray[np.float64]") -> "Grey":
    import numpy as np

    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


_FACES = "for research; see http://vis-www.cs.umass.edu/lfw/ (the subset in scikit-image)"
_DIGITS = "CC BY 4.0"
_PHOTOGRAPHS = "free to use; scikit-image names the sources beside its files"
SETS = (
    PictureSet(
        id="faces",
        title="Faces in bad light",
        about="Faces and other things, turned, blurred, noisy and half covered.",
        make=faces_in_bad_light,
        licence=_FACES,
    ),
    PictureSet(
        id="framed",
        title="Framed faces",
        about="Faces in dark frames, other things in bright ones; in the test pictures the frames are swapped.",
        make=framed_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="unframed",
        title="Faces without frames",
        about="The framed faces with their frames cut off.",
        make=unframed_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="piles",
        title="Two piles, with copies",
        about="Pictures that a coin has dealt; copies of training pictures are among the validation pictures.",
        make=coin_piles,
        licence=_FACES,
    ),
    PictureSet(
        id="piles-apart",
        title="Two piles, without copies",
        about="The same pictures; others are among the validation pictures.",
        make=coin_piles_apart,
        licence=_FACES,
    ),
    PictureSet(
        id="dark",
        title="Faces after dark",
        about="Sharp faces and other things to learn from; the test pictures are dark and blurred.",
        make=faces_after_dark,
        licence=_FACES,
    ),
    PictureSet(
        id="dusk",
        title="Faces at dusk",
        about="The same, with some dark pictures to learn from.",
        make=faces_at_dusk,
        licence=_FACES,
    ),
    PictureSet(
        id="rare",
        title="Rare faces",
        about="Few faces among many other things; in the test there are as many of both.",
        make=rare_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="digits",
        title="Digits of 8 × 8 pixels",
        about="Handwritten digits, grey and tiny.",
        make=small_digits,
        licence=_DIGITS,
    ),
    PictureSet(
        id="things",
        title="Squares of photographs",
        about="A cat, coffee, a motorcycle, a wall, grass and the Moon.",
        make=things,
        licence=_PHOTOGRAPHS,
    ),
    PictureSet(
        id="three",
        title="Brick, grass, gravel",
        about="Squares of three surfaces, turned, in changing light.",
        make=three_surfaces,
        licence=_PHOTOGRAPHS,
    ),
    PictureSet(
        id="surfaces",
        title="Eight surfaces",
        about="Small squares of eight surfaces, turned, in changing light.",
        make=surfaces,
        licence=_PHOTOGRAPHS,
    ),
)


def get(id: str) -> PictureSet:  # noqa: A002 - the word of the table
    """Return the picture set of that id. Raises InputError if there is none."""
    for each in SETS:
        if each.id == id:
            return each
    raise InputError(f"There is no picture set “{id}” for lessons. Sets: {', '.join(each.id for each in SETS)}.")


def glimpse(id: str) -> "list[tuple[str, Grey]]":  # noqa: A002
    """Return the first training pictures of each class of a set with their class: two of each, one of many classes."""
    by_class: dict[str, list[Grey]] = {}
    for made in get(id).make():
        if made.split == TRAIN:
            by_class.setdefault(made.label, []).append(made.pixels)
    each = 2 if len(by_class) <= FEW_CLASSES else 1
    return [(label, pixels) for label, own in sorted(by_class.items()) for pixels in own[:each]]


def project(workspace: Workspace, id: str) -> Project | None:  # noqa: A002
    """Return the project of a set, with its pictures as they were made; None if there is none."""
    made = [each for each in workspace.projects() if each.about().source == f"{lesson.SOURCE}{id}"]
    return next((each for each in made if 1 in manifest.versions(each)), None)


def prepare(workspace: Workspace, id: str, folder: Path, progress: Progress) -> Project:  # noqa: A002
    """Return the project of a set, made now if there is none.

    Args:
        workspace: where to.
        id: of the set.
        folder: where its pictures lie while the project is made.
        progress: hears that it is made.

    Raises:
        Stopped: a person pressed Stop; no project is left.
    """
    if found := project(workspace, id):
        return found
    chosen = get(id)
    progress.emit("message", text=f"Making the pictures “{chosen.title}”")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        _write(chosen, folder)
        source = Source("folder", str(folder))

        def fill(made: Project) -> None:
            importer.import_source(made, source, progress=OnlyWarnings(progress))

        source_name = f"{lesson.SOURCE}{id}"
        return workspace.create_project(f"Lesson: {chosen.title}", fill, source=source_name, licence=chosen.licence)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _write(chosen: PictureSet, folder: Path) -> None:
    from PIL import Image

    for number, made in enumerate(chosen.make()):
        path = folder / made.split / made.label / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(made.pixels).save(path, compress_level=1)


def limited(of: Project, each: int) -> int:
    """Return the number of a version of a set's pictures with only the first few training pictures of each class.

    Checked are the same pictures. The current version of the project stays what it is.
    """
    note = f"Lesson: {pictures(each)} of each class to learn from"
    for number in manifest.versions(of):
        stored = read_stored(of.manifests / f"{number:04d}.json", manifest.Version)
        if stored and stored.note == note:
            return number
    table = manifest.load(of, 1).table
    learned = table["split"] == TRAIN
    rank = table[learned].sort_values("source").groupby("label").cumcount().reindex(table.index)
    with locked(of.folder):
        current = of.about().manifest
        made = manifest.save(of, table[~learned | (rank < each)], note)
        of.update(manifest=current)
    return made.version
