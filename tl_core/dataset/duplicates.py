"""Which images of a set show the same: copies of one image, and images of one moment.

Two images are near duplicates if their 256-bit DCT hashes (``hashing``) differ in no more bits than a limit. 72 bits
tell photographs from copies, but small plain images are alike by nature, so the limit follows the set: it lies where,
by the spread of the distances (taken for a normal distribution), one such set in a hundred has a pair below it by
chance. ``tests/bench/README.md`` has the measurements. Copies that are mirrored or cropped by much are not found.
"""

import hashlib
import threading
from collections.abc import Iterator
from statistics import NormalDist
from typing import NamedTuple

import cachetools
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import bursts, hashing

NEAR, BURST = "near duplicate", "burst"
#: The limit lies between these, in bits of 256.
LEAST_LIMIT, MOST_LIMIT = 12, 72
#: Near duplicates differ in at most this many of the 64 lowest frequencies; one pair of photographs in 1,000 does, too.
LOW_LIMIT = 20
#: Largest difference in mean colour (0..255): a grey copy stays below, the same drawing in another colour does not.
COLOUR_LIMIT = 48.0
#: Expected number of pairs in the whole set that are alike by chance alone.
CHANCE_PAIRS = 0.01
#: Above this number of pairs, only those are listed that a group needs to stay connected.
MOST_PAIRS = 300_000
#: Bytes of links that stay in memory: pages ask about the same sets again, those of one person or of many. Those of two
#: sets stay, however large they are.
MOST_KEPT = 64 * 2**20

Positions = NDArray[np.intp]


class Links(NamedTuple):
    """Pairs of alike images.

    Attributes:
        first, second: ``(m,)`` positions of rows, first < second.
        burst: ``(m,)`` True for images of one moment, False for near duplicates.
        bits: ``(m,)`` number of bits in which the hashes differ, 0..256.
    """

    first: Positions
    second: Positions
    burst: NDArray[np.bool_]
    bits: NDArray[np.int16]


def pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs of images that are alike, the most alike first.

    Pairs that a person marked as different (column ``apart``) are left out. Above ``MOST_PAIRS`` pairs they are
    thinned out, but every group is still connected.

    Returns:
        ``first``, ``second`` (image ids, in the order of the rows), ``kind`` (``NEAR`` or ``BURST``), ``bits`` (in
        which the hashes differ, 0..256).
    """
    alike = links(table)
    ids = table["id"].to_numpy(dtype=object)
    order = np.argsort(alike.bits, kind="stable")
    return pd.DataFrame(
        {
            "first": ids[alike.first[order]],
            "second": ids[alike.second[order]],
            "kind": np.where(alike.burst[order], BURST, NEAR),
            "bits": alike.bits[order],
        }
    )


def conflicts(table: pd.DataFrame) -> pd.DataFrame:
    """Return the near duplicates of ``pairs`` that have two labels: most likely one of the two is wrong.

    Returns:
        The columns of ``pairs`` and ``first_label``, ``second_label``.
    """
    alike = pairs(table)
    label = pd.Series(table["label"].to_numpy(), index=table["id"].to_numpy())
    near = alike[alike["kind"] == NEAR]
    near = near.assign(
        first_label=label.reindex(near["first"]).to_numpy(dtype=object),
        second_label=label.reindex(near["second"]).to_numpy(dtype=object),
    )
    return near[near["first_label"] != near["second_label"]].reset_index(drop=True)


def groups(table: pd.DataFrame, *, near_only: bool = False) -> NDArray[np.int64]:
    """Return the number of its group for each row: ``(n,)``; what is alike, or alike to the same, is one group.

    Args:
        table: of a manifest.
        near_only: group near duplicates alone, not images of one moment.

    >>> groups(pd.DataFrame({"id": ["a", "b"], "label": "cat", "source": "", "look": ""})).tolist()
    [0, 1]
    """
    first, second, burst, _ = links(table)
    return _components(len(table), *((first[~burst], second[~burst]) if near_only else (first, second)))


def units(table: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of what stays in one split for each row: ``(n,)``.

    That is what is alike (``groups``), and what came in one group: a day, a session, a patient.

    >>> units(pd.DataFrame({"id": ["a", "b"], "label": "cat", "source": "", "look": "", "group": "monday"})).tolist()
    [0, 0]
    """
    first, second, _, _ = links(table)
    named = pd.Series(column(table, "group"))
    rows = named.index[named != ""].to_numpy()
    codes = pd.factorize(named[rows])[0]
    order = np.argsort(codes, kind="stable")
    rows, codes = rows[order], codes[order]
    same = codes[1:] == codes[:-1]
    return _components(len(table), np.concatenate([first, rows[:-1][same]]), np.concatenate([second, rows[1:][same]]))


