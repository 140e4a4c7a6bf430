"""What the commands do with pictures that have boxes."""

import argparse
import csv
import io
import time
from collections.abc import Sequence
from pathlib import Path

from tl_core import runs, wording
from tl_core.cli.output import Show
from tl_core.dataset.names import safe_cell
from tl_core.errors import InputError
from tl_core.evaluation import box_record
from tl_core.evaluation.box_record import BoxPrediction, BoxResults
from tl_core.files import to_json, write_bytes
from tl_core.paths import target_file
from tl_core.registry import QUESTIONS, load

#: The columns of what ``predict --csv`` writes; edges in pixels of the upright picture, its longer side at most 1024.
COLUMNS = ("file", "width", "height", "xmin", "ymin", "xmax", "ymax", "label", "score")


def lines_of(run: runs.RunFolder, results: BoxResults) -> list[str]:
    """Return what the boxes of a run are worth, as lines for a person."""
    precision, chosen, mistakes = results.precision, results.chosen, results.mistakes
    if precision.map50 is None or precision.map50_95 is None:
        return ["There is no validation picture with a box to measure it on."]
    low, high = precision.interval
    each = [
        f"  {label}: {'no box to measure it on' if value is None else f'{value:.3f}'}"
        for label, value in zip(run.classes, precision.classes, strict=True)
    ]
    return [
        f"mAP@50 {precision.map50:.3f} (95% interval {low:.3f} to {high:.3f}) on "
        f"{wording.pictures(precision.pictures)} for validation; mAP@50:95 {precision.map50_95:.3f}",
        *each,
        f"From a confidence of {chosen.confidence:.2f} on (the best F1 in validation, {chosen.f1:.2f}): precision "
        f"{chosen.precision:.2f}, recall {chosen.recall:.2f}",
        f"Right {mistakes.right}; missed {mistakes.missed}, badly placed {mistakes.badly_placed}, wrong class "
        f"{mistakes.wrong_class}, twice {mistakes.double}, around nothing {mistakes.ghost}",
    ]


def show(run: runs.RunFolder, loading: float, began: float, show: Show) -> None:
    """Show what a run on boxes has learned."""
    report, results = run.report(), box_record.results_of(run)
    assert report is not None, "a run that ends without an error has a report"
    seconds = {**report.seconds, "import": loading, "total": time.perf_counter() - began}
    times = ", ".join(f"{wording.duration(seconds[part])} {part}" for part in ("import", "features", "train"))
    lines = [
        f"Run {run.reference}",
        *lines_of(run, results),
        f"From epoch {report.best.epoch}. Model: {run.model_path}",
        f"{wording.duration(seconds['total'])} in all: {times}",
    ]
    show({"run": run.reference, **to_json(report), "seconds": seconds, "boxes": to_json(results)}, lines)


def predict(run: runs.RunFolder, pictures: Sequence[str], options: argparse.Namespace, show: Show) -> None:
    """Show the boxes in pictures; exit code 2 if none could be read."""
    if options.why:
        raise InputError("--why is for texts. Leave it out.")
    target = None if options.csv is None else target_file(options.csv)
    run.require_model()
    found: list[BoxPrediction] = load(QUESTIONS["find-boxes"])(run, pictures)
    predicted = list(zip(pictures, found, strict=True))
    if all(each.error for each in found):
        why = [f"{Path(picture).name}: {(each.error or '').rstrip('.')}" for picture, each in predicted]
        raise InputError(f"No picture could be read. {wording.listed(why)}.")
    if target:
        write_bytes(target, _csv(predicted))
    value = {
        "run": run.reference,
        "confidence": box_record.results_of(run).chosen.confidence,
        "predictions": [_as_json(picture, each) for picture, each in predicted],
    }
    show(value, [line for picture, each in predicted for line in _lines(picture, each)])


def _as_json(picture: str, each: BoxPrediction) -> dict[str, object]:
    rows = [dict(zip(COLUMNS[3:], row, strict=True)) for row in _rows(each)]
    return {"picture": picture, "width": each.width, "height": each.height, "boxes": rows, "error": each.error}


def _rows(each: BoxPrediction) -> list[tuple[float | str, ...]]:
    sides = (each.width, each.height, each.width, each.height)
    return [
        (
            *(round(edge * side, 1) for edge, side in zip(found.box.edges, sides, strict=True)),
            found.box.label,
            round(found.score, 4),
        )
        for found in each.found
    ]


def _lines(picture: str, each: BoxPrediction) -> list[str]:
    if each.error:
        return [f"{picture}: {each.error}"]
    counts: dict[str, int] = {}
    for found in each.found:
        counts[found.box.label] = counts.get(found.box.label, 0) + 1
    said = wording.listed([f"{count} {label}" for label, count in counts.items()]) if counts else "nothing"
    rows = [f"  {row[4]} {row[5]:.2f}: {row[0]:g}, {row[1]:g} to {row[2]:g}, {row[3]:g}" for row in _rows(each)]
    return [f"{picture}: {said}", *rows]


def _csv(predicted: Sequence[tuple[str, BoxPrediction]]) -> bytes:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    table.writerow(COLUMNS)
    for picture, each in predicted:
        first = (safe_cell(picture), each.width, each.height)
        table.writerows((*first, *row[:4], safe_cell(str(row[4])), row[5]) for row in _rows(each))
        if not each.found:
            table.writerow((*first, "", "", "", "", "", ""))
    return text.getvalue().encode()
