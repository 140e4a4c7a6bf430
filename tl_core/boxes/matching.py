"""Which picture of a source an annotation speaks of: files name them by paths of other machines."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

from tl_core.boxes.annotations import Annotated, Tally
from tl_core.ingest.entries import Entry

#: Folders that hold the labels beside a folder of pictures, and what that one is called.
_BESIDE = frozenset({"labels", "label", "annotations", "annotation", "images", "image", "jpegimages", "imgs", "img"})


def match(annotated: Iterable[Annotated], entries: Sequence[Entry], tally: Tally) -> dict[str, list[Annotated]]:
    """Return what the annotations say of each picture, by the name of its entry; of some there may be nothing.

    A name may be a path of another machine, with either slash, and may lack its ending: the file of that name is taken
    whose path has most in common with it, and which lies nearest to the annotations.

    Args:
        annotated: as files name them.
        entries: the pictures.
        tally: counts those that are missing, ambiguous or annotated twice.
    """
    by_file: dict[str, list[Entry]] = {}
    by_stem: dict[str, list[Entry]] = {}
    for entry in entries:
        file = _steps(entry.name)[-1]
        by_file.setdefault(file, []).append(entry)
        by_stem.setdefault(file.rpartition(".")[0] or file, []).append(entry)
    found: dict[str, list[Annotated]] = {}
    for each in annotated:
        nearest = _of(each, by_file, by_stem, tally)
        if nearest is None:
            continue
        if others := found.get(nearest.name):
            if each in others:
                continue
            tally.add("twice", nearest.name)
        found.setdefault(nearest.name, []).append(each)
    return found


def _of(
    each: Annotated, by_file: Mapping[str, list[Entry]], by_stem: Mapping[str, list[Entry]], tally: Tally
) -> Entry | None:
    steps = _steps(each.name)
    own = _steps(each.place)
    near = by_file.get(steps[-1]) or by_stem.get(steps[-1]) or by_stem.get(own[-1].rpartition(".")[0]) or []
    if not near:
        tally.add("missing", each.name)
        return None
    ranked = sorted(near, key=lambda entry: _likeness(entry, steps, own), reverse=True)
    if len(ranked) > 1 and _likeness(ranked[0], steps, own) == _likeness(ranked[1], steps, own):
        tally.add("ambiguous", each.name)
        return None
    return ranked[0]


def _likeness(entry: Entry, steps: Sequence[str], place: Sequence[str]) -> tuple[int, int, int]:
    """Return how well an entry fits: steps in common at the end of the path, and with the place of the annotations."""
    here = _steps(entry.name)
    ours, theirs = _without_kind(here[:-1]), _without_kind(place[:-1])
    beside = _common(ours, theirs) - abs(len(ours) - len(theirs))
    return _common(here[-2::-1], steps[-2::-1]), int(ours == theirs), beside


def _without_kind(folders: Sequence[str]) -> list[str]:
    return [folder for folder in folders if folder not in _BESIDE]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _steps(name: str) -> list[str]:
    """Return the steps of a path, with either slash, in lower case, composed, and without the marks of an address.

    >>> _steps("C:\\\\data\\\\Images/A%20b.jpg")
    ['c:', 'data', 'images', 'a b.jpg']
    """
    plain = unicodedata.normalize("NFC", unquote(name)).casefold()
    return [step for step in plain.replace("\\", "/").split("/") if step not in ("", ".")] or [""]
