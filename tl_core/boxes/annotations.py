"""What an annotation file says of pictures, before anybody has looked at the pictures themselves."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Self

from tl_core import wording
from tl_core.language import N_, _


@dataclass(frozen=True)
class Drawn:
    """A box as a file has it: its class and its edges, in the unit of its picture (``Annotated.shares``)."""

    label: str
    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """The edges, in their order."""
        return self.x1, self.y1, self.x2, self.y2


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """A picture as an annotation file speaks of it.

    Attributes:
        name: of the picture as the file writes it; its ending may be missing.
        boxes: in any order; none for a picture on which there is nothing.
        place: the annotation file, ``/`` between folders: its picture is looked for near it.
        width, height: of the picture in pixels as the file says, 0 where it does not.
        shares: whether edges are shares of the sides, 0 to 1; pixels otherwise.
        split: that the file gives it by more than the folder in which it lies, or ``""``.
        dropped: how many more boxes the file has that cannot be used: whatever is left, the picture is not without one.
    """

    name: str
    boxes: tuple[Drawn, ...]
    place: str
    width: float = 0
    height: float = 0
    shares: bool = False
    split: str = ""
    dropped: int = 0

    @classmethod
    def of(
        cls,
        name: str,
        place: str,
        read: Sequence[Drawn | None],
        *,
        size: Sequence[float] | None = None,
        shares: bool = False,
        split: str = "",
    ) -> Self:
        """Return a picture with the boxes that were read, None for each that cannot be used; the size as in the file.

        Args:
            name, place, shares, split: as above.
            read: boxes in any order.
            size: width and height; None where the file does not say.
        """
        boxes = tuple(filter(None, read))
        width, height = size or (0, 0)
        return cls(
            name=name,
            boxes=boxes,
            place=place,
            width=width,
            height=height,
            shares=shares,
            split=split,
            dropped=len(read) - len(boxes),
        )

    @property
    def has_boxes(self) -> bool:
        """Whether somebody has drawn boxes on it, of which none may be of use."""
        return bool(self.boxes) or self.dropped > 0

    def in_shares(self) -> "Annotated":
        """Return the same with edges that are shares of the sides."""
        return replace(self, shares=True, width=0, height=0)


#: Said of a file in ``{name}``.
SHARES = N_("The edges in “{name}” are shares of the sides: all lie around 0 to 1.")
#: What may be wrong with a box or a picture: one sentence for each, with ``{boxes}`` or ``{pictures}``, and ``{name}``.
DEFECTS = {
    "crowd": N_("{boxes} around a crowd, which stands for many things at once: left out. For instance in {name}."),
    "unknown": N_("{boxes} of a class that the files do not name: left out. For instance in {name}."),
    "number": N_("{boxes} of which the class is no whole number from 0 on: left out. For instance {name}."),
    "unreadable": N_("{boxes} whose numbers cannot be read: left out. For instance in {name}."),
    "pixels": N_(
        "{boxes} with numbers far above 1, where YOLO has shares of the sides: left out. If they are pixels, divide "
        "them by the width and the height of the picture. For instance in {name}."
    ),
    "polygon": N_("{boxes} drawn as an outline: the box around it was taken. For instance in {name}."),
    "outside": N_("{boxes} outside of the picture: left out. For instance in {name}."),
    "empty": N_("{boxes} without any area, or with a negative side: left out. For instance in {name}."),
    "double": N_("{boxes} drawn twice: kept once. For instance in {name}."),
    "clipped": N_("{boxes} reaching beyond the edge of the picture: cut off there. For instance in {name}."),
    "turned": N_(
        "{pictures} whose boxes were drawn before the picture was turned upright: the boxes were turned with it. For "
        "instance {name}."
    ),
    "upright": N_(
        "{pictures} turned upright, with annotations that do not say for which of the two the boxes are: taken as "
        "drawn on the upright picture. Look at one, for instance {name}."
    ),
    "resized": N_(
        "{pictures} of another shape than the annotations say: the boxes were taken as shares of the sides. For "
        "instance {name}."
    ),
    "size": N_(
        "{pictures} of another size than the annotations say, with boxes beyond that size: the boxes were taken in "
        "pixels of the picture itself. For instance {name}."
    ),
    "same": N_(
        "{pictures} with an id that another one has, too, so nobody knows whose boxes are whose: left out. For "
        "instance {name}."
    ),
    "missing": N_("{pictures} named by the annotations but not there: left out. For instance {name}."),
    "ambiguous": N_("{pictures} of which there are several with this name: left out. For instance {name}."),
    "twice": N_("{pictures} annotated in two files: the boxes of both were taken. For instance {name}."),
    "lost": N_("{pictures} none of whose boxes can be used: not used until somebody draws boxes. For instance {name}."),
    "tiny": N_(
        "{boxes} smaller than 4 pixels where the network sees pictures at 320: it will hardly find them. Cut large "
        "pictures into parts first; that is not done here. For instance in {name}."
    ),
    "negative": N_("{pictures} without a box, to teach the network where nothing is. For instance {name}."),
}
#: Defects that are counted in pictures; the others in boxes.
OF_PICTURES = frozenset(
    {"turned", "upright", "resized", "size", "same", "missing", "ambiguous", "twice", "lost", "negative"}
)


@dataclass
class Tally:
    """How often each defect was met, and where first."""

    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, str] = field(default_factory=dict)

    def add(self, defect: str, name: str, times: int = 1) -> None:
        """Count a defect of ``DEFECTS``; ``name`` is of the picture."""
        self.counts[defect] += times
        if times:
            self.first.setdefault(defect, name)

    def include(self, other: "Tally") -> None:
        """Count what another one has counted, too."""
        for defect, times in other.counts.items():
            self.add(defect, other.first.get(defect, ""), times)

    def sentences(self) -> list[str]:
        """Return a sentence for each defect that was met, in the order of ``DEFECTS``."""
        return [
            _(text).format(
                boxes=wording.plural(self.counts[defect], "box", "boxes"),
                pictures=wording.pictures(self.counts[defect]),
                name=self.first[defect],
            )
            for defect, text in DEFECTS.items()
            if self.counts[defect]
        ]


@dataclass(frozen=True, kw_only=True)
class Annotations:
    """All that the annotation files of a source say.

    Attributes:
        form: how they are written, a key of ``reading.FORMS``.
        pictures: in the order of the files.
        classes: that the files name, with or without a box, in their order.
        tally: what was wrong.
        remarks: sentences on what was taken for what.
    """

    form: str
    pictures: Sequence[Annotated]
    classes: Sequence[str]
    tally: Tally
    remarks: Sequence[str] = ()
