"""A map of pictures: two numbers for each, so that pictures which the network sees alike lie together.

PCA keeps the two directions in which the features differ most. t-SNE keeps neighbours together and gives up distances
between far groups (van der Maaten and Hinton, 2008, https://www.jmlr.org/papers/v9/vandermaaten08a.html).
Loads no Keras.
"""

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import storage_errors, write_bytes

#: More pictures than this are not drawn: t-SNE would take minutes and the points would hide each other.
MOST = 2000
#: t-SNE needs so many.
LEAST = 5
#: t-SNE starts from so many principal components; its neighbourhoods hold about so many pictures.
COMPONENTS, PERPLEXITY = 50, 30.0


@dataclass(frozen=True)
class Gathered:
    """The pictures of a map.

    Attributes:
        ids: of the pictures.
        features: ``(n, channels)``.
        total: how many there are; more than ``len(ids)`` where some had to be left out.
    """

    ids: list[str]
    features: NDArray[np.float32]
    total: int


def gathered(parts: Sequence[Predictions]) -> Gathered:
    """Return the pictures of these parts; of more than MOST all that the model gets wrong, and others, evenly drawn."""
    ids = [id_ for part in parts for id_ in part.ids]
    if not ids:
        return Gathered([], np.empty((0, 1), np.float32), 0)
    right = np.concatenate([part.correct for part in parts])
    order = np.argsort(right, kind="stable")
    wrong = min(int((~right).sum()), MOST)
    others = order[wrong:][np.linspace(0, len(ids) - wrong - 1, min(MOST, len(ids)) - wrong).round().astype(int)]
    rows = np.sort(np.concatenate([order[:wrong], others]))
    features = np.concatenate([part.features for part in parts])[rows]
    return Gathered([ids[row] for row in rows], features, len(ids))


def principal(features: NDArray[np.floating], count: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return principal components of features ``(n, channels)``.

    Returns:
        ``(n, count)`` positions, 0 where there are fewer than ``count`` components; and ``(count,)`` the share of the
        variance that each explains.
    """
    centred = features.astype(np.float64) - features.mean(axis=0, keepdims=True)
    wide = centred.shape[1] > centred.shape[0]
    values, vectors = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    values, vectors = np.clip(values[::-1][:count], 0, None), vectors[:, ::-1][:, :count]
    scores = vectors * np.sqrt(values) if wide else centred @ vectors
    largest = scores[np.abs(scores).argmax(axis=0), np.arange(scores.shape[1])]
    scores = scores * np.where(largest < 0, -1.0, 1.0)  # else each machine may mirror the map in its own way
    total = float((centred**2).sum())
    missing = count - scores.shape[1]
    shares = values / total if total > 0 else np.zeros(len(values))
    return np.pad(scores, ((0, 0), (0, missing))), np.pad(shares, (0, missing))


def tsne(features: NDArray[np.floating], seed: int) -> NDArray[np.float32]:
    """Return ``(n, 2)`` positions by t-SNE, started from the principal components; the same for the same seed.

    The perplexity is PERPLEXITY, and less for fewer pictures: a third of them.

    Raises:
        InputError: there are fewer than LEAST pictures.
    """
    if len(features) < LEAST:
        raise InputError(f"t-SNE needs {LEAST} pictures or more; these are {len(features)}. Look at the PCA map.")
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    scores, _ = principal(features, COMPONENTS)
    spread = scores[:, 0].std()
    if spread == 0:
        return np.zeros((len(features), 2), np.float32)
    learner = TSNE(
        init=(scores[:, :2] / spread * 1e-4).astype(np.float32),
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),
        random_state=seed,
        n_jobs=1,
    )
    # Threads that wait for each other cost more than they bring as soon as the machine has other work.
    with threadpool_limits(1):
        points: NDArray[np.float32] = learner.fit_transform(scores).astype(np.float32)
    return points


def run(folder: Path, progress: Progress, *, run: str, parts: list[str]) -> dict[str, Any]:
    """The ``atlas`` job: place the pictures of these parts by t-SNE and keep the places with the run.

    Raises:
        NotFoundError: the answers to a part were not computed.
        Stopped: a person pressed Stop.
    """
    of = RunFolder(Path(run))
    found = [predictions.load(of, part) for part in parts]
    if None in found:
        raise NotFoundError(f"Run {of.reference} has not been asked about all of: {', '.join(parts)}. Do that first.")
    pictures = gathered([part for part in found if part is not None])
    began = time.perf_counter()
    points = tsne(pictures.features, of.recipe.seed)
    if progress.stopped():
        raise Stopped("Stopped; nothing was kept.")
    buffer = io.BytesIO()
    np.savez(buffer, ids=np.array(pictures.ids, str), points=points)
    write_bytes(_path(of, parts), buffer.getvalue())
    return {"pictures": len(points), "seconds": time.perf_counter() - began}


def kept(run: RunFolder, parts: Sequence[str]) -> dict[str, NDArray[np.float32]] | None:
    """Return the places ``(2,)`` of the pictures by t-SNE, by id; None if they were not computed for this model."""
    path = _path(run, parts)
    if not path.is_file():
        return None
    with storage_errors(), np.load(path) as file:
        return dict(zip((str(id_) for id_ in file["ids"]), file["points"], strict=True))


def _path(run: RunFolder, parts: Sequence[str]) -> Path:
    return run.folder / f"atlas-{'-'.join(parts)}-{run.require_model().stat().st_mtime_ns}.npz"
