"""Images of one moment: taken by one camera within seconds, or frames of one film by their numbered names.

A moving camera changes a hash as much as another subject does; what stays is the mean colour of each field.

- By time: the same camera within ``SECONDS`` is strong evidence, so the images need only not look wholly different.
  A clock that stands still, or begins with each new battery, is weak evidence or none (``_believed``).
- By name, where no time is known: the next number of the same kind of name is weak evidence (``cat.1.jpg``,
  ``cat.2.jpg`` …). So the two must look much alike, and neighbours in the numbering ten times as often as pairs from
  far apart in it. Frames of a film are recognised by half the distance of such pairs.

``tests/bench/README.md`` has the measurements behind the limits.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import hashing
from tl_core.dataset.split_words import split_of

Positions = NDArray[np.intp]
Words = NDArray[np.uint64]
Colours = NDArray[np.uint8]
Texts = NDArray[np.object_]

#: Images that one camera takes within this number of seconds are of one moment.
SECONDS = 3.0
#: More images than this of one camera with the very same time: its clock stands still and is ignored.
STOPPED_CLOCK = 30
#: This many images of one second that mostly do not look much alike are no burst: the clock stands still.
CROWD = 4
#: Mean colour differences (0..255) and bits (of 256) below which two images do not look wholly different …
LOOSE_COLOUR, LOOSE_BITS = 32.0, 100
#: … and those below which neighbours by name look much alike.
TIGHT_COLOUR = 16.0
#: A numbering with at least this number of images is judged by itself.
LONG = 20


def by_time(taken: Texts, ids: Texts, hashes: Words, colours: Colours) -> tuple[Positions, Positions]:
    """Return neighbours in time (``exif.taken``): of one camera, within ``SECONDS``, not wholly different.

    Args:
        taken, ids: ``(n,)`` columns of a manifest.
        hashes, colours: ``(4, n)`` and ``(n, 48)``, as ``hashing.unpack`` gives them.

    Returns:
        Two arrays ``(m,)`` of positions.
    """
    stopped = {text for text, count in Counter(taken).items() if count > STOPPED_CLOCK}
    when = {row: _when(text) for row, text in enumerate(taken) if text and text not in stopped}
    rows = sorted(_believed(when, hashes, colours), key=lambda row: (*when[row], ids[row]))
    near = [
        (one, other)
        for one, other in itertools.pairwise(rows)
        if when[one][0] == when[other][0] and when[other][1] - when[one][1] <= SECONDS
    ]
    one, other = _columns(near)
    alike = hashing.colour_distance(colours, one, other) <= LOOSE_COLOUR
    alike |= _bits(hashes, one, other) <= LOOSE_BITS
    unset = np.array([_unset(taken[row]) for row in one], dtype=bool)
    alike &= ~unset | _much_alike(hashes, colours, one, other)
    return one[alike], other[alike]


def _believed(when: Mapping[int, tuple[str, float]], hashes: Words, colours: Colours) -> list[int]:
    """Return the rows whose time says something.

    Frames of one second hardly differ. Where most pairs of a camera's images of one second are not much alike, the
    time is that of a clock that stands still.
    """
    seconds: dict[tuple[str, int], list[int]] = defaultdict(list)
    for row, (camera, second) in when.items():
        seconds[camera, int(second)].append(row)
    return [row for rows in seconds.values() if not _crowd(rows, hashes, colours) for row in rows]


def _crowd(rows: list[int], hashes: Words, colours: Colours) -> bool:
    if len(rows) < CROWD:
        return False
    one, other = _columns(list(itertools.combinations(rows[:STOPPED_CLOCK], 2)))
    return bool(_much_alike(hashes, colours, one, other).mean() < 0.5)


def _unset(taken: str) -> bool:
    """Return whether a time is of the first hour of a year, where clocks begin that nobody has set."""
    return taken[5:13] == "01-01T00"


def _when(taken: str) -> tuple[str, float]:
    moment, camera = taken.split(" ", 1)
    return camera, (datetime.fromisoformat(moment) - datetime(1970, 1, 1)).total_seconds()


def by_name(source: Texts, taken: Texts, ids: Texts, hashes: Words, colours: Colours) -> tuple[Positions, Positions]:
    """Return neighbours in a numbering of names that look much alike, where no time is known.

    Takes and returns what ``by_time`` does; ``source`` has the names that the images came with.
    """
    judged, short = [], []
    for rows in _numberings(source, taken, ids):
        if len(rows) < LONG:
            short.append((rows[:-1], rows[1:], *_far(rows)))
        else:
            judged.append(_alike_neighbours(hashes, colours, rows[:-1], rows[1:], *_far(rows)))
    if short:
        one, other, early, late = (np.concatenate(side) for side in zip(*short, strict=True))
        judged.append(_alike_neighbours(hashes, colours, one, other, early, late))
    nothing = np.zeros(0, dtype=np.intp)
    one, other = (np.concatenate([nothing, *side]) for side in (zip(*judged, strict=True) if judged else ((), ())))
    return one, other


def _far(rows: Positions) -> tuple[Positions, Positions]:
    """Return pairs of one numbering from far apart: at least five places, and a quarter of its length.

    Of a long numbering, pairs of 200 images spread over it.
    """
    sample = rows[np.linspace(0, len(rows) - 1, min(200, len(rows))).astype(int)]
    i, j = np.triu_indices(len(sample), max(5, len(sample) // 4))
    return sample[i], sample[j]


def in_order(taken: Texts, source: Texts, ids: Texts) -> Positions:
    """Return the positions in the order in which the images were taken: by time, then by the numbers in names."""

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
            place = [folder for folder in folders if not split_of(folder)]
            kinds[(*place, parsed[1].lower(), (parsed[3] or "").lower())].append((int(parsed[2]), ids[row], row))
    return [np.array([row for _, _, row in sorted(kind)], dtype=np.intp) for kind in kinds.values() if len(kind) > 1]


def _alike_neighbours(
    hashes: Words, colours: Colours, one: Positions, other: Positions, early: Positions, late: Positions
) -> tuple[Positions, Positions]:
    """Return the neighbours (one, other) that are much alike, unless everything in the numbering is.

    Either they are alike ten times as often as pairs from far apart (early, late), or the images are a film, whose
    neighbours lie at half the distance. Fewer than 30 pairs from far apart are no evidence.
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
    """Return the distances of hashes, 128 (as of unrelated images) where an image has none."""
    known = hashes[:, one].any(axis=0) & hashes[:, other].any(axis=0)
    return np.where(known, hashing.distance(hashes, one, other), np.int16(128))


def _columns(pairs: list[tuple[int, int]]) -> tuple[Positions, Positions]:
    one, other = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return one, other
