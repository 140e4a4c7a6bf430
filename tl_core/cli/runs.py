"""The commands that ask a trained run: ``predict``, ``evaluate``, ``crossval``, ``compare``."""

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from tl_core import api, language, runs
from tl_core.about import Things
from tl_core.cli import boxes, tags
from tl_core.cli.output import Show, beside_guess, measured
from tl_core.cli.terminal import Terminal
from tl_core.dataset import kinds
from tl_core.errors import InputError
from tl_core.evaluation import predictions, scores, unknowns
from tl_core.evaluation.crossval import CrossValidation
from tl_core.evaluation.predictions import Prediction
from tl_core.evaluation.scores import Evaluation
from tl_core.evaluation.tag_crossval import TagCrossValidation
from tl_core.evaluation.tags import TagEvaluation, TagPrediction, thresholds_of
from tl_core.explain.words import Words
from tl_core.files import to_json, write_bytes
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.sources import Source, open_source
from tl_core.metrics import calibration, confusion
from tl_core.metrics.confusion import ClassScores
from tl_core.networks import text_catalogue
from tl_core.paths import target_file
from tl_core.registry import QUESTIONS, load
from tl_core.runs import RunFolder
from tl_core.text import asked, english, sources
from tl_core.travel import tables
from tl_core.wording import certainty, fraction, interval, listed, percent, pictures, times
from tl_core.workspace import Workspace

#: Of more classes than this the confusions are listed, at most MOST_PAIRS.
MOST_COLUMNS, MOST_PAIRS = 30, 20


def add_predict_options(command: argparse.ArgumentParser) -> None:
    """Add what ``predict`` takes."""
    command.add_argument("--csv", metavar="FILE", help="write the predictions into this file, too")
    command.add_argument(
        "--confidence",
        type=float,
        metavar="SHARE",
        help="of boxes: show those that are at least so sure, 0 to 1 (default: the one chosen on validation pictures)",
    )
    command.add_argument("--why", action="store_true", help="of texts: say which words speak for the predicted class")


def found(options: argparse.Namespace) -> RunFolder:
    """Return the run that the options name; what follows speaks of what its project holds. Raises NotFoundError."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    kinds.require_labels(run.project)
    language.speak_of(run.project.about().kind)
    return run


def predict(options: argparse.Namespace, show: Show) -> None:
    """Show the classes of pictures and of those in folders; exit code 2 if none could be read."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    if asks := _OTHERWISE.get(kinds.of(run.project)):
        asks(run, [picture for path in options.pictures for picture in _pictures_at(path)], options, show)
        return
    if options.confidence is not None:
        raise InputError("--confidence is for boxes. Leave it out.")
    run = found(options)
    target = None if options.csv is None else target_file(options.csv)
    reads_texts = run.project.about().kind == "texts"
    if options.why and not reads_texts:
        raise InputError("--why is for texts. Where in a picture the evidence lies is shown in the app, by Grad-CAM.")
    if reads_texts:
        given = [text for each in options.pictures for text in texts_at(each)]
    else:
        given = [picture for path in options.pictures for picture in _pictures_at(path)]
    predicted = api.predict(run, given)
    named = list(zip(given, predicted, strict=True))
    if all(each.error for each in predicted):
        if reads_texts:
            raise InputError(predicted[0].error or "")
        why = [f"{Path(picture).name}: {(each.error or '').rstrip('.')}" for picture, each in named]
        raise InputError(f"No picture could be read. {listed(why)}.")
    if target:
        write_bytes(target, tables.new(run, named))
    said = [_why(run, *each) for each in named] if options.why else [None] * len(named)
    shown = [
        {"text" if reads_texts else "picture": name, **to_json(each), **({"why": to_json(words)} if words else {})}
        for (name, each), words in zip(named, said, strict=True)
    ]
    lines = [
        line
        for (name, each), words in zip(named, said, strict=True)
        for line in [_prediction_line(name, each), *(_why_lines(words) if words else [])]
    ]
    unread = english.remarks(given) if text_catalogue.is_known(run.recipe.backbone) else []
    show({"run": run.reference, "predictions": shown}, [*lines, *unread])


