"""Cross-validation of the head on kept activations: every picture is answered by a head that has not seen it.

The pictures of the training and the validation part are dealt into folds; a linear head learns from all folds but one
and answers that one, and so on round. Done several times with other folds. The network itself does not train, so one
pass over the pictures, made by training already, serves all of it. The test part is never read.

A set of some dozens of pictures gets a much steadier figure so than from a validation part of ten: R. Kohavi, "A Study
of Cross-Validation and Bootstrap for Accuracy Estimation and Model Selection", IJCAI 1995.
"""

import io
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import duplicates, manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import InputError, Stopped
from tl_core.features import sources
from tl_core.features import store as features_store
from tl_core.metrics import intervals, linear_probe
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import storage_errors, write_bytes

if TYPE_CHECKING:
    from tl_core.features.cache import ActivationCache

#: Below so many pictures a validation part alone says too little: then training cross-validates at its end.
FEW = 200
FOLDS = 5
#: Times that all is done with other folds: few pictures make the figure depend on how they fell.
REPEATS = 5
#: From so many pictures on once is enough.
ONCE = 1000


def load(run: RunFolder) -> dict[str, Any] | None:
    """Return what cross-validation found for a run, None if it never ran. Loads no TensorFlow.

    Returns:
        ``{"ids", "labels", "classes", "probabilities", "accuracies", "n", "accuracy", "interval", "in_words",
        "baseline", "baseline_class", "folds", "repeats", "seconds"}``: ``labels`` ``(n,)`` are positions in
        ``classes`` by the list that the run was trained on, ``probabilities`` ``(n, classes)`` the mean answer of heads
        that had not seen the picture, ``accuracies`` those of each repeat. ``accuracy`` is their mean. Its interval
        (95 %, Wilson) counts each picture once: repeats are no more pictures.
    """
    path = _path(run)
    if not path.is_file():
        return None
    with storage_errors(), np.load(path) as file:
        found = {name: file[name] for name in file.files}
    classes = [str(name) for name in found["classes"]]
    return {
        **_figures(found["accuracies"], found["labels"], classes),
        "ids": [str(id_) for id_ in found["ids"]],
        "labels": found["labels"],
        "classes": classes,
        "probabilities": found["probabilities"],
        "folds": int(found["folds"]),
        "repeats": len(found["accuracies"]),
        "seconds": float(found["seconds"]),
    }


def run(folder: Path, progress: Progress, *, run: str) -> dict[str, Any]:
    """The ``crossval`` job: cross-validate the head of the run in the folder ``run``."""
    cross_validate(RunFolder(Path(run)), progress)
    return {}


def cross_validate(run: RunFolder, progress: Progress | None = None) -> dict[str, Any]:
    """Cross-validate, keep what was found with the run, and return what ``load`` returns.

    Raises:
        InputError: there are not two classes of two different pictures.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person pressed Stop; nothing was kept.
    """
    began, progress = time.perf_counter(), progress or Progress()
    data = manifest.load(run.project, run.recipe.manifest)
    table = _pictures(run)
    position = {name: number for number, name in enumerate(data.classes)}
    labels = np.array([position[name] for name in table["label"]], np.int64)
    groups = duplicates.groups(table)
    folds = _folds(labels, groups, data.classes)
    rows = _features(run, list(table["id"]), progress)
    repeats = REPEATS if len(labels) < ONCE else 1
    probabilities, accuracies = np.zeros((len(labels), len(data.classes))), []
    for repeat in range(repeats):
        fold = deal(labels, groups, folds, seed=repeat)
        answered = _answered(rows, labels, fold, len(data.classes), progress, (repeat, repeats))
        accuracies.append(float((answered.argmax(1) == labels).mean()))
        probabilities += answered / repeats
    buffer = io.BytesIO()
    np.savez(
        buffer,
        ids=table["id"].to_numpy(str),
        labels=labels,
        classes=np.array(data.classes, str),
        probabilities=probabilities.astype(np.float32),
        accuracies=np.array(accuracies),
        folds=folds,
        seconds=time.perf_counter() - began,
    )
    write_bytes(_path(run), buffer.getvalue())
    found = load(run)
    assert found is not None
    return found


