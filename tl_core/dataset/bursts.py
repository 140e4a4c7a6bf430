"""Pictures of one moment: taken by one camera within seconds, or frames of one film by their numbered names.

A moving camera changes a picture more than any copy is changed: frames that are shifted by a tenth differ in 100 and
more of 256 bits, like strangers. What stays is the colour of each field of the picture. Mean difference of 4 × 4 field
colours, of 255: frames shifted by up to 6 % and turned by up to 2°: median 11, 99 of 100 below 24; two different
photographs: median 51, 5 of 100 below 31, 1 in 1,000 below 19.

- By time: the same camera within ``SECONDS`` is strong evidence, so the pictures need only not look wholly different.
- By name, where no time is known: the next number of the same kind of name says little (``cat.1.jpg``, ``cat.2.jpg``
  …), so the two must look much alike, and neighbours in the numbering ten times as often as pairs from far apart in
  it. Frames of a film are known by half the distance of such pairs. Of the 300 photographs, digits and faces in the
  order of their numbers none are linked (a third of neighbouring digits look much alike, but so do a tenth of all).
"""

import itertools
import re
from collections import Counter, defaultdict
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import hashing

Positions = NDArray[np.intp]
Words = NDArray[np.uint64]
Colours = NDArray[np.uint8]
Texts = NDArray[np.object_]

#: Pictures that one camera takes within so many seconds are of one moment.
SECONDS = 3.0
#: More pictures than this of one camera in the very same second: its clock stands still, and says nothing.
STANDING = 30
#: Mean colour differences (0..255) and bits (of 256) below which two pictures do not look wholly different …
LOOSE_COLOUR, LOOSE_BITS = 32.0, 100
#: … and those below which neighbours by name look much alike.
TIGHT_COLOUR = 16.0
#: From so many pictures on, a numbering is judged by itself.
LONG = 20
#: Folder names that say which part a picture is in, not what it is.
_PARTS = frozenset({"train", "training", "val", "valid", "validation", "dev", "test", "testing"})


def by_time(taken: Texts, ids: Texts, hashes: Words, colours: Colours) -> tuple[Positions, Positions]:
    """Return neighbours in time (see ``capture``): of one camera, within ``SECONDS``, not wholly different."""
    standing = {text for text, count in Counter(taken).items() if count > STANDING}
    rows = [row for row, text in enumerate(taken) if text and text not in standing]
    when = {row: _when(taken[row]) for row in rows}
    rows.sort(key=lambda row: (*when[row], ids[row]))
    near = [
        (one, other)
        for one, other in itertools.pairwise(rows)
        if when[one][0] == when[other][0] and when[other][1] - when[one][1] <= SECONDS
    ]
    one, other = _columns(near)
    alike = hashing.colour_distance(colours, one, other) <= LOOSE_COLOUR
    alike |= _bits(hashes, one, other) <= LOOSE_BITS
    return one[alike], other[alike]


def _when(taken: str) -> tuple[str, float]:
    moment, camera = taken.split(" ", 1)
    return camera, (datetime.fromisoformat(moment) - datetime(1970, 1, 1)).total_seconds()


def by_name(source: Texts, taken: Texts, ids: Texts, hashes: Words, colours: Colours) -> tuple[Positions, Positions]:
    """Return neighbours in a numbering of names that look much alike, where that tells and no time is known."""
    judged, short = [], []
    for rows in _numberings(source, taken, ids):
        if len(rows) < LONG:
            short.append((rows[:-1], rows[1:], *_far(rows)))
        else:
            judged.append(_telling(hashes, colours, rows[:-1], rows[1:], *_far(rows)))
    if short:
        one, other, early, late = (np.concatenate(side) for side in zip(*short, strict=True))
        judged.append(_telling(hashes, colours, one, other, early, late))
    nothing = np.zeros(0, dtype=np.intp)
    one, other = (np.concatenate([nothing, *side]) for side in (zip(*judged, strict=True) if judged else ((), ())))
    return one, other


def _far(rows: Positions) -> tuple[Positions, Positions]:
    """Return pairs of one numbering from far apart: at least five places, and a quarter of its length.

    Of a long one, pairs of 200 pictures spread over it.
    """
    sample = rows[np.linspace(0, len(rows) - 1, min(200, len(rows))).astype(int)]
    i, j = np.triu_indices(len(sample), max(5, len(sample) // 4))
    return sample[i], sample[j]


def in_order(taken: Texts, source: Texts, ids: Texts) -> Positions:
    """Return the positions in the order in which the pictures were taken: by time, then by the numbers in names."""

    def key(row: int) -> tuple[str, list[str | int], str]:
        texts = re.split(r"(\d+)", source[row])
        return taken[row], [int(text) if text.isdecimal() else text for text in texts], ids[row]

    return np.array(sorted(range(len(ids)), key=key), dtype=np.intp)


def _numberings(source: Texts, taken: Texts, ids: Texts) -> list[Positions]:
    """Return the rows of each kind of numbered name, in the order of the numbers."""
    kinds: dict[tuple[str, ...], list[tuple[int, str, int]]] = defaultdict(list)
    for row, text in enumerate(source):
        *folders, name = str(text).split(" | ")[0].split("/")
        parsed = re.fullmatch(r"(.*?)(\d{1,18})(\.[^.]*)?", name)
        if parsed and not taken[row]:
            place = [folder for folder in folders if folder.lower() not in _PARTS]
            kinds[(*place, parsed[1].lower(), (parsed[3] or "").lower())].append((int(parsed[2]), ids[row], row))
    return [np.array([row for _, _, row in sorted(kind)], dtype=np.intp) for kind in kinds.values() if len(kind) > 1]


def _telling(
    hashes: Words, colours: Colours, one: Positions, other: Positions, early: Positions, late: Positions
) -> tuple[Positions, Positions]:
    """Return the neighbours (one, other) that are much alike, if that is no wonder of a set where everything is.

    Either they are so ten times as often as pairs from far apart (early, late), or the pictures are a film, whose
    neighbours lie at half the distance. With fewer than 30 pairs from far apart nothing can be told.
    """
    alike = _much_alike(hashes, colours, one, other)
    if len(early) < 30:
        return one[:0], other[:0]
    often = alike.mean() >= 10 * _much_alike(hashes, colours, early, late).mean()
    film = np.median(_bits(hashes, one, other)) <= 0.5 * np.median(_bits(hashes, early, late))
    alike &= bool(often or film)
    return one[alike], other[alike]


def _much_alike(hashes: Words, colours: Colours, one: Positions, other: Positions) -> NDArray[np.bool_]:
    alike = hashing.colour_distance(colours, one, other) <= TIGHT_COLOUR
    return alike & (_bits(hashes, one, other) <= LOOSE_BITS)


def _bits(hashes: Words, one: Positions, other: Positions) -> NDArray[np.int16]:
    """Return the distances of hashes, 128 (as of strangers) where a picture has none."""
    known = hashes[:, one].any(axis=0) & hashes[:, other].any(axis=0)
    return np.where(known, hashing.distance(hashes, one, other), np.int16(128))


def _columns(pairs: list[tuple[int, int]]) -> tuple[Positions, Positions]:
    one, other = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return one, other
