"""What a run says of each image, as the label that it would have: its class, or all the tags that it is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tl_core import arrays
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.dataset import tags as tagged
from tl_core.evaluation import predictions, tags
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.tags import TagPredictions, Thresholds
from tl_core.runs import RunFolder

_ONE = ("classes", "ids", "logits", "groups")


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a run says of the images of a split.

    Attributes:
        split: of the images.
        classes: names of those that the run knows.
        labels: what it says, by the id of the image.
        groups: the number of its group by the id of the image; None in files of earlier versions.
    """

    split: str
    classes: tuple[str, ...]
    labels: dict[str, str]
    groups: dict[str, int] | None


def of_predictions(predicted: Predictions) -> Said:
    """Return the class that is predicted for each image."""
    return Said(
        split=predicted.split,
        classes=tuple(predicted.classes),
        labels={id_: predicted.classes[at] for id_, at in zip(predicted.ids, predicted.predicted, strict=True)},
        groups=None if predicted.groups is None else dict(zip(predicted.ids, predicted.groups.tolist(), strict=True)),
    )


def of_tags(predicted: TagPredictions, thresholds: Thresholds) -> Said:
    """Return the tags that each image is given."""
    given = predicted.given(thresholds)
    names = [tagged.join(tag for tag, has in zip(predicted.tags, row, strict=True) if has) for row in given]
    return Said(
        split=predicted.split,
        classes=tuple(predicted.tags),
        labels=dict(zip(predicted.ids, names, strict=True)),
        groups=dict(zip(predicted.ids, predicted.groups.tolist(), strict=True)),
    )


def of_run(run: RunFolder, split: str, *, by_time: bool = False) -> Said | None:
    """Return what is stored of a run; None if it has not predicted that split, or says something else than labels.

    Args:
        run: a run.
        split: ``"validation"`` or ``"test"``.
        by_time: as in ``arrays.load``: without reading the model.
    """
    read = _READ.get(kinds.of(run.project))
    return read(run, split, by_time) if read else None


def is_stored(run: RunFolder, split: str) -> bool:
    """Return whether what a run says of a split is stored, and is that of its present model."""
    return predictions.is_stored(run, split) or tags.is_stored(run, split)


def changed(run: RunFolder, split: str) -> tuple[int, ...]:
    """Return when that was stored, in nanoseconds since the epoch: it is another number once it is stored again."""
    model = run.model_path.stat().st_mtime_ns if run.ready else 0
    return (*(arrays.changed(run, name) for name in (predictions.file_name(split), tags.file_name(split))), model)


def _of_one(run: RunFolder, split: str, by_time: bool) -> Said | None:
    stored = arrays.load(run, predictions.file_name(split), predictions.LAYOUT, _ONE, by_time=by_time)
    if stored is None:
        return None
    classes, ids = stored["classes"].tolist(), stored["ids"].tolist()
    labels = [classes[at] for at in stored["logits"].argmax(axis=1)] if ids else []
    groups = dict(zip(ids, stored["groups"].tolist(), strict=True)) if "groups" in stored else None
    return Said(split=split, classes=tuple(classes), labels=dict(zip(ids, labels, strict=True)), groups=groups)


def _of_several(run: RunFolder, split: str, by_time: bool) -> Said | None:
    predicted = tags.load(run, split, by_time=by_time) if run.ready else None
    return None if predicted is None else of_tags(predicted, tags.thresholds_of(run))


_READ: Mapping[Things, Callable[[RunFolder, str, bool], Said | None]] = {
    "pictures": _of_one,
    "texts": _of_one,
    "tags": _of_several,
}
