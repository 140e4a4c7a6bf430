"""The commands that ask a trained run: ``predict``, ``evaluate``, ``crossval``, ``mistakes``, ``compare``."""

import argparse
import sys
from typing import Any

import numpy as np

from tl_core import jobs, runs
from tl_core.cli.output import Show, beside_guess, percent
from tl_core.cli.terminal import Terminal
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import comparison, crossval, mistakes, predictions, scores, unknowns
from tl_core.jobs import QUESTIONS
from tl_core.metrics import calibration, label_errors
from tl_core.workspace import Workspace

#: Of more classes than this the confusions are listed, so many of them.
MOST_COLUMNS, MOST_PAIRS = 30, 20


def predict(options: argparse.Namespace, show: Show) -> None:
    """Show the classes of pictures; exit code 2 if none could be read."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.require_model()
    jobs.load(QUESTIONS["answers"])(run)  # without it nothing can be refused
    answers = jobs.load(QUESTIONS["predict"])(run.folder, options.pictures)
    named = [{"picture": picture, **answer} for picture, answer in zip(options.pictures, answers, strict=True)]
    if all(answer["error"] for answer in named):
        raise InputError(" ".join(answer["error"] for answer in named))
    show({"run": run.reference, "predictions": named}, [_prediction_line(answer) for answer in named])


def _prediction_line(answer: dict[str, Any]) -> str:
    if answer["error"]:
        return f"{answer['picture']}: {answer['error']}"
    said = ", ".join(f"{row['label']} {row['probability']:.1%}" for row in answer["classes"][:3])
    before = f"   (before: {answer['before'][0]['label']})" if answer["before"] else ""
    refused = "none of these; else " if answer["known"] and answer["known"]["refused"] else ""
    return f"{answer['picture']}: {refused}{said}{before}"


def evaluate(options: argparse.Namespace, show: Show) -> None:
    """Open the test part and show what the model is worth on it."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.require_model()
    terminal = Terminal(sys.stderr)
    result = jobs.load(QUESTIONS["evaluate"])(run.folder, terminal)
    terminal.close()
    times = f"The test part has been opened {result['opened']} time(s) for this run, "
    times += f"{result['opened_in_project']} in its project."
    lines = [
        f"Test accuracy {beside_guess(result)}",
        result["in_words"],
        *scores.leaks(run, "test"),
        times,
        *map(_class_line, result["classes"]),
    ]
    show(result, [*lines, *confusion_lines(result), *_trust_lines(run)])


def confusion_lines(result: dict[str, Any]) -> list[str]:
    """Return the confusion matrix of ``scores.of`` as lines; where it would be too wide, what was taken for what."""
    counts, labels = np.array(result["confusion"]), result["labels"]
    if len(labels) > MOST_COLUMNS:
        pairs = mistakes.pairs(counts)
        told = [f"  {labels[p['truth']]}, said {labels[p['said']]}: {p['pictures']}" for p in pairs[:MOST_PAIRS]]
        more = [f"  … and {len(pairs) - MOST_PAIRS} more"] if len(pairs) > MOST_PAIRS else []
        return ["Most frequent confusions", *(told or ["  none"]), *more]
    width = len(str(counts.max()))
    rows = ("  ".join(f"{number:{width}}" for number in row) for row in counts)
    title = "Confusion (row: truth, column: answer; classes in the order above)"
    return [title, *(f"  {row}" for row in rows)]


def _class_line(row: dict[str, Any]) -> str:
    if not row["support"]:
        return f"  {row['label']}: no pictures, so nothing is known of it"
    low, high = row["recall_interval"]
    precision = "never said" if row["precision"] is None else f"precision {row['precision']:.3f}"
    recall = f"recall {row['recall']:.3f} of {row['support']} pictures (95 % interval {low:.1%} to {high:.1%})"
    return f"  {row['label']}: {precision}, {recall}, f1 {row['f1']:.3f}"


def _trust_lines(run: runs.RunFolder) -> list[str]:
    """Return how sure the model is of the test pictures, and how many it refuses."""
    found, knows, share = predictions.load(run, "test"), unknowns.of(run), unknowns.refused(run)
    if found is None or knows is None:
        return []
    sure = calibration.reliability(found.probabilities, found.truth)
    row = unknowns.trade(knows, found, [share])[0]
    return [
        f"Calibration error {sure['ece']:.1%} (a perfectly calibrated model: {sure['by_chance'][0]:.1%}, "
        f"up to {sure['by_chance'][1]:.1%} by chance); temperature {found.temperature:.2f}",
        f"With {share:.0%} false refusals allowed: {row['answered']} of {row['n']} answered, {row['right']} right",
    ]


