"""A map of pictures: two numbers for each, so that pictures which the network sees alike lie together.

PCA shows the two directions in which the features differ most. t-SNE preserves neighbourhoods and gives up distances
between far groups (van der Maaten and Hinton, 2008, https://www.jmlr.org/papers/v9/vandermaaten08a.html).
Loads no Keras.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays
from tl_core.arrays import Array
from tl_core.errors import InputError, NotFoundError, Stopped
from tl_core.evaluation import predictions, tags
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: More pictures than this are not drawn: t-SNE would take minutes and the points would hide each other.
MOST = 2000
#: With fewer pictures t-SNE has no neighbourhoods to preserve.
LEAST = 5
#: Principal components that t-SNE starts from: as its authors did; the rest is mostly noise.
COMPONENTS = 50
#: About the number of neighbours that t-SNE keeps together: the usual value of its authors.
PERPLEXITY = 30.0


@dataclass(frozen=True)
class Placed:
    """The pictures of a split that can be placed.

    Attributes:
        ids: of the pictures.
        features: ``(n, channels)`` float32.
        correct: ``(n,)`` whether all that is predicted of each is right.
    """

    ids: list[str]
    features: NDArray[np.float32]
    correct: NDArray[np.bool_]


@dataclass(frozen=True)
class Selection:
    """The pictures of a map.

    Attributes:
        ids: of the pictures.
        features: ``(n, channels)`` float32.
        total: how many there are; more than ``len(ids)`` where some had to be left out.
    """

    ids: list[str]
    features: NDArray[np.float32]
    total: int


def select(splits: Sequence[Placed]) -> Selection:
    """Return the pictures of these splits; of more than MOST all that are predicted wrong, and others, evenly drawn."""
    ids = [id_ for split in splits for id_ in split.ids]
    if not ids:
        return Selection([], np.empty((0, 1), np.float32), 0)
    right = np.concatenate([split.correct for split in splits])
    order = np.argsort(right, kind="stable")
    wrong = min(int((~right).sum()), MOST)
    others = order[wrong:][np.linspace(0, len(ids) - wrong - 1, min(MOST, len(ids)) - wrong).round().astype(int)]
    rows = np.sort(np.concatenate([order[:wrong], others]))
    features = np.concatenate([split.features for split in splits])[rows]
    return Selection([ids[row] for row in rows], features, len(ids))


@dataclass(frozen=True)
class Components:
    """Principal components of features.

    Attributes:
        scores: ``(n, count)`` positions of the pictures, 0 where there are fewer than ``count`` components.
        shares: ``(count,)`` share of the variance that each explains, 0…1.
    """

    scores: NDArray[np.float64]
    shares: NDArray[np.float64]


def principal(features: NDArray[np.floating], count: int) -> Components:
    """Return the first principal components of features ``(n, channels)``; the same signs on every machine."""
    from sklearn.decomposition import PCA

    scores, shares = np.zeros((len(features), count)), np.zeros(count)
    some = min(count, *features.shape)
    if len(features) and np.ptp(features, axis=0).any():
        learner = PCA(some, svd_solver="covariance_eigh")
        scores[:, :some] = learner.fit_transform(features.astype(np.float64))
        shares[:some] = learner.explained_variance_ratio_
    return Components(scores, shares)


def tsne(features: NDArray[np.floating], seed: int) -> NDArray[np.float32]:
    """Return ``(n, 2)`` positions by t-SNE, started from the principal components; the same for the same seed.

    The perplexity is PERPLEXITY, and less for fewer pictures: a third of them.

    Raises:
        InputError: there are fewer than LEAST pictures.
    """
    if len(features) < LEAST:
        raise InputError(
            _("t-SNE needs {least} pictures or more; these are {number}. Look at the PCA map.").format(
                least=LEAST, number=len(features)
            )
        )
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    scores = principal(features, COMPONENTS).scores
    spread = scores[:, 0].std()
    if spread == 0:
        return np.zeros((len(features), 2), np.float32)
    learner = TSNE(
        init=(scores[:, :2] / spread * 1e-4).astype(np.float32),
        perplexity=min(PERPLEXITY, (len(features) - 1) / 3),
        random_state=seed,
        n_jobs=1,
    )
    # Threads that wait for each other cost more than they gain as soon as the machine has other work.
    with threadpool_limits(1):
        points: NDArray[np.float32] = learner.fit_transform(scores).astype(np.float32)
    return points


def run(folder: Path, progress: Progress, *, run: str, parts: list[str]) -> None:
    """The ``atlas`` job: place the pictures of some splits by t-SNE and store the positions with the run.

    Args:
        folder: the job's folder.
        progress: whether to stop.
        run: folder of a run that has a model.
        parts: the splits; job files call them so.

    Raises:
        NotFoundError: there are no predictions for a split.
        Stopped: a person pressed Stop.
    """
    of = RunFolder(Path(run))
    every = [stored(of, split) for split in parts]
    if None in every:
        named = ", ".join(parts)
        raise NotFoundError(
            _("Run {run} has no predictions for all of: {parts}. Open its Results first.").format(
                run=of.reference, parts=named
            )
        )
    pictures = select([each for each in every if each is not None])
    points = tsne(pictures.features, of.recipe.seed)
    if progress.stopped():
        raise Stopped(_("Stopped; nothing was saved."))
    arrays.save(of, _name(parts), ids=np.array(pictures.ids, str), points=points)


def stored(run: RunFolder, split: str) -> Placed | None:
    """Return the pictures of a split as a run's model sees them; None where that is not stored."""
    if (of_one := predictions.load(run, split)) is not None:
        return Placed(of_one.ids, of_one.features, of_one.correct)
    if (of_several := tags.load(run, split)) is not None:
        return Placed(of_several.ids, of_several.features, of_several.right(tags.thresholds_of(run)))
    return None


#: What is stored of ``n`` pictures.
LAYOUT = {"ids": Array(kind="U", axes="n"), "points": Array(kind="f", axes="n2")}


def load(run: RunFolder, splits: Sequence[str]) -> dict[str, NDArray[np.float32]] | None:
    """Return the positions ``(2,)`` of the pictures by t-SNE, by id; None if not computed for the present model."""
    found = arrays.load(run, _name(splits), LAYOUT)
    return dict(zip(found["ids"].tolist(), found["points"], strict=True)) if found else None


def _name(splits: Sequence[str]) -> str:
    return f"atlas-{'-'.join(splits)}"
