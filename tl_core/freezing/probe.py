"""The layer probe: how well each block of a network, as it is, tells a person's classes apart.

At the end of each block the feature map is averaged to one row of numbers per picture, and a linear classifier is
trained on those rows: G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes",
2016, https://arxiv.org/abs/1610.01644. The network itself does not train, so one pass over the pictures serves all
blocks. The test part is never read.
"""

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import manifest, notes
from tl_core.errors import InputError, Stopped
from tl_core.features import sources
from tl_core.metrics import intervals, linear_probe
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.workspace import Project, read_json, write_json

if TYPE_CHECKING:
    import keras
    import pandas as pd

    from tl_core.networks.cut import Block

#: More pictures than these would not move the curve by much; they are the same ones each time.
MOST = {"train": 4000, "validation": 2000}
#: A difference that chance would bring about less often than this is not noise.
SIGNIFICANCE = 0.05


def kept(project: Project, backbone_id: str, size: int, manifest_version: int) -> dict[str, Any] | None:
    """Return what the probe found for these pictures, None if it never ran on them. Loads no TensorFlow.

    Returns:
        ``{"backbone", "size", "manifest", "train", "n", "chance", "blocks", "suggested", "why", "seconds"}``: ``train``
        and ``n`` are the numbers of training and validation pictures, ``chance`` is the accuracy of always naming the
        class that is most frequent in training. Each block, from the picture upwards, is ``{"id", "label",
        "accuracy", "interval"}`` (95 %, Wilson). ``suggested`` is a freeze line, ``why`` a sentence about it.
    """
    path = _path(project, backbone_id, size, manifest_version)
    return read_json(path) if path.is_file() else None


def run(
    folder: Path, progress: Progress, *, project: str, backbone: str, size: int, manifest: int | None = None
) -> dict[str, Any]:
    """Probe a network on the pictures of a project and keep what was found: the "probe" job.

    Args:
        folder: the job's folder.
        progress: told pictures, then blocks.
        project: folder of the project.
        backbone: id of a row of the catalogue; its weights have to be here.
        size: side of the pictures in pixels.
        manifest: version of the list of pictures, None for the current one.

    Raises:
        InputError: the pictures cannot be trained on, or are too small for the network.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person stopped it.
    """
    found = probe(Project(Path(project)), backbone, size, manifest, progress)
    write_json(_path(Project(Path(project)), backbone, size, found["manifest"]), found)
    return found


def probe(
    project: Project, backbone_id: str, size: int, version: int | None = None, progress: Progress | None = None
) -> dict[str, Any]:
    """Return what ``kept`` returns, found anew and not kept. Raises what ``run`` raises."""
    from tl_core.networks import backbone, cut

    began, progress = time.perf_counter(), progress or Progress()
    data = manifest.load(project, version)
    if problems := notes.problems(data):
        raise InputError(" ".join(problems))
    spec = catalogue.get(backbone_id)
    parts = {name: _sample(data.split(name), most) for name, most in MOST.items()}
    progress.emit("message", text=f"Loading {spec.title}")
    network = backbone.build(spec, size, weights="imagenet", workspace=project.workspace)
    blocks = cut.blocks(network)
    paths = [manifest.image_path(project, id_) for part in parts.values() for id_ in part["id"]]
    rows = _pooled(sources.Pictures(paths, size), network, blocks, progress)
    labels = {name: part["label"].to_numpy(str) for name, part in parts.items()}
    hits = _hits(rows, labels, blocks, progress)
    guess = max(set(labels["train"]), key=list(labels["train"]).count)
    chance = labels["validation"] == guess
    suggested, why = suggestion([block.id for block in blocks], [block.label for block in blocks], hits, chance)
    return {
        "backbone": spec.id,
        "size": size,
        "manifest": data.version,
        "train": len(parts["train"]),
        "n": len(parts["validation"]),
        "chance": float(chance.mean()),
        "blocks": [_measured(block, hit) for block, hit in zip(blocks, hits, strict=True)],
        "suggested": suggested,
        "why": why,
        "seconds": round(time.perf_counter() - began, 1),
    }


def _sample(part: "pd.DataFrame", most: int) -> "pd.DataFrame":
    """Return at most about that many pictures, every class with its share. Ids are as good as random numbers."""
    share = min(1.0, most / max(1, len(part)))
    order = part.sort_values("id")
    rank = order.groupby("label").cumcount()
    count = order.groupby("label")["id"].transform("size")
    chosen: pd.DataFrame = order[rank < np.ceil(share * count)]
    return chosen