def deal(labels: NDArray[np.integer], groups: NDArray[np.integer], folds: int, seed: int) -> NDArray[np.int64]:
    """Return the fold of each row: groups stay whole, and every class is spread over the folds as evenly as they allow.

    Args:
        labels: ``(n,)``.
        groups: ``(n,)`` rows of one number are alike and must not teach one another.
        folds: how many.
        seed: of the shuffle.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    fold = np.zeros(len(labels), np.int64)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)  # some folds are without it then
        dealt = list(StratifiedGroupKFold(folds, shuffle=True, random_state=seed).split(labels, labels, groups))
    for number, (_, held_out) in enumerate(dealt):
        fold[held_out] = number
    return fold


def _answered(
    rows: NDArray[np.float32],
    labels: NDArray[np.int64],
    fold: NDArray[np.int64],
    classes: int,
    progress: Progress,
    repeat: tuple[int, int],
) -> NDArray[np.float64]:
    """Return ``(n, classes)``: what heads that have not seen a picture say of it."""
    found = np.zeros((len(labels), classes))
    numbers = np.unique(fold)
    for done, number in enumerate(numbers, 1):
        if progress.stopped():
            raise Stopped("The cross-validation was stopped; nothing was kept.")
        out = fold == number
        found[out] = linear_probe.probabilities(rows[~out], labels[~out], rows[out], classes)
        at, repeats = repeat
        progress.emit("progress", what="heads", done=at * len(numbers) + done, total=repeats * len(numbers))
    return found


def _features(run: RunFolder, ids: list[str], progress: Progress) -> NDArray[np.float32]:
    """Return what the frozen network makes of the pictures, ``(n, channels)``."""
    pictures = sources.Pictures([manifest.image_path(run.project, id_) for id_ in ids], run.recipe.image_size)
    source = _cache(run).sources({"pictures": ids}, {"pictures": pictures}, progress)["pictures"]
    if not isinstance(source, sources.CachedActivations):
        raise InputError(
            "There is no room for what the network makes of the pictures: free some of the disk, or raise TL_CACHE_GB."
        )
    return source.read(range(len(ids)))


def _cache(run: RunFolder) -> "ActivationCache":
    from tl_core.features.cache import ActivationCache
    from tl_core.networks import backbone
    from tl_core.networks.model import Network

    recipe, workspace = run.recipe, run.project.workspace

    def build() -> Any:
        import keras

        keras.utils.set_random_seed(recipe.seed)
        spec = catalogue.get(recipe.backbone)
        return backbone.build(spec, recipe.image_size, weights=recipe.weights, workspace=workspace)

    network = Network(build, recipe.head, 2 if recipe.head.activation == "sigmoid" else len(run.classes))
    return ActivationCache(recipe, workspace.cache, "all", network.pooled)


def at_hand(run: RunFolder) -> bool:
    """Return whether the set is small and its activations are kept: then cross-validation takes a moment."""
    table = _pictures(run)
    if len(table) >= FEW:
        return False
    store = features_store.find(run.project.workspace.cache, _cache(run).key())
    return store is not None and not store.missing(list(table["id"]))


def _pictures(run: RunFolder) -> pd.DataFrame:
    table = manifest.load(run.project, run.recipe.manifest).table
    return table[table["split"].isin([TRAIN, VALIDATION])]


def _folds(labels: NDArray[np.int64], groups: NDArray[np.int64], classes: list[str]) -> int:
    """Return into how many folds the pictures go. Raises InputError if a fold would leave one class to learn from."""
    counts = [len(np.unique(groups[labels == number])) for number in range(len(classes))]
    if sum(count >= 2 for count in counts) < 2:
        few = ", ".join(f"“{name}” ({count})" for name, count in zip(classes, counts, strict=True) if count < 2)
        raise InputError(
            "Cross-validation needs two classes with at least two pictures each in training and validation that are no "
            f"copies of one another. Too few different ones in: {few}. Add some."
        )
    return min(FOLDS, max(2, min(counts)))


def _figures(accuracies: NDArray[np.floating], labels: NDArray[np.integer], classes: list[str]) -> dict[str, Any]:
    n, counts = len(labels), np.bincount(labels, minlength=len(classes))
    accuracy = float(np.mean(accuracies))
    right = accuracy * n
    often = "On average " if len(accuracies) > 1 else ""
    return {
        "n": n,
        "accuracy": accuracy,
        "accuracies": [float(each) for each in accuracies],
        "interval": list(intervals.wilson(right, n)),
        "in_words": often + intervals.in_words(right, n),
        "baseline": float(counts.max() / n),
        "baseline_class": classes[int(counts.argmax())],
    }


def _path(run: RunFolder) -> Path:
    return run.folder / "crossval.npz"
