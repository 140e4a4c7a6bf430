"""Which pictures of a set show the same: copies of one picture, and pictures of one moment.

Two pictures are near duplicates if their 256-bit DCT hashes (``looks``) differ in no more bits than a limit. Bits of
256, measured on 300 photographs of cats and dogs and on the bundled samples (median; 99 of 100 copies):

- JPEG quality 60: 0; 4. 70 % of the size: 6; 14. 15 % brighter: 4; 18. A watermark: 20; 44. 4 % off all sides: 32; 50.
- 4 % off two sides: 66; 88. Turned by 2° and cropped: 62; 82. 10 % off all sides: 76; 102.
- Two different photographs: 128, one pair in 100 below 108, the closest of 44,850 pairs 94. Two faces: 126; 102; 78.
  Two digits: 122; 78; 24. Two crops of one brick wall, not overlapping: down to 74.

So 72 bits tell photographs from copies: all of those in the first line are found, four of five of the first two kinds
in the second. The usual 64 bits cannot do that (4 % off two sides: up to 16 bits; two photographs: from 14 on). But 72
bits would join 800 of 1,000 digits into one group. Small plain pictures are alike by nature, so the limit follows the
set: it lies where, by the spread of the distances in the set (taken for a normal distribution), one such set in a
hundred has a pair below it by chance. That is 72 for the photographs, 64 for the faces, and 12 for the digits, of which
none are joined. Copies that are mirrored, turned or cropped by more are not found.
"""

import hashlib
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import bursts, hashing

NEAR, BURST = "near duplicate", "burst"
#: The limit lies between these, in bits of 256.
LEAST_LIMIT, MOST_LIMIT = 12, 72
#: So many of the 64 lowest frequencies may differ; two different photographs pass this once in a thousand times.
LOW_LIMIT = 20
#: Copies differ less than this in mean colour (a grey copy: up to 37); the same drawing in red and in green does not.
COLOUR_LIMIT = 48.0
#: Pairs that are alike by chance alone, expected in the whole set.
CHANCE_PAIRS = 0.01
#: Beyond so many pairs only those are kept that a group needs to hold together.
ENOUGH = 300_000

Positions = NDArray[np.intp]


class Links(NamedTuple):
    """Pairs of row positions (first < second), how they are alike, and in how many bits their hashes differ."""

    first: Positions
    second: Positions
    burst: NDArray[np.bool_]
    bits: NDArray[np.int16]


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of pictures that are alike, the most alike first.

    Pairs that a person called different (column ``apart``) are left out. In a set with more than ``ENOUGH`` pairs they
    are thinned out, but every group is still connected.

    Returns:
        ``first``, ``second`` (picture ids, in the order of the rows), ``kind`` (``NEAR`` or ``BURST``), ``bits`` (in
        which the hashes differ, 0..256).
    """
    found = links(table)
    ids = table["id"].to_numpy(dtype=object)
    order = np.argsort(found.bits, kind="stable")
    return pd.DataFrame(
        {
            "first": ids[found.first[order]],
            "second": ids[found.second[order]],
            "kind": np.where(found.burst[order], BURST, NEAR),
            "bits": found.bits[order],
        }
    )


def conflicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the near duplicates of ``pairs`` that bear two labels: most likely one of the two is wrong.

    Returns:
        The columns of ``pairs`` and ``first_label``, ``second_label``.
    """
    found = pairs(table)
    label = pd.Series(table["label"].to_numpy(), index=table["id"].to_numpy())
    found = found[found["kind"] == NEAR].assign(
        first_label=lambda near: label.reindex(near["first"]).to_numpy(dtype=object),
        second_label=lambda near: label.reindex(near["second"]).to_numpy(dtype=object),
    )
    return found[found["first_label"] != found["second_label"]].reset_index(drop=True)


