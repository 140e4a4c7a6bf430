"""The model of a run as a page that answers in any browser."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.evaluation import box_record, inference
from tl_core.export import outputs, page_file, page_size, page_words, reference, refusal, tfjs
from tl_core.export.page_file import PageAbout
from tl_core.files import write_bytes
from tl_core.language import _
from tl_core.networks import bert_weights, saved, text_catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Training pictures that a picture is compared with at most: each takes as many bytes as it has features.
MOST_KNOWN = 2000
#: Tags that a page shows at most.
MOST_TAGS = 12


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the page of a run.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: TF.js does not know an operation of the network.
        StorageError: the disk is full.
    """
    inference.ensure(run, progress)
    model, rule = saved.of_run(run), refusal.of(run, MOST_KNOWN)
    rows = eight_bits(rule.training) if rule else np.empty((0, 0), np.int8)
    reads = READS.get(kinds.of(run.project), _pictures)(run)
    about = PageAbout(
        title=run.project.name,
        classes=run.classes,
        size=run.recipe.image_size,
        sentence=page_words.sentence(run),
        accuracy=page_words.accuracy(run),
        facts=page_words.facts(run),
        refuses=rule is not None,
        features=rows.shape[1],
        threshold=rule.threshold if rule else 0.0,
        takes=reads.takes,
        lower=reads.lower,
        confidence=reads.confidence,
        **answers(run),
    )
    length = about.size if reads.vocabulary else None
    graph = tfjs.convert(outputs.with_features(model) if rule else model, length)
    content = page_file.page(about, graph, rows.tobytes(), reads.vocabulary)
    if len(content) > page_size.LARGE:
        text = _("A phone may not open the page: it has {size}. Train a smaller network.").format(
            size=wording.size(len(content))
        )
        progress.emit("warning", text=text)
    write_bytes(target, content)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How a page reads its examples: fields of ``PageAbout``, and the ``vocabulary`` of a network for texts."""

    takes: str = "pictures"
    lower: bool = False
    confidence: float = 0.0
    vocabulary: bytes = b""


def _pictures(run: RunFolder) -> Reading:
    return Reading()


def _texts(run: RunFolder) -> Reading:
    network = text_catalogue.get(run.recipe.backbone)
    return Reading(takes="texts", lower=network.lower, vocabulary=bert_weights.vocabulary(network))


def _boxes(run: RunFolder) -> Reading:
    return Reading(takes="boxes", confidence=box_record.results_of(run).chosen.confidence)


#: Of what is not a picture with labels.
READS: dict[Things, Callable[[RunFolder], Reading]] = {"texts": _texts, "boxes": _boxes}


def answers(run: RunFolder) -> dict[str, Any]:
    """Return the fields of ``PageAbout`` by which the page of a run answers with several classes, or none."""
    app = reference.of(run)
    if app is None or app.thresholds is None:
        return {}
    return {"thresholds": app.thresholds.tolist(), "bars": MOST_TAGS}


def eight_bits(rows: NDArray[np.float32]) -> NDArray[np.int8]:
    """Return rows with whole numbers -127 to 127, each row on a scale of its own: only its direction counts."""
    largest = np.abs(rows).max(axis=1, keepdims=True)
    return np.rint(127 * rows / np.where(largest > 0, largest, 1)).astype(np.int8)