def _key(table: pd.DataFrame) -> bytes:
    digest = hashlib.sha256()
    for name in ("id", "label", "source", "look", "taken", "apart"):
        digest.update("\n".join(column(table, name)).encode("utf-8", "surrogatepass") + b"\0")
    return digest.digest()


def _size(found: Links) -> int:
    return min(sum(each.nbytes for each in found), MOST_KEPT // 2)


@cachetools.cached(cachetools.LRUCache(MOST_KEPT, getsizeof=_size), key=_key, lock=threading.Lock())
def links(table: pd.DataFrame) -> Links:
    """Return the pairs of ``pairs`` as positions of rows. Safe to use from several threads."""
    look, taken, ids = (column(table, name) for name in ("look", "taken", "id"))
    hashes, colours = hashing.unpack(look)
    order = np.argsort(ids)
    near = _near(hashes, colours, limit(hashes, column(table, "label"), order))
    flat = _same_flat(hashes, colours, look, order)
    by_time = bursts.by_time(taken, ids, hashes, colours)
    films = np.where(column(table, "text") == "", column(table, "source"), "")  # rows of texts are numbered, too
    by_name = bursts.by_name(films, taken, ids, hashes, colours)
    ways = [(*near, False), (*flat, False), (*by_time, True), (*by_name, True)]
    return _joined(ways, hashes, ids, column(table, "apart"))


def column(table: pd.DataFrame, name: str) -> NDArray[np.object_]:
    """Return a text column of a manifest's table as an array; empty texts if there is no such column."""
    if name not in table:
        return np.full(len(table), "", dtype=object)
    return table[name].to_numpy(dtype=object)


def _joined(
    ways: list[tuple[Positions, Positions, bool]],
    hashes: NDArray[np.uint64],
    ids: NDArray[np.object_],
    apart: NDArray[np.object_],
) -> Links:
    """Join the pairs of several ways: each once, by the first way; none that was marked as different."""
    one = np.concatenate([way[0] for way in ways]).astype(np.intp)
    other = np.concatenate([way[1] for way in ways]).astype(np.intp)
    burst = np.concatenate([np.full(len(way[0]), way[2]) for way in ways])
    first, second = np.minimum(one, other), np.maximum(one, other)
    _, chosen = np.unique(first * len(ids) + second, return_index=True)
    chosen = chosen[~_marked_different(first[chosen], second[chosen], ids, apart)]
    first, second = first[chosen], second[chosen]
    return Links(first, second, burst[chosen], hashing.distance(hashes, first, second))


def _marked_different(
    first: Positions, second: Positions, ids: NDArray[np.object_], apart: NDArray[np.object_]
) -> NDArray[np.bool_]:
    different = {row: set(str(apart[row]).split()) for row in np.flatnonzero(apart != "")}
    if not different:
        return np.zeros(len(first), dtype=bool)
    return np.array(
        [
            short(ids[j]) in different.get(i, ()) or short(ids[i]) in different.get(j, ())
            for i, j in zip(first.tolist(), second.tolist(), strict=True)
        ],
        dtype=bool,
    )


def short(id: str) -> str:  # noqa: A002 - the word of the manifest
    """Return the beginning of an image's id by which the column ``apart`` names it."""
    return id[:16]


def limit(hashes: NDArray[np.uint64], labels: NDArray[np.object_], order: Positions) -> int:
    """Return in how many bits near duplicates of this set may differ, a multiple of 4 between the two limits.

    It is estimated from up to 600 images, spread over ``order``: from all their pairs and from those within a class,
    whichever lie closer together; copies (within ``LEAST_LIMIT``) count once. The spread is that between the median and
    the lower quartile, which holds even if one pair in five within a class is alike.

    Args:
        hashes: ``(4, n)`` uint64; images without a hash (all 0) are left out.
        labels: ``(n,)`` class names.
        order: ``(n,)`` positions in an order that does not depend on that of the rows.
    """
    rows = order[hashes[:, order].any(axis=0)]
    count = len(rows) * (len(rows) - 1) / 2
    sample = rows[np.linspace(0, len(rows) - 1, min(600, len(rows))).astype(int)] if len(rows) else rows
    i, j = np.triu_indices(len(sample), 1)
    bits = hashing.distance(hashes, sample[i], sample[j])
    once = ~np.isin(np.arange(len(sample)), j[bits <= LEAST_LIMIT])
    counted = once[i] & once[j]
    i, j, bits = i[counted], j[counted], bits[counted]
    limits = [MOST_LIMIT]
    for drawn in (bits, bits[labels[sample[i]] == labels[sample[j]]]):
        if len(drawn) >= 100:
            quartile, median = np.quantile(drawn, [0.25, 0.5])
            spread = max(8.0, (median - quartile) / -NormalDist().inv_cdf(0.25))
            limits.append(int(median + spread * NormalDist().inv_cdf(CHANCE_PAIRS / count)) // 4 * 4)
    return max(LEAST_LIMIT, min(limits))


def _near(hashes: NDArray[np.uint64], colours: NDArray[np.uint8], bits: int) -> tuple[Positions, Positions]:
    """Return all pairs whose hashes differ in at most ``bits`` bits, by looking at every pair, tile by tile."""
    rows = np.flatnonzero(hashes.any(axis=0))
    words = np.ascontiguousarray(hashes[:, rows])
    firsts, seconds, listed = [], [], 0
    joined = np.arange(len(rows))
    for i, j in _tiles(words, bits):
        new = (joined[i] != joined[j]) if listed > MOST_PAIRS else np.ones(len(i), dtype=bool)
        new &= hashing.colour_distance(colours, rows[i], rows[j]) <= COLOUR_LIMIT
        firsts.append(i[new])
        seconds.append(j[new])
        listed += int(new.sum())
        if listed > MOST_PAIRS and new.any():
            i, j = _spanning(len(rows), np.concatenate(firsts), np.concatenate(seconds))
            firsts, seconds = [i], [j]
            joined = _components(len(rows), i, j)
    if not firsts:
        return rows[:0], rows[:0]
    return rows[np.concatenate(firsts)], rows[np.concatenate(seconds)]


def _tiles(
    words: NDArray[np.uint64], bits: int, height: int = 64, width: int = 4096
) -> Iterator[tuple[Positions, Positions]]:
    """Yield the pairs (i < j) within ``bits``; a tile of the first word fits the processor's cache."""
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
    """Link each blank image to the next of the same colours: their hashes say nothing."""
    rows = order[~hashes[:, order].any(axis=0) & (look[order] != "")]
    last: dict[bytes, int] = {}
    pairs = []
    for row in rows.tolist():
        key = (colours[row] // 8).tobytes()
        if key in last:
            pairs.append((last[key], row))
        last[key] = row
    one, other = np.array(pairs, dtype=np.intp).reshape(-1, 2).T
    return one, other


def _components(count: int, i: Positions, j: Positions) -> NDArray[np.int64]:
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    joined = coo_array((np.ones(len(i), dtype=np.int8), (i, j)), shape=(count, count))
    return np.asarray(connected_components(joined, directed=False)[1], dtype=np.int64)


def _spanning(count: int, i: Positions, j: Positions) -> tuple[Positions, Positions]:
    """Return as few of the pairs as connect the same groups."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import minimum_spanning_tree

    tree = minimum_spanning_tree(coo_array((np.ones(len(i)), (i, j)), shape=(count, count))).tocoo()
    return tree.row.astype(np.intp), tree.col.astype(np.intp)
