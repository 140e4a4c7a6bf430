"""What folders mean: which class and which split a file belongs to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tl_core.dataset.names import SPLIT_FOLDERS
from tl_core.dataset.splits import TEST, TRAIN, VALIDATION

Folders = tuple[str, ...]


@dataclass(frozen=True)
class Layout:
    """What the folders of a set of images mean.

    Attributes:
        kind: ``"class"``, ``"split/class"`` or ``"class/split"``.
        wrapping: the folders around it all, outermost first.
        inner: the folders between a split and its classes.
    """

    kind: str
    wrapping: Folders
    inner: Folders = ()

    def __str__(self) -> str:
        return "/".join((*self.wrapping, *self.kind.split("/"), "picture"))

    def place(self, folders: Folders) -> tuple[str, str]:
        """Return (class folder, split) of an image in these folders; an empty class: it lies in none."""
        if folders[: len(self.wrapping)] != self.wrapping:
            return "", ""
        rest = folders[len(self.wrapping) :]
        if self.kind == "split/class":
            split = _split(rest[:1])
            rest = rest[1:]
            if not split or rest[: len(self.inner)] != self.inner:
                return "", ""
            return next(iter(rest[len(self.inner) :]), ""), split
        return next(iter(rest), ""), _split(rest[1:2]) if self.kind == "class/split" else ""


def detect(pictures: Iterable[Folders]) -> Layout:
    """Return what the folders of these images mean, whatever folders are wrapped around.

    >>> str(detect([("pets", "train", "cat"), ("pets", "train", "dog"), ("pets", "val", "cat")]))
    'pets/split/class/picture'
    """
    pictures = list(pictures)
    wrapping = _wrapping(pictures)
    inside = [folders[len(wrapping) :] for folders in pictures]
    if _by_split(inside):
        below = [folders[1:] for folders in inside if _split(folders[:1])]
        return Layout("split/class", wrapping, _wrapping(below))
    second = {split for folders in inside if (split := _split(folders[1:2]))}
    return Layout("class/split" if TRAIN in second and len(second) > 1 else "class", wrapping)


def _split(folder: Folders) -> str:
    return SPLIT_FOLDERS.get(folder[0].lower(), "") if folder else ""


def _by_split(pictures: Sequence[Folders]) -> bool:
    """True if the first folders are splits: all of them, or train and another beside something else."""
    first = {folders[0] for folders in pictures if folders}
    named = {split for folder in first if (split := _split((folder,)))}
    if not named:
        return False
    if all(_split((folder,)) for folder in first):
        return True
    deep = all(len(folders) > 1 for folders in pictures if _split(folders[:1]))
    return deep and TRAIN in named and len(named) > 1


def _wrapping(pictures: Sequence[Folders]) -> Folders:
    """Return the folders that wrap all images and below which class folders remain.

    A folder that holds images itself is a class, not a wrapper, unless two or more folders lie beside them. A lone
    ``train`` is a wrapper: it divides nothing. A lone ``test`` says what its images are for.
    """
    wrapping: Folders = ()
    while True:
        first = {folders[:1] for folders in pictures}
        if len(first) != 1 or not (head := first.pop()) or _split(head) in (VALIDATION, TEST):
            return wrapping
        pictures = [folders[1:] for folders in pictures]
        deeper = {folders[0] for folders in pictures if folders}
        loose = any(not folders for folders in pictures)
        if not deeper or (loose and len(deeper) < 2):
            return wrapping
        wrapping += head