def groups(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of its group for each row: ``(n,)``; what is alike, or alike to the same, is one group.

    >>> groups(pd.DataFrame({"id": ["a", "b"], "label": "cat", "source": "", "look": ""})).tolist()
    [0, 1]
    """
    found = links(table)
    if not len(found.first):
        return np.arange(len(table), dtype=np.int64)
    return _components(len(table), found.first, found.second)


def links(table: pd.DataFrame) -> Links:
    """Return the pairs of ``pairs`` as positions of rows. The answers for the last few sets are kept."""
    key = _key(table)
    if key not in _kept:
        _kept[key] = _find(table)
        while len(_kept) > 4:
            _kept.pop(next(iter(_kept)), None)
    return _kept[key]


_kept: dict[bytes, Links] = {}


def column(table: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a text column of a manifest's table; empty texts where an older table has no such column."""
    if name not in table:
        return np.full(len(table), "", dtype=object)
    return table[name].to_numpy(dtype=object)


def _key(table: pd.DataFrame) -> bytes:
    names = ("id", "label", "source", "phash", "look", "taken", "apart")
    digest = hashlib.sha256()
    for name in names:
        digest.update("\n".join(column(table, name)).encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


def _find(table: pd.DataFrame) -> Links:
    hashes, colours = hashing.unpack(column(table, "look"))
    ids, labels = column(table, "id"), column(table, "label")
    order = np.argsort(ids)
    near = _near(hashes, colours, limit(hashes, labels, order))
    same = [_same_flat(hashes, colours, column(table, "look"), order), _same_phash(table, order)]
    series = bursts.by_time(column(table, "taken"), ids, hashes, colours)
    numbered = bursts.by_name(column(table, "source"), column(table, "taken"), ids, hashes, colours)
    parts = [(*near, False), *((*one, False) for one in same), (*series, True), (*numbered, True)]
    return _together(parts, hashes, ids, column(table, "apart"))


def _together(
    parts: list[tuple[Positions, Positions, bool]],
    hashes: NDArray[np.uint64],
    ids: NDArray[np.object_],
    apart: NDArray[np.object_],
) -> Links:
    """Join what was found in several ways: each pair once, by the first way; none that was called different."""
    one = np.concatenate([part[0] for part in parts]).astype(np.intp)
    other = np.concatenate([part[1] for part in parts]).astype(np.intp)
    burst = np.concatenate([np.full(len(part[0]), part[2]) for part in parts])
    first, second = np.minimum(one, other), np.maximum(one, other)
    _, chosen = np.unique(first * len(ids) + second, return_index=True)
    chosen = chosen[~_called_different(first[chosen], second[chosen], ids, apart)]
    first, second = first[chosen], second[chosen]
    return Links(first, second, burst[chosen], hashing.distance(hashes, first, second))


def _called_different(
    first: Positions, second: Positions, ids: NDArray[np.object_], apart: NDArray[np.object_]
) -> NDArray[np.bool_]:
    told = {row: set(str(apart[row]).split()) for row in np.flatnonzero(apart != "")}
    if not told:
        return np.zeros(len(first), dtype=bool)
    return np.array(
        [
            short(ids[j]) in told.get(i, ()) or short(ids[i]) in told.get(j, ())
            for i, j in zip(first.tolist(), second.tolist(), strict=True)
        ],
        dtype=bool,
    )


def short(id: str) -> str:  # noqa: A002 - the word of the manifest
    """Return the beginning of a picture's id by which the column ``apart`` names it."""
    return id[:16]


def limit(hashes: NDArray[np.uint64], labels: NDArray[np.object_], order: Positions) -> int:
    """Return in how many bits near duplicates of this set may differ, a multiple of 4 between the two limits.

    It is taken from up to 600 pictures, the first in ``order``: from all their pairs and from those within a class,
    whichever lie closer together; copies (within ``LEAST_LIMIT``) count once. The spread is that between the median and
    the lower quartile, which holds even if one pair in five within a class is alike.
    """
    rows = order[hashes[:, order].any(axis=0)]
    count = len(rows) * (len(rows) - 1) / 2
    sample = rows[np.linspace(0, len(rows) - 1, min(600, len(rows))).astype(int)] if len(rows) else rows
    i, j = np.triu_indices(len(sample), 1)
    bits = hashing.distance(hashes, sample[i], sample[j])
    once = ~np.isin(np.arange(len(sample)), j[bits <= LEAST_LIMIT])
    kept = once[i] & once[j]
    i, j, bits = i[kept], j[kept], bits[kept]
    found = [MOST_LIMIT]
    for drawn in (bits, bits[labels[sample[i]] == labels[sample[j]]]):
        if len(drawn) >= 100:
            quartile, median = np.quantile(drawn, [0.25, 0.5])
            spread = max(8.0, (median - quartile) / -NormalDist().inv_cdf(0.25))
            found.append(int(median + spread * NormalDist().inv_cdf(CHANCE_PAIRS / count)) // 4 * 4)
    return max(LEAST_LIMIT, min(found))


def _near(hashes: NDArray[np.uint64], colours: NDArray[np.uint8], bits: int) -> tuple[Positions, Positions]:
    """Return all pairs whose hashes differ in at most ``bits`` bits, by looking at every pair, tile by tile."""
    rows = np.flatnonzero(hashes.any(axis=0))
    words = np.ascontiguousarray(hashes[:, rows])
    firsts, seconds, held = [], [], 0
    joined = np.arange(len(rows))
    for i, j in _tiles(words, bits):
        new = (joined[i] != joined[j]) if held > ENOUGH else np.ones(len(i), dtype=bool)
        new &= hashing.colour_distance(colours, rows[i], rows[j]) <= COLOUR_LIMIT
        firsts.append(i[new])
        seconds.append(j[new])
        held += int(new.sum())
        if held > ENOUGH and new.any():
            i, j = _spanning(len(rows), np.concatenate(firsts), np.concatenate(seconds))
            firsts, seconds = [i], [j]
            joined = _components(len(rows), i, j)
    if not firsts:
        return rows[:0], rows[:0]
    return rows[np.concatenate(firsts)], rows[np.concatenate(seconds)]


def _tiles(
    words: NDArray[np.uint64], bits: int, height: int = 64, width: int = 4096
) -> Iterator[tuple[Positions, Positions]]:
    """Yield the pairs (i < j) within ``bits``; a tile of the first word fits the processor's cache (50,000: 4 s)."""
    count = words.shape[1]
    for top in range(0, count, height):
        rows = words[0, top : top + height, None]
        for left in range(top, count, width):
            low = np.bitwise_count(rows ^ words[0, None, left : left + width])
            i, j = np.divmod(np.flatnonzero(low <= LOW_LIMIT), low.shape[1])
            i, j = i + top, j + left
            i, j = i[i < j], j[i < j]
            if len(i):
                alike = hashing.distance(words, i, j) <= bits
                yield i[alike], j[alike]


def _same_flat(
    hashes: NDArray[np.uint64], colours: NDArray[np.uint8], look: NDArray[np.object_], order: Positions
) -> tuple[Positions, Positions]:
    """Link blank pictures of the same colours: their hashes say nothing."""
    rows = order[~hashes[:, order].any(axis=0) & (look[order] != "")]
    return _chained(rows, [(colours[row] // 8).tobytes() for row in rows])


def _same_phash(table: pd.DataFrame, order: Positions) -> tuple[Positions, Positions]:
    """Link pictures of an older list, which has no looks, by equal 64-bit hashes (a blank one has next to no bits)."""
    old = column(table, "look") == ""
    if not old.any() or "phash" not in table:
        return order[:0], order[:0]
    phash = column(table, "phash")
    rows = order[[int(phash[row] or "0", 16).bit_count() >= 8 for row in order]]
    one, other = _chained(rows, [phash[row] for row in rows])
    needed = old[one] | old[other]
    return one[needed], other[needed]


def _chained(rows: Positions, keys: list[object]) -> tuple[Positions, Positions]:
    """Link each row to the next of the same key."""
    last: dict[object, int] = {}
    found = []
    for row, key in zip(rows.tolist(), keys, strict=True):
        if key in last:
            found.append((last[key], row))
        last[key] = row
    one, other = np.array(found, dtype=np.intp).reshape(-1, 2).T
    return one, other


def _components(count: int, i: Positions, j: Positions) -> NDArray[np.int64]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joined = coo_array((np.ones(len(i), dtype=np.int8), (i, j)), shape=(count, count))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _spanning(count: int, i: Positions, j: Positions) -> tuple[Positions, Positions]:
    """Return as few of the pairs as hold the same groups together."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    tree = minimum_spanning_tree(coo_array((np.ones(len(i)), (i, j)), shape=(count, count))).tocoo()
    return tree.row.astype(np.intp), tree.col.astype(np.intp)
