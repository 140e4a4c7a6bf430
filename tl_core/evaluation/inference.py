"""Run the model of a run over every image of a split, from stored activations where there are any."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import Stopped
from tl_core.evaluation import box_record, boxes, predictions, tags
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.tags import TagPredictions
from tl_core.features import sources
from tl_core.features.runtime import forward
from tl_core.features.sources import CachedActivations, Inputs
from tl_core.language import _
from tl_core.networks import activations, examples, saved, taps
from tl_core.progress import Progress
from tl_core.runs import RunFolder


def infer(run: RunFolder, model: keras.Model, split: str, progress: Progress, classes: list[str]) -> Predictions:
    """Return the predictions of a model for a split of its run.

    Args:
        run: whose model it is.
        model: as ``Network.whole`` returns it.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        progress: hears how many images are done.
        classes: names in the order of the model's output.

    Raises:
        Stopped: a person pressed Stop.
    """
    table = predictions.pictures_of(run, split)
    reader = Reader(run, model)
    features, logits = _read(reader, table, progress, len(classes))
    position = {name: number for number, name in enumerate(classes)}
    return Predictions(
        split=split,
        classes=classes,
        ids=list(table["id"]),
        truth=np.array([position[name] for name in table["label"]], np.int64),
        features=features,
        logits=logits,
        temperature=reader.taps.temperature,
        groups=predictions.groups_of(run, list(table["id"])),
    )


def infer_tags(run: RunFolder, model: keras.Model, split: str, progress: Progress, names: list[str]) -> TagPredictions:
    """Return the same for images with several labels each, of these tags."""
    table = predictions.pictures_of(run, split)
    features, logits = _read(Reader(run, model), table, progress, len(names))
    ids = list(table["id"])
    return TagPredictions(
        split=split,
        tags=names,
        ids=ids,
        truth=tags.truth_of(run, ids, names),
        features=features,
        logits=logits,
        groups=predictions.groups_of(run, ids),
    )


def _read(
    reader: "Reader", table: pd.DataFrame, progress: Progress, units: int
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return features ``(n, channels)`` and logits ``(n, units)`` of rows of a manifest."""
    pictures = examples.of_rows(reader.run.project, reader.run.recipe, table)
    batches = list(reader.read(list(table["id"]), pictures, progress)) if len(table) else []
    features = _joined([pooled for pooled, _ in batches], reader.taps.channels)
    return features, _joined([logits[:, -units:] for _, logits in batches], units)


class Reader:
    """A whole model, cut where its run has stored activations, at the pooling, and at the logits.

    Attributes:
        taps: where its head begins.
        line: name of the layer after which activations are stored, None for none.
    """

    def __init__(self, run: RunFolder, model: keras.Model) -> None:
        self.run = run
        self.model = model
        self.taps = taps.of(model)
        self.line = _line(run) if self.taps.outputs else None

    def read(
        self, ids: list[str], pictures: Inputs, progress: Progress
    ) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
        """Yield pooled features ``(m, channels)`` and logits ``(m, classes)`` of the images, batch by batch."""
        source = self._source(ids, pictures, progress)
        start = self._start if isinstance(source, CachedActivations) else self.model.inputs[0]
        seen = self.taps.pooled
        pooled = None if start is seen else forward(keras.Model(start, seen))
        head = forward(keras.Model(seen, self.taps.logits))
        done = 0
        for batch in _batches(source, len(ids)):
            if progress.stopped():
                raise Stopped(_("Stopped before every picture was predicted. Nothing was saved."))
            values = pooled(batch) if pooled else batch
            yield values.reshape(len(values), -1, self.taps.channels).mean(axis=1), both(head(values))
            done += len(batch)
            progress.emit("progress", what="pictures", done=done, total=len(ids))

    def _source(self, ids: list[str], pictures: Inputs, progress: Progress) -> CachedActivations | Inputs:
        if self.line is None:
            return pictures
        cache = activations.cache(
            self.run, self.line, lambda: keras.Model(self.model.inputs[0], self._start), of_model=True
        )
        return cache.sources({"pictures": ids}, {"pictures": pictures}, progress)["pictures"]

    @property
    def _start(self) -> Any:
        return self.taps.outputs[taps.POOLING if self.line == "all" else str(self.line)]


def run(folder: Path, progress: Progress, *, run: str) -> None:
    """The ``answers`` job: predict the training and validation images of the run in the folder ``run``."""
    ensure(RunFolder(Path(run)), progress)


def ensure(run: RunFolder, progress: Progress | None = None) -> None:
    """Store the predictions for training and validation images where those of the present model are not there.

    Raises:
        NotFoundError: the run has no model yet.
        Stopped: a person pressed Stop.
    """
    run.require_model()
    splits, stored, store = _BY_KIND[kinds.of(run.project)]
    for split in splits:
        if not stored(run, split):
            store(run, split, progress or Progress())


def _store(run: RunFolder, split: str, progress: Progress) -> None:
    predictions.save(run, infer(run, saved.of_run(run), split, progress, run.classes))


def _store_tags(run: RunFolder, split: str, progress: Progress) -> None:
    tags.save(run, infer_tags(run, saved.of_run(run), split, progress, run.classes))


_IS_STORED = Callable[[RunFolder, str], bool]
_STORE = Callable[[RunFolder, str, Progress], Any]
_BOTH = ("validation", "train")
#: Which splits are predicted, whether one is, and what does it.
_BY_KIND: Mapping[Things, tuple[Sequence[str], _IS_STORED, _STORE]] = {
    "pictures": (_BOTH, predictions.is_stored, _store),
    "texts": (_BOTH, predictions.is_stored, _store),
    "tags": (_BOTH, tags.is_stored, _store_tags),
    "boxes": (("validation",), box_record.is_stored, boxes.store),
}


def _line(run: RunFolder) -> str | None:
    """Return the line at which activations of a run are stored: fine-tuning changed all that comes after its line."""
    if not run.history().of("fine-tune"):
        return "all"
    return None if run.recipe.freeze == "none" else run.recipe.freeze


def _batches(source: CachedActivations | Inputs, count: int) -> Iterator[NDArray[Any]]:
    if isinstance(source, Inputs):
        yield from source.batches()
        return
    for at in range(0, count, sources.MOST_AT_A_TIME):
        yield source.read(range(at, min(at + sources.MOST_AT_A_TIME, count)))


def both(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return logits ``(n, classes)``: of two classes for the one ``(n, 1)`` of a sigmoid."""
    return np.concatenate([np.zeros_like(logits), logits], axis=1) if logits.shape[1] == 1 else logits


def _joined(batches: list[NDArray[np.float32]], width: int) -> NDArray[np.float32]:
    return np.concatenate(batches) if batches else np.empty((0, width), np.float32)