#: Kinds of which something else is predicted than labels.
_OTHERWISE: dict[Things, Callable[[RunFolder, Sequence[str], argparse.Namespace, Show], None]] = {
    "boxes": boxes.predict
}


def _why(run: RunFolder, text: str, predicted: Prediction) -> Words | None:
    """Return which words of a text speak for the class that is predicted; None where the text cannot be read."""
    if predicted.error:
        return None
    words: Words = load(QUESTIONS["why-words"])(run.folder, text, predicted.classes[0].label)
    return words


def _why_lines(words: Words) -> list[str]:
    strongest = [f"{words.of(word)} (without it {certainty(word.probability)})" for word in words.strongest()]
    return [f"  {line}" for line in [*words.sentences(), *(["Most: " + "; ".join(strongest)] if strongest else [])]]


def texts_at(given: str) -> list[str]:
    """Return a text, or those of the file that it names: its lines, or the column of texts of a table.

    "-" names the standard input, which has a text in each line.

    Raises:
        InputError: it names a folder, a file that is not there, or one that holds no text.
    """
    if given == "-":
        return asked.lines(sys.stdin.buffer.read(), "standard input")
    path = Path(given)
    if not os.path.exists(given):  # noqa: PTH110 - a text may be longer than a path, which is an error of Path.exists
        if path.suffix.lower() in (*sources.TABLES, *sources.TEXTS) and not re.search(r"\s|://", given):
            raise InputError(f"There is no file {given}. Check the path.")
        return [given]
    if path.is_dir():
        raise InputError(f"“{given}” is a folder. Give a text, a file with a text in each line, or a table of texts.")
    return asked.inside(path)


def _pictures_at(path: str) -> list[str]:
    """Return a path, or the pictures in the folder that it names and in those below; what is skipped goes to stderr."""
    if not Path(path).is_dir():
        return [path]
    with open_source(Source("folder", path)) as contents:
        skipped = [*contents.left_out, *(LeftOut(each.name, "Not a picture.") for each in contents.tables)]
        pictures = [str(entry.path) for entry in contents.entries]
    for item in skipped:
        print(f"skipped: {item.name}: {item.reason}", file=sys.stderr)
    if not pictures:
        raise InputError(f"There is no picture in {path}. Check the path.")
    return pictures


def _prediction_line(picture: str, predicted: Prediction) -> str:
    if predicted.error:
        return f"{picture}: {predicted.error}"
    if isinstance(predicted, TagPrediction):
        return f"{picture}: {tags.prediction(predicted)}"
    classes = ", ".join(f"{row.label} {certainty(row.probability)}" for row in predicted.classes[:3])
    before = f"   (before training: {predicted.before[0].label})" if predicted.before else ""
    refused = "none of these; otherwise " if predicted.refused else ""
    return f"{picture}: {refused}{classes}{before}"


