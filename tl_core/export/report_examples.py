"""Pictures or texts that a model gets right and wrong, each with what speaks for the answer."""

import base64
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import image, kinds, manifest
from tl_core.errors import Stopped, TLError
from tl_core.evaluation import scores, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.tags import TagPredictions
from tl_core.explain import heatmap, overlay, service, text_service
from tl_core.export import pictures
from tl_core.language import N_, _
from tl_core.networks import examples
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: At most so many are shown, and how they are called.
MOST_WRONG = 6
RIGHT = (N_("Right and most certain"), N_("Right, in between"), N_("Right and least certain"))
#: Longer side of a picture, in pixels.
SIDE = 260
#: Characters of a text, and words that are named of it, at most.
MOST_CHARACTERS, MOST_WORDS = 300, 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """A picture or a text, and what the model says of it.

    Attributes:
        title: which of the right ones it is; "" for a wrong one.
        picture: as a data address; "" where it cannot be read, or for a text.
        text: as its beginning; "" for a picture.
        words: what in a text speaks for the answer, a sentence; "" for none.
        heat: the same with the map over it; "" where there is none.
        where: where in the picture the evidence lies, in words; "" where that is not known.
        truth: its class.
        answer: the class that the model names.
        probability: of that, in words; "" of several tags.
        refused: whether the app says "none of these".
    """

    title: str
    picture: str = ""
    text: str = ""
    words: str = ""
    heat: str = ""
    where: str = ""
    truth: str
    answer: str
    probability: str = ""
    refused: bool = False


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
    return Example(
        title=title,
        **SHOWN.get(kinds.of(run.project), _picture)(run, predicted.ids[row], answer),
        truth=predicted.classes[int(predicted.truth[row])],
        answer=answer,
        probability=wording.certainty(float(one.confidence[0])),
        refused=known is not None and known.refused,
    )


def right_tags(run: RunFolder, predicted: TagPredictions, given: NDArray[np.bool_]) -> list[Example]:
    """Return up to three pictures that get exactly the tags that they have, ``given`` ``(n, tags)``."""
    rows = np.flatnonzero((given == predicted.truth).all(axis=1))
    chosen = [int(rows[at]) for at in pictures.spread(len(rows), len(RIGHT))] if len(rows) else []
    return [_tagged(run, predicted, row, given, _("Right")) for row in chosen]


def wrong_tags(run: RunFolder, predicted: TagPredictions, given: NDArray[np.bool_]) -> list[Example]:
    """Return up to six pictures that get other tags than they have, those with most wrong ones first."""
    wrong = (given != predicted.truth).sum(axis=1)
    rows = np.argsort(-wrong, kind="stable")[:MOST_WRONG].tolist()
    return [_tagged(run, predicted, row, given, "") for row in rows if wrong[row]]


def _tagged(run: RunFolder, predicted: TagPredictions, row: int, given: NDArray[np.bool_], title: str) -> Example:
    def words(chosen: NDArray[np.bool_]) -> str:
        return ", ".join(tag for tag, is_given in zip(predicted.tags, chosen, strict=True) if is_given) or _("no label")

    picture = thumbnail(run, predicted.ids[row], SIDE)
    return Example(title=title, picture=picture, truth=words(predicted.truth[row]), answer=words(given[row]))


def _picture(run: RunFolder, id_: str, answer: str) -> dict[str, str]:
    heat, where = _heat(run, id_, answer)
    return {"picture": thumbnail(run, id_, SIDE), "heat": heat, "where": where}


def _text(run: RunFolder, id_: str, answer: str) -> dict[str, str]:
    return {"text": beginning(run, id_), "words": _words(run, id_, answer)}


#: How an example of a kind of task is shown, given its id and the answer of the model: fields of ``Example``.
SHOWN: dict[Things, Callable[[RunFolder, str, str], dict[str, str]]] = {"texts": _text}


def beginning(run: RunFolder, id_: str) -> str:
    """Return the beginning of a text of a run."""
    (text,) = examples.of_ids(run.project, run.recipe, [id_]).items
    whole = " ".join(text.split())
    return whole if len(whole) <= MOST_CHARACTERS else f"{whole[:MOST_CHARACTERS].rstrip()} …"


def _words(run: RunFolder, id_: str, answer: str) -> str:
    """Return which words of a text speak for an answer, a sentence; "" where that cannot be said."""
    (text,) = examples.of_ids(run.project, run.recipe, [id_]).items
    try:
        found = text_service.why_words(run.folder, text, answer)
    except TLError:
        return ""
    words = [found.of(word) for word in found.strongest() if any(map(str.isalnum, found.of(word)))][:MOST_WORDS]
    quoted = ", ".join(map(wording.quoted, words))
    return _("Most speaks for it: {words}").format(words=quoted) if words else ""


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
