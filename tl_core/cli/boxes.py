"""What the commands do with pictures that have boxes."""

import argparse
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tl_core import api, language, runs, wording
from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import box_comparison, box_record, comparison, everything, scores
from tl_core.evaluation.box_record import BoxEvaluation, BoxPrediction, BoxResults
from tl_core.files import to_json, write_bytes
from tl_core.metrics import box_mistakes
from tl_core.metrics.average_precision import AveragePrecision, ClassPrecision, Seen
from tl_core.metrics.precision_difference import PrecisionDifference
from tl_core.paths import target_file
from tl_core.registry import QUESTIONS, load
from tl_core.travel import box_tables

#: What is wrong with a box, for people.
SORTS = {
    "missed": "missed",
    "badly_placed": "badly placed",
    "wrong_class": "where another class is",
    "double": "found twice",
    "ghost": "around nothing",
}


@dataclass(frozen=True, kw_only=True)
class WrongBox:
    """A box that is wrong: its sort, class, edges as shares of the sides, and score (None for one that was missed)."""

    sort: str
    label: str
    edges: tuple[float, ...]
    score: float | None


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """A picture with boxes that are wrong; ``part`` is its split."""

    picture: str
    part: str
    mistakes: tuple[WrongBox, ...]


def compare(old: runs.RunFolder, new: runs.RunFolder, show: Show) -> None:
    """Show which of two runs finds boxes better. Raises InputError if they are of two projects."""
    if old.project != new.project:
        raise InputError(f"{old.reference} and {new.reference} are runs of two projects: they share no pictures.")
    split = box_comparison.split_of(old, new)
    compared = box_comparison.of_runs(old, new, split)
    difference = compared.difference if compared else None
    if compared is None or difference is None:
        words = f"The two models share no {split} pictures with boxes."
        show({"part": split, "map50": None, "classes": {}, "left_out": [], "words": words}, [words])
        return
    words, each = comparison.in_words(difference.every), dict(zip(compared.classes, difference.each, strict=True))
    known = {label: found for label, found in each.items() if found}
    lines = [
        f"On {wording.pictures(compared.n)} ({split}), mAP@50:",
        words,
        *(f"  {label}: {_change(found)}" for label, found in known.items() if len(known) > 1),
        *compared.left_out(),
    ]
    value = {"part": split, "map50": to_json(difference.every), "classes": to_json(known)}
    show({**value, "left_out": compared.left_out(), "words": words}, lines)


def _change(found: PrecisionDifference) -> str:
    low, high = (wording.change(each, 2) for each in found.interval)
    return f"{found.old:.3f} → {found.new:.3f} (probably {low} to {high}; {wording.chance(found.p)})"


def lines_of(run: runs.RunFolder, results: BoxResults, split: str) -> list[str]:
    """Return what the boxes of a run are worth in a split, as lines for a person."""
    precision, chosen, mistakes = results.precision, results.chosen, results.mistakes
    if precision.map50_95 is None:
        return [f"There is no {split} picture with a box to measure it on."]
    each = [f"  {label}: {_class(row)}" for label, row in zip(run.classes, precision.classes, strict=True)]
    return [
        f"{in_short(precision)} on {wording.of_split(precision.pictures, split)}; mAP@50:95 {precision.map50_95:.3f} "
        f"({precision.interval50_95[0]:.3f} to {precision.interval50_95[1]:.3f})",
        *each,
        f"From a confidence of {chosen.confidence:.2f} on (the best F1 in validation): precision "
        f"{chosen.precision:.2f}, recall {chosen.recall:.2f}, F1 {chosen.f1:.2f}",
        f"Right {mistakes.right}; missed {mistakes.missed}, badly placed {mistakes.badly_placed}, wrong class "
        f"{mistakes.wrong_class}, twice {mistakes.double}, around nothing {mistakes.ghost}",
    ]


def in_short(precision: AveragePrecision) -> str:
    """Return mAP@50 with its interval."""
    if precision.map50 is None:
        return "mAP@50 unknown: no box"
    low, high = precision.interval
    return f"mAP@50 {precision.map50:.3f} (95% interval {low:.3f} to {high:.3f})"


def _class(row: ClassPrecision) -> str:
    if row.ap50 is None:
        return "no box to measure it on"
    boxes = wording.plural(row.there, "box", "boxes")
    return f"{row.ap50:.3f} of {boxes} ({row.interval[0]:.3f} to {row.interval[1]:.3f})"


def show(run: runs.RunFolder, loading: float, began: float, show: Show) -> None:
    """Show what a run on boxes has learned."""
    report, results = run.report(), box_record.results_of(run)
    assert report is not None, "a run that ends without an error has a report"
    seconds = {**report.seconds, "import": loading, "total": time.perf_counter() - began}
    times = ", ".join(f"{wording.duration(seconds[part])} {part}" for part in ("import", "features", "train"))
    of_everything = run.recipe.everything
    lines = [
        f"Run {run.reference}",
        *([everything.unmeasured(run)] if of_everything else lines_of(run, results, "validation")),
        f"From epoch {report.best.epoch} of {report.best.phase}. Model: {run.model_path}",
        f"{wording.duration(seconds['total'])} in all: {times}",
    ]
    also = {"everything": to_json(of_everything)} if of_everything else {}
    show({"run": run.reference, **to_json(report), "seconds": seconds, "boxes": to_json(results), **also}, lines)


