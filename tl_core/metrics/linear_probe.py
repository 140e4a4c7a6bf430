"""A linear classifier on rows of features: what a head amounts to, trained in a moment. Loads no TensorFlow."""

import contextlib
import functools
import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline
    from threadpoolctl import ThreadpoolController

#: Inverse strength of the L2 penalty for rows of length about one; for wider rows it is divided by their width, so
#: that it means the same at every width. It is fixed: choosing it on the images that measure would flatter the result.
INVERSE_PENALTY = 10.0


def predict(train: NDArray[np.float32], labels: NDArray[Any], held_out: NDArray[np.float32]) -> NDArray[Any]:
    """Train a logistic regression and return the classes that it predicts for other rows, ``(m,)``.

    Args:
        train: ``(n, channels)``.
        labels: ``(n,)``, the class of each; at least two different ones.
        held_out: ``(m, channels)``.
    """
    predicted: NDArray[Any] = _fitted(train, labels).predict(held_out)
    return predicted


def probabilities(
    train: NDArray[np.float32], labels: NDArray[np.integer], held_out: NDArray[np.float32], classes: int
) -> NDArray[np.float64]:
    """Train a logistic regression and return the probabilities that it gives other rows, ``(m, classes)``.

    Args:
        train: ``(n, channels)``.
        labels: ``(n,)`` from 0 to ``classes - 1``; at least two different ones.
        held_out: ``(m, channels)``.
        classes: how many there are; one that is not among ``labels`` gets 0.
    """
    model = _fitted(train, labels)
    shares = np.zeros((len(held_out), classes))
    shares[:, model.classes_] = model.predict_proba(held_out)
    return shares


def probabilities_each(
    train: NDArray[np.float32], tags: NDArray[np.bool_], held_out: NDArray[np.float32]
) -> NDArray[np.float64]:
    """Train a logistic regression for each tag and return the probabilities that they give other rows, ``(m, tags)``.

    Args:
        train: ``(n, channels)``.
        tags: ``(n, tags)`` which row has which; what all have, or none, has the probability 1, or 0.
        held_out: ``(m, channels)``.
    """
    shares = np.tile(tags.all(axis=0).astype(np.float64), (len(held_out), 1))
    for at in np.flatnonzero(tags.any(axis=0) & ~tags.all(axis=0)):
        shares[:, at] = probabilities(train, tags[:, at].astype(np.int64), held_out, 2)[:, 1]
    return shares


def _fitted(train: NDArray[np.float32], labels: NDArray[Any]) -> "Pipeline":
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    # Single precision and this tolerance take a fraction of the time and give the same accuracy.
    regression = LogisticRegression(C=INVERSE_PENALTY / train.shape[1], tol=1e-3, max_iter=1000)
    with single_thread():
        return make_pipeline(StandardScaler(), regression).fit(train, labels)


@contextlib.contextmanager
def single_thread() -> Iterator[None]:
    """Give the products of a head one thread, one head at a time."""
    with _one_at_a_time, _libraries().limit(limits=1, user_api="blas"):
        yield


#: The number of threads of BLAS belongs to the process: two that change it at once would leave it changed.
_one_at_a_time = threading.Lock()


@functools.cache
def _libraries() -> "ThreadpoolController":
    """Return what sets how many threads BLAS has.

    The products of a head are so small that its threads wait for each other most of the time: one alone is quicker,
    and many times so while other work goes on.
    """
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
