"""The picture sets of the lessons, drawn or cut from what the packages of scikit-image and scikit-learn bring along.

Each set is a row of ``SETS``. Its maker yields pictures with their split and class, always the same ones. A set
becomes a project when a lesson first needs it, see ``projects``. Why these sets, with figures, is in
tests/bench/README.md.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tl_core.dataset.splits import TRAIN
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.lessons import coins, digits, faces, photographs
from tl_core.lessons.drawing import Made

if TYPE_CHECKING:
    from tl_core.lessons.drawing import Grey

FEW_CLASSES = 3


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


_FACES = "for research; see http://vis-www.cs.umass.edu/lfw/ (the subset in scikit-image)"
_DIGITS = "CC BY 4.0"
_PHOTOGRAPHS = "free to use; scikit-image names the sources beside its files"
SETS = (
    PictureSet(
        id="faces",
        title=N_("Faces in bad light"),
        about=N_("Faces and other things, turned, blurred, noisy and half covered."),
        make=faces.faces_in_bad_light,
        licence=_FACES,
    ),
    PictureSet(
        id="framed",
        title=N_("Framed faces"),
        about=N_("Faces in dark frames, other things in bright ones; in the test pictures the frames are swapped."),
        make=faces.framed_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="unframed",
        title=N_("Faces without frames"),
        about=N_("The framed faces with their frames cut off."),
        make=faces.unframed_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="piles",
        title=N_("Two piles, with copies"),
        about=N_("Pictures that a coin has dealt; copies of training pictures are among the validation pictures."),
        make=coins.coin_piles,
        licence=_FACES,
    ),
    PictureSet(
        id="piles-apart",
        title=N_("Two piles, without copies"),
        about=N_("The same pictures; others are among the validation pictures."),
        make=coins.coin_piles_apart,
        licence=_FACES,
    ),
    PictureSet(
        id="dark",
        title=N_("Faces after dark"),
        about=N_("Sharp faces and other things to learn from; the test pictures are dark and blurred."),
        make=faces.faces_after_dark,
        licence=_FACES,
    ),
    PictureSet(
        id="dusk",
        title=N_("Faces at dusk"),
        about=N_("The same, with some dark pictures to learn from."),
        make=faces.faces_at_dusk,
        licence=_FACES,
    ),
    PictureSet(
        id="rare",
        title=N_("Rare faces"),
        about=N_("Few faces among many other things; in the test there are as many of both."),
        make=faces.rare_faces,
        licence=_FACES,
    ),
    PictureSet(
        id="digits",
        title=N_("Digits of 8 × 8 pixels"),
        about=N_("Handwritten digits, grey and tiny."),
        make=digits.small_digits,
        licence=_DIGITS,
    ),
    PictureSet(
        id="things",
        title=N_("Squares of photographs"),
        about=N_("A cat, coffee, a motorcycle, a wall, grass and the Moon."),
        make=photographs.things,
        licence=_PHOTOGRAPHS,
    ),
    PictureSet(
        id="three",
        title=N_("Brick, grass, gravel"),
        about=N_("Squares of three surfaces, turned, in changing light."),
        make=photographs.three_surfaces,
        licence=_PHOTOGRAPHS,
    ),
    PictureSet(
        id="surfaces",
        title=N_("Eight surfaces"),
        about=N_("Small squares of eight surfaces, turned, in changing light."),
        make=photographs.surfaces,
        licence=_PHOTOGRAPHS,
    ),
)


def get(id: str) -> PictureSet:  # noqa: A002 - the word of the table
    """Return the picture set of that id. Raises InputError if there is none."""
    for each in SETS:
        if each.id == id:
            return each
    raise InputError(
        _("There is no picture set “{set}” for lessons. Sets: {sets}.").format(
            set=id, sets=", ".join(each.id for each in SETS)
        )
    )


def glimpse(id: str) -> "list[tuple[str, Grey]]":  # noqa: A002
    """Return the first training pictures of each class of a set with their class: two of each, one of many classes."""
    by_class: dict[str, list[Grey]] = {}
    for made in get(id).make():
        if made.split == TRAIN:
            by_class.setdefault(made.label, []).append(made.pixels)
    each = 2 if len(by_class) <= FEW_CLASSES else 1
    return [(label, pixels) for label, own in sorted(by_class.items()) for pixels in own[:each]]
