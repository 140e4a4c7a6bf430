"""What the commands say of runs on pictures with several labels each."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tl_core.cli.output import beside_guess
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import tag_crossval, tags
from tl_core.evaluation.tag_crossval import TagCrossValidation
from tl_core.evaluation.tags import Results, TagEvaluation, TagPrediction
from tl_core.files import to_json
from tl_core.metrics import multilabel
from tl_core.metrics.multilabel import TagScores
from tl_core.runs import RunFolder
from tl_core.wording import certainty, decimal, interval, listed, percent, pictures, times

#: Of more tags than this the pairs that come together are listed, at most MOST_PAIRS.
MOST_COLUMNS, MOST_PAIRS = 30, 20
NO_TAG = "no label"


@dataclass(frozen=True, kw_only=True)
class TagMistake:
    """A tag that the model gets wrong on a picture.

    Attributes:
        picture: its source name.
        part: its split.
        tag: which one.
        has: whether the picture has it; if so the model misses it, else it gives it.
        probability: that the model gives it, 0 to 1.
        threshold: from which on it is given.
    """

    picture: str
    part: str
    tag: str
    has: bool
    probability: float
    threshold: float


@dataclass(frozen=True, kw_only=True)
class DoubtedTag:
    """A tag that a picture probably has wrongly, or lacks wrongly.

    Attributes:
        picture: its source name.
        tag: which one.
        has: whether the picture has it now.
        probability: that it should have it, by models that have not seen the picture, 0 to 1.
    """

    picture: str
    tag: str
    has: bool
    probability: float


def prediction(predicted: TagPrediction) -> str:
    """Return what a model says of a picture, for a person."""
    share = {each.label: each.probability for each in predicted.classes}
    given = ", ".join(f"{tag} {certainty(share[tag])}" for tag in predicted.tags) or NO_TAG
    others = [f"{tag} {certainty(probability)}" for tag, probability in share.items() if tag not in predicted.tags]
    return f"{given}{f'   (not: {listed(others, 3)})' if others else ''}"


def results(found: Results) -> list[str]:
    """Return what a model is worth on some pictures, as lines for a person."""
    mean = found.mean_average_precision
    return [
        f"Exactly the right labels: {beside_guess(found)}",
        *([] if mean is None else [f"Mean average precision {decimal(mean, 3)}"]),
        *map(_tag, found.tags),
    ]


def _tag(row: TagScores) -> str:
    if row.accuracy is None:
        return f"  {row.label}: no pictures"
    said = [f"right on {_share(row.accuracy, row.accuracy_interval)}"]
    if row.precision is None:
        said.append("never given")
    else:
        said.append(f"precision {_share(row.precision, row.precision_interval)} of {pictures(row.given)}")
    if row.recall is None:
        said.append("on no picture")
    else:
        said.append(f"recall {_share(row.recall, row.recall_interval)} of {pictures(row.support)}")
    if row.f1 is not None:
        said.append(f"f1 {_share(row.f1, row.f1_interval)}")
    if row.average_precision is not None:
        said.append(f"average precision {decimal(row.average_precision, 3)}")
    return f"  {row.label}: {', '.join(said)}; threshold {decimal(row.threshold, 2)}"


def _share(share: float, between: tuple[float, float]) -> str:
    return f"{percent(share)} ({interval(*between)})"


def evaluation(found: TagEvaluation, thresholds: tags.Thresholds) -> list[str]:
    """Return what the test pictures show, as lines for a person."""
    return [
        found.sentence(),
        *results(found),
        *together(found),
        _chosen(thresholds),
        f"The test pictures have been opened {times(found.opened)} for this run, "
        f"{times(found.opened_in_project)} in its project.",
    ]


def _chosen(thresholds: tags.Thresholds) -> str:
    if not thresholds.chosen_on:
        return "No validation pictures chose the thresholds: each is 0.5."
    return f"The thresholds have the highest f1 on {pictures(thresholds.chosen_on)} of validation."


def together(found: Results) -> list[str]:
    """Return how many pictures have two tags at once, as lines; where it would be too wide, the most frequent pairs."""
    names, counts = [row.label for row in found.tags], np.array(found.together)
    if len(names) < 2:
        return []
    if len(names) <= MOST_COLUMNS:
        width = len(str(counts.max(initial=0)))
        rows = ("  ".join(f"{number:{width}}" for number in row) for row in counts)
        return ["Pictures that have both labels (in the order above)", *(f"  {row}" for row in rows)]
    pairs = [(int(counts[a, b]), a, b) for a in range(len(names)) for b in range(a) if counts[a, b]]
    pairs.sort(key=lambda pair: -pair[0])
    most = [f"  {names[b]} and {names[a]}: {count}" for count, a, b in pairs[:MOST_PAIRS]]
    more = [f"  … and {len(pairs) - MOST_PAIRS} more"] if len(pairs) > MOST_PAIRS else []
    return ["Labels that come together most often", *(most or ["  none"]), *more]


def validation(run: RunFolder) -> tuple[dict[str, object], list[str]]:
    """Return what a trained run is worth on its validation pictures: as JSON, and as lines for a person."""
    found, thresholds = tags.results_of(run), tags.thresholds_of(run)
    value: dict[str, object] = {"tags": to_json(found) if found else None, "thresholds": to_json(thresholds)}
    if found is None or found.accuracy is None:
        return value, []
    flattered = "On validation pictures, which have chosen the thresholds; `evaluate` opens the test pictures:"
    return value, [flattered, *results(found)[1:]]


def crossvalidated(run: RunFolder, result: TagCrossValidation) -> tuple[dict[str, object], list[str]]:
    """Return a cross-validation: as JSON without its predictions, and as lines for a person."""
    figures = dict(zip(result.tags, _precisions(result), strict=True))
    value: dict[str, object] = {
        "run": run.reference,
        **to_json(result.accuracy),
        "mean_average_precision": result.mean_average_precision,
        "precisions": result.precisions,
        "average_precision": figures,
        "in_words": result.sentence(),
        "classes": result.tags,
        "folds": result.folds,
        "repeats": result.repeats,
        "seconds": result.seconds,
    }
    each = [f"  {tag}: average precision {decimal(figure, 3)}" for tag, figure in figures.items() if figure is not None]
    said = [f"Cross-validated, exactly the right labels: {beside_guess(result.accuracy)}", result.sentence(), *each]
    return value, [*said, result.method()]


def _precisions(result: TagCrossValidation) -> list[float | None]:
    columns = zip(result.truth.T, result.probabilities.T, strict=True)
    return [multilabel.average_precision(own, share) for own, share in columns]


def mistakes(run: RunFolder) -> tuple[dict[str, object], list[str]]:
    """Return the wrong answers on validation pictures, on test pictures once opened: as JSON, and as lines.

    Raises:
        InputError: no predictions are stored.
    """
    stored = [predicted for split in ("validation", "test") if (predicted := tags.load(run, split))]
    if not stored:
        raise InputError(f"Run {run.reference} has no predictions. Run `evaluate` first.")
    names = dict(manifest.of_run(run).table.set_index("id")["source"])
    thresholds = tags.thresholds_of(run)
    found = [
        TagMistake(
            picture=names[each.id],
            part=each.split,
            tag=each.tag,
            has=each.has,
            probability=each.probability,
            threshold=each.threshold,
        )
        for predicted in stored
        for each in tags.mistakes(predicted, thresholds)
    ]
    missed = Counter(each.tag for each in found if each.has)
    wrong = Counter(each.tag for each in found if not each.has)
    by_tag = {tag: {"missed": missed[tag], "wrongly_given": wrong[tag]} for tag in run.classes}
    lines = [f"{tag}: missed {times(missed[tag])}, wrongly given {times(wrong[tag])}" for tag in run.classes]
    lines += [
        f"  {each.picture}: {each.tag} {'missed' if each.has else 'wrongly given'} {certainty(each.probability)}"
        for each in found
    ]
    doubted = _doubted(run, names)
    if doubted is None:
        lines.append("To check the labels, run `crossval RUN` first.")
    lines += [
        f"label to check: {each.picture}: {'has' if each.has else 'lacks'} {each.tag} ({certainty(each.probability)})"
        for each in doubted or []
    ]
    return {"run": run.reference, "mistakes": found, "by_tag": by_tag, "doubted": doubted}, lines


def _doubted(run: RunFolder, names: Mapping[str, str]) -> list[DoubtedTag] | None:
    result = tag_crossval.load(run)
    if result is None:
        return None
    return [
        DoubtedTag(picture=names[each.id], tag=each.tag, has=each.has, probability=each.probability)
        for each in tag_crossval.doubts(result)
    ]