def crossvalidate(options: argparse.Namespace, show: Show) -> None:
    """Cross-validate the head of a run on kept activations; the test part stays sealed."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    terminal = Terminal(sys.stderr)
    found = jobs.load(QUESTIONS["cross-validate"])(run, terminal)
    terminal.close()
    lines = [
        crossvalidated_line(found),
        found["in_words"],
        f"{found['folds']} folds, {found['repeats']} times; {found['seconds']:.0f} s",
    ]
    show({"run": run.reference, **crossvalidated(found)}, lines)


def crossvalidated(found: dict[str, Any]) -> dict[str, Any]:
    """Return what cross-validation found without what it says of each picture."""
    return {name: value for name, value in found.items() if name not in ("ids", "labels", "probabilities")}


def crossvalidated_line(found: dict[str, Any]) -> str:
    """Return what cross-validation found, for a person."""
    return f"Cross-validated accuracy of the head {beside_guess(found)}"


def show_mistakes(options: argparse.Namespace, show: Show) -> None:
    """Show the surest mistakes on the validation pictures, on the test ones once opened, and doubted labels."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    run.require_model()
    jobs.load(QUESTIONS["answers"])(run)
    names = dict(manifest.load(run.project, run.recipe.manifest).table.set_index("id")["source"])
    wrong = []
    for part in ("validation", "test"):
        found = predictions.load(run, part)
        wrong += _wrong(found, names) if found else []
    doubted = _doubted(run, names)
    lines = [f"{each['picture']}: {each['truth']}, said {each['said']} {each['probability']:.1%}" for each in wrong]
    lines = lines or ["No mistakes."]
    if doubted is None:
        lines.append("Labels can be doubted after `crossval RUN`.")
    for each in doubted or []:
        lines.append(f"doubted: {each['picture']}: {each['label']}, rather {each['suggested']}")
    show({"run": run.reference, "mistakes": wrong, "doubted": doubted}, lines)


def _wrong(found: predictions.Predictions, names: dict[str, str]) -> list[dict[str, Any]]:
    rows = {id_: row for row, id_ in enumerate(found.ids)}
    return [
        {
            "picture": names[id_],
            "part": found.split,
            "truth": found.classes[found.truth[rows[id_]]],
            "said": found.classes[found.predicted[rows[id_]]],
            "probability": float(found.probabilities[rows[id_]].max()),
        }
        for id_ in mistakes.most_certain(found)
    ]


def _doubted(run: runs.RunFolder, names: dict[str, str]) -> list[dict[str, Any]] | None:
    found = crossval.load(run)
    if found is None:
        return None
    doubts = label_errors.find(found["probabilities"], found["labels"])
    return [
        {
            "picture": names[found["ids"][row]],
            "label": found["classes"][found["labels"][row]],
            "suggested": found["classes"][suggested],
            "margin": margin,
        }
        for row, suggested, margin in zip(doubts.rows, doubts.suggested, doubts.margins, strict=True)
    ]


def compare(options: argparse.Namespace, show: Show) -> None:
    """Compare two runs on the same pictures: the test part if both have opened it, else validation."""
    workspace = Workspace.open(options.workspace)
    old, new = (runs.find(workspace, name) for name in (options.old, options.new))
    if old.project != new.project:
        raise InputError(f"{old.reference} and {new.reference} are runs of two projects: they share no pictures.")
    opened = old.times_opened() and new.times_opened()
    found = comparison.of_runs(old, new, "test" if opened else "validation")
    if found is None:
        raise InputError("One of the runs was not asked about its pictures yet. Open both on the Results page first.")
    both = [
        f"Before: {percent(found.old)}",
        f"After:  {percent(found.new)}",
        f"Always naming the commonest class: {found.baseline:.1%}",
    ]
    value = {"part": found.part, "old": found.old, "new": found.new, "baseline": found.baseline}
    value |= {"mended": found.mended, "broken": found.broken, "p": found.p, "words": found.words()}
    left_out = found.left_out()
    show(value | {"left_out": left_out}, [*(both if found.n else []), found.words(), *left_out])
