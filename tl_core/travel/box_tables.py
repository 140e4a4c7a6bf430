"""Boxes as CSV, one a line: what a model finds in new pictures, and what it finds in its own beside what is there."""

from collections.abc import Sequence

from tl_core.dataset import manifest
from tl_core.evaluation.box_record import BoxFindings, BoxPrediction
from tl_core.metrics import box_mistakes
from tl_core.runs import RunFolder
from tl_core.travel import tables

#: Of new pictures; edges in pixels of the upright picture, at most 1024 a side. Without a box the last are empty.
COLUMNS = ("file", "width", "height", "xmin", "ymin", "xmax", "ymax", "label", "score")
#: Of pictures of a run; edges as there. ``what`` is "truth", or a field of ``box_mistakes.Mistakes``.
JUDGED = ("file", "width", "height", "what", "xmin", "ymin", "xmax", "ymax", "label", "score")

Row = tuple[float | str, ...]


def rows(each: BoxPrediction) -> list[Row]:
    """Return the boxes of a picture: four edges in pixels, class, score."""
    return [
        (*_pixels(found.box.edges, each.width, each.height), found.box.label, round(found.score, 4))
        for found in each.found
    ]


def new(predicted: Sequence[tuple[str, BoxPrediction]]) -> bytes:
    """Return what was found in new pictures, given with their names, as a CSV file of ``COLUMNS``."""
    lines: list[Row] = [COLUMNS]
    for name, each in predicted:
        lines += [(name, each.width, each.height, *row) for row in rows(each) or [("",) * 6]]
    return tables.text(lines)


def judged(run: RunFolder, findings: BoxFindings, confidence: float) -> bytes:
    """Return what is there and what was found in pictures of a run, as a CSV file of ``JUDGED``.

    Args:
        run: whose pictures they are.
        findings: in them.
        confidence: of the boxes, at least.
    """
    pictures = {row.id: row for row in manifest.rows_of(manifest.of_run(run).table)}
    lines: list[Row] = [JUDGED]
    for id_, seen in zip(findings.ids, findings.seen, strict=True):
        picture, one = pictures[id_], box_mistakes.judge(seen, confidence)
        every = [("truth", row) for row in seen.truth] + list(zip(one.sorts, one.found, strict=True))
        lines += [
            (
                picture.source,
                picture.width,
                picture.height,
                what,
                *_pixels(row[:4].tolist(), picture.width, picture.height),
                findings.classes[int(row[4])],
                "" if what == "truth" else round(float(row[5]), 4),
            )
            for what, row in every
        ]
    return tables.text(lines)


def _pixels(edges: Sequence[float], width: int, height: int) -> tuple[float, ...]:
    return tuple(round(edge * side, 1) for edge, side in zip(edges, (width, height, width, height), strict=True))