def _pooled(
    pictures: sources.Pictures, network: "keras.Model", blocks: Sequence["Block"], progress: Progress
) -> list[NDArray[np.float32]]:
    """Return for each block the averaged feature map of every picture, ``(n, channels)``."""
    import keras

    from tl_core.features.runtime import forward
    from tl_core.networks.graph import Graph

    ends = Graph(network).outputs
    averages = [keras.layers.GlobalAveragePooling2D()(ends[block.id]) for block in blocks]
    look = forward(keras.Model(network.input, keras.layers.Concatenate()(averages)), len(pictures))
    found: list[NDArray[np.float32]] = []
    for batch in pictures.batches():
        _stop_if_asked(progress)
        found.append(look(batch))
        done = min(len(found) * sources.BATCH, len(pictures))
        progress.emit("progress", what="pictures", done=done, total=len(pictures))
    widths = [block.shape[-1] for block in blocks]
    return np.split(np.concatenate(found), np.cumsum(widths)[:-1], axis=1)


def _hits(
    rows: list[NDArray[np.float32]],
    labels: dict[str, NDArray[np.str_]],
    blocks: Sequence["Block"],
    progress: Progress,
) -> list[NDArray[np.bool_]]:
    """Return for each block which validation pictures a linear classifier on its rows names right.

    Args:
        rows: for each block, those of the training pictures, then those of the validation pictures.
        labels: of both parts.
        blocks: in the order of ``rows``.
        progress: told the blocks.
    """
    found, count = [], len(labels["train"])
    for number, values in enumerate(rows, 1):
        _stop_if_asked(progress)
        found.append(linear_probe.answers(values[:count], labels["train"], values[count:]) == labels["validation"])
        progress.emit("progress", what="blocks", done=number, total=len(blocks))
    return found


def _measured(block: "Block", hits: NDArray[np.bool_]) -> dict[str, Any]:
    measured = intervals.accuracy(int(hits.sum()), len(hits))
    return {
        "id": block.id,
        "label": block.label,
        "accuracy": measured["accuracy"],
        "interval": measured["interval"],
    }


def suggestion(
    ids: Sequence[str], labels: Sequence[str], hits: Sequence[NDArray[np.bool_]], chance: NDArray[np.bool_]
) -> tuple[str, str]:
    """Return the freeze line that the accuracies speak for, and why, as a sentence.

    The line is the highest block whose features are not worse than the best ones by more than noise: of all lines that
    keep what is good it leaves the least to train (as the one-standard-error rule of Breiman et al., "Classification
    and Regression Trees", 1984, takes the simplest of the models that cannot be told from the best one).

    Args:
        ids: of the blocks, from the picture upwards.
        labels: of the same blocks.
        hits: for each block ``(n,)``, which pictures it named right.
        chance: ``(n,)``, which pictures the most frequent class is right for.
    """
    rights = [int(hit.sum()) for hit in hits]
    best = max(range(len(ids)), key=lambda at: (rights[at], at))
    pictures = f"{len(chance)} validation pictures"
    if not _is_worse(chance, hits[best], len(ids)):
        return "none", (
            f"No block tells your classes apart better than guessing: the best has {rights[best]} of {pictures} right, "
            f"always naming the most frequent class {int(chance.sum())}. What the network knows does not help here, "
            "so nothing is worth freezing. Look whether the pictures lie in the right classes."
        )
    line = max(at for at in range(len(ids)) if not _is_worse(hits[at], hits[best], len(ids)))
    if line < len(ids) - 1:
        return ids[line], (
            f"From “{labels[line]}” a linear classifier has {rights[line]} of {pictures} right, from the top of the "
            f"network only {rights[-1]}: the blocks behind it were made for other pictures. "
            "Freeze up to it and train the rest."
        )
    if best == line:
        return "all", (
            f"The top of the network tells your classes apart best: {rights[-1]} of {pictures} right. "
            "Freeze everything and train only the head; fine-tuning may still add a little."
        )
    return "all", (
        f"The top of the network has {rights[-1]} of {pictures} right, “{labels[best]}” {rights[best]}: "
        "too small a difference to tell from chance. Freeze everything and train only the head."
    )


def _is_worse(hits: NDArray[np.bool_], best: NDArray[np.bool_], choices: int) -> bool:
    """Return True if ``best`` beats ``hits`` by more than noise, on the pictures where they differ (sign test).

    The best of many choices is partly the luckiest, so the bound is divided by their number (Bonferroni).
    """
    wins, losses = int((best & ~hits).sum()), int((hits & ~best).sum())
    tail = sum(math.comb(wins + losses, lost) for lost in range(losses + 1))
    return bool(tail / 2 ** (wins + losses) < SIGNIFICANCE / choices)


def _stop_if_asked(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped("The probe was stopped; nothing was kept.")


def _path(project: Project, backbone_id: str, size: int, version: int) -> Path:
    return project.folder / "probes" / f"{catalogue.get(backbone_id).id}-{size}-{version}.json"