def evaluate(options: argparse.Namespace, show: Show) -> None:
    """Open the test pictures and show what the model is worth on them."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    if kinds.of(run.project) == kinds.BOXES:
        boxes.evaluate(run, show)
        return
    run = found(options)
    terminal = Terminal(sys.stderr)
    result = api.evaluate(run, terminal)
    terminal.close()
    if isinstance(result, TagEvaluation):
        said = [*tags.evaluation(result, thresholds_of(run)), *scores.leaks(run, "test")]
        show({**to_json(result), "in_words": result.sentence()}, said)
        return
    assert isinstance(result, Evaluation), "what is left where there is one label"
    lines = [
        f"Test accuracy {beside_guess(result)}",
        result.sentence(),
        *scores.leaks(run, "test"),
        f"The test {language.things()} have been opened {times(result.opened)} for this run, "
        f"{times(result.opened_in_project)} in its project.",
        *map(_class_line, result.classes),
        *confusion_lines(result.confusion, result.labels),
        *_trust_lines(run),
    ]
    show({**to_json(result), "in_words": result.sentence()}, lines)


def confusion_lines(counts: list[list[int]], labels: list[str]) -> list[str]:
    """Return a confusion matrix as lines; where it would be too wide, the most frequent confusions."""
    if len(labels) > MOST_COLUMNS:
        pairs = confusion.pairs(np.array(counts))
        most = [f"  {labels[p.truth]}, predicted as {labels[p.predicted]}: {p.pictures}" for p in pairs[:MOST_PAIRS]]
        more = [f"  … and {len(pairs) - MOST_PAIRS} more"] if len(pairs) > MOST_PAIRS else []
        return ["Most frequent confusions", *(most or ["  none"]), *more]
    width = len(str(max(max(row) for row in counts)))
    rows = ("  ".join(f"{number:{width}}" for number in row) for row in counts)
    title = "Confusion (row: true class, column: predicted class; in the order above)"
    return [title, *(f"  {row}" for row in rows)]


def _class_line(row: ClassScores) -> str:
    if row.recall is None or row.f1 is None:
        return f"  {row.label}: no {language.things()}"
    precision = "never predicted" if row.precision is None else f"precision {fraction(row.precision)}"
    reach = f"95% interval {interval(*row.recall_interval, row.support)}"
    recall = f"recall {fraction(row.recall)} of {pictures(row.support)} ({reach})"
    return f"  {row.label}: {precision}, {recall}, f1 {fraction(row.f1)}"


def _trust_lines(run: runs.RunFolder) -> list[str]:
    """Return how confident the model is of the test pictures, and how many it refuses."""
    predicted, known, share = predictions.load(run, "test"), unknowns.of(run), unknowns.refused(run)
    if predicted is None or known is None:
        return []
    sure = calibration.reliability(predicted.probabilities, predicted.truth, predicted.groups)
    (row,) = unknowns.trade(known, predicted, [share])
    return [
        f"Calibration error {percent(sure.ece, sure.n)} (by chance alone {sure.chance()}); "
        f"temperature {predicted.temperature:.2f}",
        f"With {percent(share)} false refusals allowed: {row.answered} of {row.n} answered, {row.correct} right",
        *filter(None, [known.note(share)]),
    ]


def crossvalidate(options: argparse.Namespace, show: Show) -> None:
    """Cross-validate the head of a run on stored activations; the test pictures stay sealed."""
    run = found(options)
    terminal = Terminal(sys.stderr)
    result = api.cross_validate(run, terminal)
    terminal.close()
    if isinstance(result, TagCrossValidation):
        show(*tags.crossvalidated(run, result))
        return
    lines = [crossvalidated_line(result), result.sentence(), result.method()]
    show({"run": run.reference, **crossvalidated(result)}, lines)


def crossvalidated(result: CrossValidation) -> dict[str, object]:
    """Return a cross-validation as a JSON object, without its predictions."""
    return {
        **to_json(result.accuracy),
        "accuracies": result.accuracies,
        "in_words": result.sentence(),
        "classes": result.classes,
        "folds": result.folds,
        "repeats": result.repeats,
        "seconds": result.seconds,
    }


def crossvalidated_line(result: CrossValidation) -> str:
    """Return the accuracy of a cross-validation, for a person."""
    return f"Cross-validated accuracy of the head {beside_guess(result.accuracy)}"


def compare(options: argparse.Namespace, show: Show) -> None:
    """Compare two runs on the same pictures: the test pictures if both have opened them, else validation."""
    workspace = Workspace.open(options.workspace)
    old, new = (runs.find(workspace, name) for name in (options.old, options.new))
    kind = kinds.of(old.project)
    language.speak_of(kind)
    if otherwise := _COMPARED.get(kind):
        otherwise(old, new, show)
        return
    result = api.compare(old, new)
    both = [
        f"Before: {measured(result.old)}",
        f"After:  {measured(result.new)}",
        f"Just guessing: {percent(result.baseline, result.n)}",
    ]
    value = {
        "part": result.split,
        "old": to_json(result.old),
        "new": to_json(result.new),
        "baseline": result.baseline,
        "mended": result.fixed,
        "broken": result.newly_wrong,
        "p": result.p,
        "mean_average_precision": to_json(result.precision) if result.precision else None,
        "words": result.sentence(),
        "left_out": result.left_out(),
    }
    said = [result.sentence(), *filter(None, [result.of_order()]), *result.left_out()]
    show(value, [*(both if result.n else []), *said])


#: Kinds whose runs are not compared by what is right and wrong.
_COMPARED: dict[Things, Callable[[RunFolder, RunFolder, Show], None]] = {"boxes": boxes.compare}
