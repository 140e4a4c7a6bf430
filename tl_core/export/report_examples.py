"""Pictures that a model gets right and wrong, each with where it looked."""

import base64
from dataclasses import dataclass

import numpy as np

from tl_core import wording
from tl_core.dataset import image, manifest
from tl_core.errors import Stopped, TLError
from tl_core.evaluation import scores, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import heatmap, overlay, service
from tl_core.export import pictures
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: At most so many are shown, and how they are called.
MOST_WRONG = 6
RIGHT = (N_("Right and most certain"), N_("Right, in between"), N_("Right and least certain"))
#: Longer side of a picture, in pixels.
SIDE = 260


@dataclass(frozen=True, kw_only=True)
class Example:
    """A picture and what the model says of it.

    Attributes:
        title: which of the right ones it is; "" for a wrong one.
        picture: as a data address; "" where it cannot be read.
        heat: the same with the map over it; "" where there is none.
        where: where in the picture the evidence lies, in words; "" where that is not known.
        truth: its class.
        answer: the class that the model names.
        probability: of that, in words.
        refused: whether the app says "none of these".
    """

    title: str
    picture: str
    heat: str
    where: str
    truth: str
    answer: str
    probability: str
    refused: bool


def right(run: RunFolder, predicted: Predictions, progress: Progress) -> list[Example]:
    """Return three pictures that are right: the most certain one, the least certain one, and one in between."""
    rows = np.flatnonzero(predicted.correct)
    rows = rows[np.argsort(-predicted.confidence[rows], kind="stable")]
    chosen = [rows[at] for at in pictures.spread(len(rows), len(RIGHT))] if len(rows) else []
    titles = [*map(_, RIGHT)] if len(chosen) == len(RIGHT) else [_("Right")] * len(chosen)
    return [_example(run, predicted, int(row), title, progress) for row, title in zip(chosen, titles, strict=True)]


def wrong(run: RunFolder, predicted: Predictions, progress: Progress) -> list[Example]:
    """Return up to six pictures that are wrong, the most confident first, no two of which are alike."""
    mistakes = scores.mistakes(predicted.at(~predicted.correct).apart())[:MOST_WRONG]
    row = {id_: at for at, id_ in enumerate(predicted.ids)}
    return [_example(run, predicted, row[id_], "", progress) for id_ in mistakes]


def _example(run: RunFolder, predicted: Predictions, row: int, title: str, progress: Progress) -> Example:
    if progress.stopped():
        raise Stopped(_("Stopped before the report was ready. Nothing was saved."))
    answer, one = predicted.classes[int(predicted.predicted[row])], predicted.at([row])
    (known,) = unknowns.judge(run, one.features, one.probabilities)
    heat, where = _heat(run, predicted.ids[row], answer)
    return Example(
        title=title,
        picture=thumbnail(run, predicted.ids[row], SIDE),
        heat=heat,
        where=where,
        truth=predicted.classes[int(predicted.truth[row])],
        answer=answer,
        probability=wording.certainty(float(one.confidence[0])),
        refused=known is not None and known.refused,
    )


def _heat(run: RunFolder, id_: str, label: str) -> tuple[str, str]:
    """Return a picture with its Grad-CAM for a class, and where that lies; two times "" where there is none."""
    try:
        path = str(manifest.image_path(run.project, id_))
        found = service.grad_cam(run.folder, path, label)
        return _address(overlay.overlay(path, found.heat, SIDE)), heatmap.where(found.heat)
    except TLError:
        return "", ""


def thumbnail(run: RunFolder, id_: str, side: int) -> str:
    """Return a picture of a run as a data address, its longer side at most ``side`` pixels; "" if it cannot be read."""
    try:
        return _address(image.thumbnail(manifest.image_path(run.project, id_), side))
    except TLError:
        return ""


def _address(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
