"""The command ``mistakes``: what a run gets wrong, and which labels may be wrong themselves."""

import argparse
from dataclasses import dataclass

from tl_core import runs
from tl_core.cli import boxes, tags, travelling
from tl_core.cli.output import Show
from tl_core.cli.runs import found
from tl_core.dataset import kinds, manifest
from tl_core.errors import InputError
from tl_core.evaluation import crossval, everything, predictions, scores
from tl_core.evaluation.predictions import Predictions
from tl_core.files import to_json
from tl_core.metrics import label_errors
from tl_core.paths import target_file
from tl_core.registry import QUESTIONS, load
from tl_core.runs import RunFolder
from tl_core.wording import certainty
from tl_core.workspace import Workspace

#: Of a text so many characters are shown on a line.
MOST_CHARACTERS = 100


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A picture or text that the model gets wrong.

    Attributes:
        picture: its source name.
        text: what a text says; "" for a picture.
        part: its split.
        truth: its class.
        said: the class that the model predicts.
        probability: of that class, 0 to 1.
    """

    picture: str
    text: str
    part: str
    truth: str
    said: str
    probability: float


@dataclass(frozen=True, kw_only=True)
class Doubted:
    """A picture or text whose label is in doubt.

    Attributes:
        picture: its source name.
        text: what a text says; "" for a picture.
        label: that it has.
        suggested: the class that it probably is.
        margin: by which the model prefers that class, above 0, to 1.
    """

    picture: str
    text: str
    label: str
    suggested: str
    margin: float


def show_mistakes(options: argparse.Namespace, show: Show) -> None:
    """Show the most confident mistakes on validation pictures, on test pictures once opened, and doubted labels."""
    run = runs.find(Workspace.open(options.workspace), options.run)
    if kinds.of(run.project) == kinds.BOXES:
        boxes.mistakes(run, options, show)
    else:
        _label_mistakes(found(options), options, show)


def _label_mistakes(run: RunFolder, options: argparse.Namespace, show: Show) -> None:
    run.require_model()
    target = None if options.to is None else target_file(options.to)
    if run.recipe.head.several:
        found_tags, lines = tags.mistakes(run)
        if target:
            found_tags["file"], said = travelling.write_mistakes(run, options.split, target)
            lines.append(said)
        show(found_tags, lines)
        return
    load(QUESTIONS["answers"])(run)
    table = manifest.of_run(run).table
    names = {id_: (source, text) for id_, source, text in zip(table["id"], table["source"], table["text"], strict=True)}
    stored = [predictions.load(run, split) for split in ("validation", "test")]
    if not any(stored):
        raise InputError(f"Run {run.reference} has no mistakes to list. {everything.unmeasured(run)}")
    wrong = [each for predicted in stored if predicted for each in _mistakes(predicted, names)]
    doubted = _doubted(run, names)
    lines = [f"{_shown(each)}: {each.truth}, predicted as {each.said} {certainty(each.probability)}" for each in wrong]
    lines = lines or ["No mistakes."]
    if doubted is None:
        lines.append("To check the labels, run `crossval RUN` first.")
    lines += [f"label to check: {_shown(each)}: {each.label}, probably {each.suggested}" for each in doubted or []]
    value: dict[str, object] = {
        "run": run.reference,
        "mistakes": [_as_json(each) for each in wrong],
        "doubted": None if doubted is None else [_as_json(each) for each in doubted],
    }
    if target:
        value["file"], said = travelling.write_mistakes(run, options.split, target)
        lines.append(said)
    show(value, lines)


def _shown(row: Mistake | Doubted) -> str:
    """Return what a picture is called, or what a text says, on one line."""
    words = " ".join(row.text.split())
    return (
        f"{row.picture}: “{words[:MOST_CHARACTERS]}{'…' if len(words) > MOST_CHARACTERS else ''}”"
        if words
        else row.picture
    )


def _as_json(row: Mistake | Doubted) -> dict[str, object]:
    """Return a row as a JSON object: of a text what it says, and the source that it comes from."""
    value = to_json(row)
    text = value.pop("text")
    return {"text": text, "source": value.pop("picture"), **value} if text else value


def _mistakes(predicted: Predictions, names: dict[str, tuple[str, str]]) -> list[Mistake]:
    rows = {id_: row for row, id_ in enumerate(predicted.ids)}
    return [
        Mistake(
            picture=names[id_][0],
            text=names[id_][1],
            part=predicted.split,
            truth=predicted.classes[predicted.truth[rows[id_]]],
            said=predicted.classes[predicted.predicted[rows[id_]]],
            probability=float(predicted.confidence[rows[id_]]),
        )
        for id_ in scores.mistakes(predicted)
    ]


def _doubted(run: runs.RunFolder, names: dict[str, tuple[str, str]]) -> list[Doubted] | None:
    result = crossval.load(run)
    if result is None:
        return None
    issues = label_errors.find(result.probabilities, result.labels)
    return [
        Doubted(
            picture=names[result.ids[row]][0],
            text=names[result.ids[row]][1],
            label=result.classes[result.labels[row]],
            suggested=result.classes[suggested],
            margin=margin,
        )
        for row, suggested, margin in zip(issues.rows, issues.suggested, issues.margins, strict=True)
    ]