def predict(run: runs.RunFolder, pictures: Sequence[str], options: argparse.Namespace, show: Show) -> None:
    """Show the boxes in pictures; exit code 2 if none could be read."""
    if options.why:
        raise InputError("--why is for texts. Leave it out.")
    target = None if options.csv is None else target_file(options.csv)
    run.require_model()
    confidence = _confidence(run, options.confidence)
    found: list[BoxPrediction] = load(QUESTIONS["find-boxes"])(run.folder, pictures, confidence)
    predicted = list(zip(pictures, found, strict=True))
    if all(each.error for each in found):
        why = [f"{Path(picture).name}: {(each.error or '').rstrip('.')}" for picture, each in predicted]
        raise InputError(f"No picture could be read. {wording.listed(why)}.")
    if target:
        write_bytes(target, box_tables.new(predicted))
    value = {
        "run": run.reference,
        "confidence": confidence,
        "predictions": [_as_json(picture, each) for picture, each in predicted],
    }
    show(value, [line for picture, each in predicted for line in _lines(picture, each)])


def _confidence(run: runs.RunFolder, given: float | None) -> float:
    if given is None:
        return box_record.results_of(run).chosen.confidence
    if not 0 <= given <= 1:
        raise InputError(f"A confidence is from 0 to 1. Received: {given:g}.")
    return given


def evaluate(run: runs.RunFolder, show: Show) -> None:
    """Open the test pictures of a run on boxes, and show what it is worth on them."""
    language.speak_of("boxes")
    terminal = Terminal(sys.stderr)
    result = api.evaluate(run, terminal)
    terminal.close()
    assert isinstance(result, BoxEvaluation), "what opening the test pictures of a run on boxes gives"
    opened = (
        f"The test pictures have been opened {wording.times(result.opened)} for this run, "
        f"{wording.times(result.opened_in_project)} in its project."
    )
    show(to_json(result), [*lines_of(run, result, "test"), *scores.leaks(run, "test"), opened])


def mistakes(run: runs.RunFolder, options: argparse.Namespace, show: Show) -> None:
    """Show what is wrong with the boxes in validation pictures, and in test pictures once they are opened."""
    if options.to is not None:
        raise InputError("--to writes mistakes of labels into a zip. Leave it out.")
    load(QUESTIONS["answers"])(run)
    confidence = box_record.results_of(run).chosen.confidence
    table = manifest.of_run(run).table
    names = dict(zip(table["id"], table["source"], strict=True))
    stored = [box_record.load(run, split) for split in ("validation", "test")]
    pictures = [
        Wrong(picture=names[id_], part=each.split, mistakes=wrong)
        for each in stored
        if each
        for id_, seen in zip(each.ids, each.seen, strict=True)
        if (wrong := _wrong(seen, confidence, each.classes))
    ]
    lines = [
        f"{each.picture}: " + "; ".join(f"{one.label} {SORTS[one.sort]}" for one in each.mistakes) for each in pictures
    ]
    value = {"run": run.reference, "confidence": confidence, "mistakes": [to_json(each) for each in pictures]}
    show(value, lines or ["No mistakes."])


def _wrong(seen: Seen, confidence: float, classes: list[str]) -> tuple[WrongBox, ...]:
    judged = box_mistakes.judge(seen, confidence)
    wrong = [(sort, row) for sort, row in zip(judged.sorts, judged.found, strict=True) if sort != "right"]
    missed = [("missed", np.append(row, np.nan)) for row in judged.missed]
    return tuple(
        WrongBox(
            sort=sort,
            label=classes[int(row[4])],
            edges=tuple(row[:4].round(4).tolist()),
            score=None if np.isnan(row[5]) else round(float(row[5]), 4),
        )
        for sort, row in [*missed, *wrong]
    )


def _as_json(picture: str, each: BoxPrediction) -> dict[str, object]:
    rows = [dict(zip(box_tables.COLUMNS[3:], row, strict=True)) for row in box_tables.rows(each)]
    return {"picture": picture, "width": each.width, "height": each.height, "boxes": rows, "error": each.error}


def _lines(picture: str, each: BoxPrediction) -> list[str]:
    if each.error:
        return [f"{picture}: {each.error}"]
    counts = each.counts()
    said = wording.listed([f"{count} {label}" for label, count in counts.items()]) if counts else "nothing"
    rows = [
        f"  {row[4]} {row[5]:.2f}: {row[0]:g}, {row[1]:g} to {row[2]:g}, {row[3]:g}" for row in box_tables.rows(each)
    ]
    return [f"{picture}: {said}", *rows]
